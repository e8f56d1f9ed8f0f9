"""What a language model makes of a message that the grammar doesn't understand: proposed changes, each held here.

A change stands where its value is in the words that were said; what a model concluded ("twice as much" -> 600 lb) is
put to the person as a question, with the value as the proposal.
"""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import Field

from backend.agents.corrections import Correction
from backend.errors import InputError
from backend.intent.proposed import Form, quote_in, value_in
from backend.llm import Account, Provider, Terms
from backend.llm.prompts import prompt, quoted
from backend.schema import Question

Short = Annotated[str, Field(max_length=200)]


class SpokenChange(Form):
    """One setting that the message changes."""

    name: Annotated[str, Field(max_length=60)]
    value: Short
    quote: Short


class Spoken(Form):
    """What a message changes."""

    changes: Annotated[list[SpokenChange], Field(max_length=10)]
    unclear: Annotated[str, Field(max_length=400)] = ""


async def interpret(
    provider: Provider, brief: str, answers: dict[str, str], message: str, account: Account | None = None
) -> Correction | None:
    """The correction that a model reads in a message; None where it reads none. Raises LlmError."""
    from backend.agents.conversational_agent import understand
    from backend.design import get_family

    intent = understand(brief, answers)
    if intent.family is None:
        return None
    spec = get_family(intent.family).spec
    now = {name: q.given or f"{q.value:g} {q.unit}" for name, q in intent.parameters.items()}
    now |= {**intent.choices, "material": intent.material or "", "load": " and ".join(
        str(load.magnitude.given) for load in intent.loads)}  # fmt: skip
    meanings = {name: item.meaning for name, item in spec.parameters.items()}
    meanings |= {name: choice.meaning for name, choice in spec.choices.items()}
    settings = {name: {"meaning": meaning, "now": now.get(name, "")} for name, meaning in meanings.items()}
    settings |= {name: {"meaning": name, "now": now[name]} for name in ("material", "load")}
    words = prompt("correct")
    text = words.fill(
        part=spec.title,
        settings=quoted("settings", json.dumps(settings, indent=1, ensure_ascii=False)),
        message=quoted("message", message),
    )
    terms = Terms(prompt("designer").text, account=account or Account(), prompt_id=words.id)
    spoken = await provider.propose("reading a correction", text, Spoken, terms)
    out = Correction(brief, dict(answers))
    for change in spoken.changes:
        if change.name not in settings or not quote_in(message, change.quote):
            continue
        try:
            understand(brief, {**out.answers, change.name: change.value})
        except InputError:
            continue
        if value_in(change.value, change.quote):
            out.answers[change.name] = change.value
            out.told.append(f"{change.name.replace('_', ' ')} is {change.value} (read by {provider.title})")
        elif out.question is None:
            out.question = Question(
                id=change.name,
                text=f"Do you mean {change.name.replace('_', ' ')} {change.value}?",
                reason=f"{provider.title} concludes it from {change.quote!r}; it was not said in so many words",
                example=change.value,
                default=change.value,
            )
    return out if out.told or out.question else None
