"""Designs a part that no family describes, with a language model: read, write, compile, measure, mend.

One call of :meth:`InventorAgent.run` is one round with at most one proposal, so that a run that is cut off pays for no
round twice. The model proposes a reading of the brief and a program; whether these stand is decided here by the words
of the brief, the official parser, the engine and the measures of the solid.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from typing import Any

from backend.agents.base import BaseAgent, required
from backend.errors import CompileError, InputError, TaskError
from backend.intent.proposed import MEASURES, PartProgram, PartReading, intent_of
from backend.llm import Account, Provider, Terms, choose
from backend.llm.prompts import prompt, quoted
from backend.schema import AgentReport, Check, CompiledModel, Intent, Status

SHOWN_MEASURES = ", ".join(
    f"`{name}`" if name not in ("diameter", "count", "gap") else f"`{name}:{'A,B' if name == 'gap' else 'NAME'}`"
    for name in MEASURES
)


class InventorAgent(BaseAgent):
    """Has a language model propose a part, and holds what it proposes against the compiler and the measures."""

    stage = "invent"

    async def report(
        self, params: dict[str, Any], *, timeout_s: float | None = None, retries: int = 0, **kwargs: Any
    ) -> AgentReport:
        """As every agent's; ``spent`` is in the data of a failed one too: what an answer cost is owed all the same."""
        account = await self._account(params)
        given = {**params, "account": account}
        report = await super().report(given, timeout_s=timeout_s, retries=retries, **kwargs)
        entries = _dumped(account)[len(params.get("spent") or []) :]
        if report.status == "error" and entries:
            self.think(f"It cost {_price(entries)} all the same", spent=entries)
        return report.model_copy(update={"data": {**report.data, "spent": _dumped(account)}})

    async def run(self, params: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """One round, from ``invention`` (see :func:`begin`), ``brief``, ``answers``, ``llm`` and what was ``spent``.

        ``account`` is the one to enter the costs in, by default one that begins with ``spent``.
        Returns the new ``invention`` and ``spent``. Raises LlmError where no proposal is made.
        """
        brief = str(required(params, "brief", self.name))
        invention = dict(required(params, "invention", self.name))
        provider, note = choose(params.get("llm"))
        account = params.get("account") or await self._account(params)
        if invention["stage"] == "read":
            invention |= await self._read(provider, brief, dict(params.get("answers") or {}), account)
            said = f"{provider.title} read {len(invention['intent']['requirements'])} requirements"
        else:
            invention |= await self._write(provider, brief, invention, account)
            said = f"Round {len(invention['rounds'])}: {invention['rounds'][-1]['outcome']}"
        entries = _dumped(account)[len(params.get("spent") or []) :]
        self.think(f"{said} ({_price(entries)})", note=note, spent=entries)
        return {
            "status": "success",
            "summary": said,
            "invention": invention,
            "spent": _dumped(account),
        }

    @staticmethod
    async def _account(params: dict[str, Any]) -> Account:
        """The account of the run so far, with the lower of its own and the settings' limit.

        What an earlier life of the process had answered and could not hand on is in it too.
        """
        from backend.config.settings import get_settings
        from backend.llm import Spent, joined, noted

        settings = get_settings()
        limits = [limit for limit in (settings.llm_max_cost_usd, params.get("max_cost_usd")) if limit is not None]
        account = Account(min(limits, default=None), settings.llm_max_tokens)
        for item in joined(params.get("spent") or [], await asyncio.to_thread(noted)):
            account.add(Spent(**item))
        return account

    async def _read(self, provider: Provider, brief: str, answers: dict[str, str], account: Account) -> dict[str, Any]:
        words = prompt("read")
        text = words.fill(brief=quoted("brief", brief), measures=SHOWN_MEASURES)
        reading = await provider.propose("reading a brief", text, PartReading, self._terms(account, words.id))
        intent = await asyncio.to_thread(intent_of, brief, reading, answers, provider.title)
        return {"stage": "write", "title": reading.title, "intent": intent.model_dump(mode="json")}

    async def _write(
        self, provider: Provider, brief: str, invention: dict[str, Any], account: Account
    ) -> dict[str, Any]:
        intent = Intent.model_validate(invention["intent"])
        words = prompt("write")
        rounds = list(invention["rounds"])
        feedback = ""
        pictures: tuple[bytes, ...] = ()
        if rounds:
            last = rounds[-1]
            feedback = "\n" + prompt("mend").fill(
                round=str(len(rounds) + 1),
                outcome=quoted("outcome", last["feedback"]),
                program=quoted("program", last["kcl"]),
            )
            pictures = tuple(await self._pictures(last))
        text = words.fill(
            brief=quoted("brief", brief),
            requirements=quoted("requirements", _asked(intent)),
            unit=intent.length_unit,
            feedback=feedback,
        )
        proposal = await provider.propose(
            "writing a program", text, PartProgram, self._terms(account, words.id, pictures)
        )
        outcome = await self._try(proposal.kcl, intent)
        rounds.append({"kcl": proposal.kcl, "explanation": proposal.explanation, **outcome})
        return {"rounds": rounds, "stage": "done" if outcome["good"] else "write"}

    def _terms(self, account: Account, prompt_id: str, pictures: tuple[bytes, ...] = ()) -> Terms:
        from backend.agents.lookups import TOOLS

        return Terms(
            instructions=prompt("designer").text,
            pictures=pictures,
            tools=TOOLS,
            account=account,
            prompt_id=prompt_id,
        )

    async def _try(self, code: str, intent: Intent) -> dict[str, Any]:
        """Compile and measure: ``good``, ``outcome`` in a line, and ``feedback`` for the model."""
        from backend.compute import get_pool
        from backend.config.settings import get_settings
        from backend.design.open_part import open_part
        from backend.geometry import compile_kcl
        from backend.geometry.compile import refuse_ignored

        with tempfile.TemporaryDirectory(prefix="brick-invent-") as folder:
            try:
                compiled: CompiledModel = await compile_kcl(
                    code, folder, get_pool(), exports=("glb",), timeout_s=get_settings().geometry_timeout_s
                )
                refuse_ignored(code, compiled.diagnostics)
            except (CompileError, TaskError, InputError) as problem:
                frame = str(problem.details.get("frame") or "")
                return {
                    "good": False,
                    "compiles": False,
                    "outcome": f"does not compile: {problem.message}",
                    "feedback": f"It does not compile: {problem.message}\n{frame}".strip(),
                }
        scheme = await asyncio.to_thread(open_part().size, intent)
        checks = open_part().geometry_checks(scheme, intent, compiled)
        wrong = [check for check in checks if check.status is not Status.PASS]
        box = [f"{b - a:.4g}" for a, b in zip(compiled.bounding_box_mm.min, compiled.bounding_box_mm.max, strict=True)]
        told = f"{compiled.solids} solid{'' if compiled.solids == 1 else 's'}, box {' x '.join(box)} mm"
        return {
            "good": not wrong,
            "compiles": True,
            "outcome": f"{told}; " + ("; ".join(_said(check) for check in wrong) or "as measured, what was asked"),
            "feedback": "\n".join([f"It compiles: {told}.", *(f"- {_said(check)}" for check in checks)]),
        }

    async def _pictures(self, last: dict[str, Any]) -> list[bytes]:
        """Four views of the former program's solid, where it has one. A picture that fails is only missing."""
        if not last.get("compiles"):
            return []
        from backend.compute import get_pool
        from backend.geometry import compile_kcl

        with tempfile.TemporaryDirectory(prefix="brick-invent-") as folder:
            try:
                compiled = await compile_kcl(last["kcl"], folder, get_pool(), exports=("glb",))
                views = await get_pool().run(
                    "backend.agents.drawing:views", {"mesh": compiled.files["glb"]}, kind="geometry", timeout_s=60
                )
            except (CompileError, TaskError) as problem:
                self.think(f"No picture of the former program: {problem.message}")
                return []
        return list(views.values())


def _dumped(account: Account) -> list[dict[str, Any]]:
    return [entry.as_dict() for entry in account.entries]


def _price(entries: list[dict[str, Any]]) -> str:
    tokens = sum(item["input_tokens"] + item["output_tokens"] for item in entries)
    costs = [item["cost_usd"] for item in entries if item["cost_usd"] is not None]
    return f"{tokens} tokens" + (f", {sum(costs):.4f} USD" if costs else "")


def begin() -> dict[str, Any]:
    """An invention before its first round: ``stage`` goes from "read" over "write" to "done"."""
    return {"stage": "read", "title": "", "intent": {}, "rounds": []}


def best_program(invention: dict[str, Any]) -> dict[str, Any] | None:
    """The last round whose program compiles; None where none does."""
    return next((item for item in reversed(invention["rounds"]) if item["compiles"]), None)


def _asked(intent: Intent) -> str:
    rows = [
        {
            "statement": r.statement,
            "measure": r.kind.removeprefix("measured:") if r.kind.startswith("measured:") else "",
            "sense": r.sense.value if r.sense else "",
            "value": f"{r.quantity.value:g} {r.quantity.unit}" if r.quantity else "",
        }
        for r in intent.requirements
    ]
    return json.dumps({"material": intent.material, "requirements": rows}, indent=1, ensure_ascii=False)


def _said(check: Check) -> str:
    if check.value is None or check.limit is None:
        return f"{check.title}: {check.status.value} ({check.reason})"
    unit = f" {check.unit}" if check.unit else ""
    sense = check.sense.value if check.sense else ""
    return (
        f"{check.title}: measured {check.value:.6g}{unit}, asked {sense} {check.limit:.6g}{unit}: {check.status.value}"
    )
