"""Changes to a design that need no words read anew: a size, a choice, the material, or the program itself.

Each becomes a revision under the one shown. A size that a person changes is an answer (question id -> words), as if it
had been asked for, so that a later run in full designs the same part.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.agents.conversational_agent import understand
from backend.errors import ConflictError, InputError
from backend.schema import AgentState, Intent, Scheme

if TYPE_CHECKING:
    from backend.orchestration.history import History
    from backend.orchestration.projects import Projects
    from backend.orchestration.state import Depth

Row = dict[str, Any]
Value = float | int | str | None

# The name that the scheme has for a thing -> the question that asks for it.
_ASKED_AS = {"load_force": "load", "load_pressure": "load"}
_UNIT_WORDS = {"1": "", "degC": " °C"}
MAX_PROGRAM = 200_000  # characters


def as_words(value: Value, unit: str) -> str:
    """A new value as a person would write it: a plain number gets the unit that the design has it in."""
    if isinstance(value, str):
        return value
    return f"{float(value or 0):.12g}{_UNIT_WORDS.get(unit, f' {unit}')}"


def told(state: AgentState, changed: Mapping[str, Value], family: str) -> str:
    """The change in a line: "thickness 8 mm → 10 mm, material → steel S235"."""
    parts = []
    for name, value in changed.items():
        before = state["design"]["design_parameters"].get(name) or {}
        unit = _unit(family, name, state)
        was = f" {as_words(before['value'], unit)}" if "value" in before else ""
        words = "sized again" if value is None else as_words(value, unit)
        parts.append(f"{name.replace('_', ' ')}{was} → {words}")
    return ", ".join(parts)


class Changes:
    """Makes the changes; the runs are those of :class:`Projects`."""

    def __init__(self, projects: Projects, history: History) -> None:
        self.projects, self.history = projects, history

    async def recompute(
        self, project_id: str, changed: Mapping[str, Value], *, revision: str | None = None, depth: Depth = "fast"
    ) -> Row:
        """Start a run with some parameters, choices or the material changed; returns the run.

        ``changed`` maps a name to a number in the unit that the design has it in, to words ("8 in"), or to None, which
        leaves it to the sizing again. What can't be designed is refused here, before a run begins: InputError for what
        can't be read, ConflictError with the open ``questions`` where a question would be open, DesignError with the
        failed checks where nothing holds.
        """
        if not changed:
            raise InputError("nothing was changed", next_action="Give 'parameters': a name and its new value.")
        if revision is not None:
            await self.history.rewind(project_id, revision)
        state = await self.history.state(project_id, None)
        family = _family_of(state)
        row = await self.history.find(project_id, None)
        answers = dict(row["figures"].get("answers", {}))
        for name, value in changed.items():
            asked = _ASKED_AS.get(name, name)
            if value is None:
                answers.pop(asked, None)
            else:
                answers[asked] = as_words(value, _unit(family, name, state))
        brief = state["core"]["user_intent"]
        await self._designable(brief, answers)
        return await self.projects.start(
            brief,
            project_id=project_id,
            answers=answers,
            only_answers=True,
            depth=depth,
            change=told(state, changed, family),
        )

    async def say(self, project_id: str, message: str, *, face: str | None = None, depth: Depth = "fast") -> Row | None:
        """Start a run with a correction in words ("no, steel A36", "thicken here"); returns the run.

        None where the words took something back: then the revision before is shown, and nothing runs. ``face`` is the
        name of a face, or its number in the model. Raises as :meth:`recompute`.
        """
        from backend.agents.conversational_agent import amended
        from backend.agents.corrections import UNDO
        from backend.orchestration.runs import longer

        if UNDO.fullmatch(message):
            await self.history.undo(project_id)
            return None
        state = await self.history.state(project_id, None)
        asks, llm = await self._asks_a_model(project_id, state)
        row = await self.history.find(project_id, None)
        brief, answers, told_ = await asyncio.to_thread(
            amended,
            state["core"]["user_intent"],
            dict(row["figures"].get("answers", {})),
            message,
            state["design"],
            _named_face(state, face),
        )
        if not asks:
            await self._designable(brief, answers)
        return await self.projects.start(
            brief,
            project_id=project_id,
            answers=answers,
            only_answers=True,
            depth=depth,
            change="; ".join(told_),
            llm=llm,
            conversation=longer(state["core"].get("conversation") or None, [{"role": "user", "text": message}]),
        )

    async def _asks_a_model(self, project_id: str, state: AgentState) -> tuple[bool, str | None]:
        """Whether a language model is to read the words, as for an open part, and which. ConflictError offline."""
        from backend.design.open_part import OPEN_PART
        from backend.llm import choose

        if state["design"]["intent"].get("family") != OPEN_PART:
            return False, None
        run = await asyncio.to_thread(self.projects.store.latest_run, project_id)
        wanted = run["request"].get("llm") if run else None
        provider, note = choose(wanted)
        if provider.name == "offline":
            raise ConflictError(
                "no family describes this part, so only a language model could read this, and none is set up",
                next_action=note
                or "Edit its program, or set a model up: BRICK_LLM_PROVIDER and its key (docs/llm.md).",
                code="llm_offline",
            )
        return True, wanted

    @staticmethod
    async def _designable(brief: str, answers: dict[str, str]) -> None:
        """Refuse before a run begins what would leave a question, or what nothing holds."""
        intent = await asyncio.to_thread(understand, brief, answers)
        if intent.questions:
            raise ConflictError(
                f"with this change something is open: {intent.questions[0].text}",
                next_action="Give that too, under the id of the question.",
                code="question_open",
                questions=[question.model_dump(mode="json") for question in intent.questions],
            )
        from backend.design import get_family

        await asyncio.to_thread(get_family(str(intent.family)).size, intent)

    async def program(
        self, project_id: str, code: str, *, revision: str | None = None, depth: Depth = "fast", note: str = ""
    ) -> Row:
        """Start a run that builds ``code`` in place of the project's program; returns the run.

        The program is compiled first: one that doesn't compile raises CompileError (with line, column and frame) and
        leaves no revision.
        """
        await try_program(code)
        if revision is not None:
            await self.history.rewind(project_id, revision)
        state = await self.history.state(project_id, None)
        design = state["design"]
        if not design["intent"]:
            raise ConflictError(
                f"project {project_id!r} has no design yet", next_action="Run it first; then edit its program."
            )
        from backend.design.open_part import EDITED, OPEN_PART

        scheme = design["design_scheme"]
        family = str(scheme.get("family") or OPEN_PART)
        if family != OPEN_PART and not family.endswith(EDITED):
            family += EDITED
        return await self.projects.start(
            state["core"]["user_intent"],
            project_id=project_id,
            depth=depth,
            change=note or "program edited",
            program={
                "code": code,
                "intent": Intent.model_validate(design["intent"]).model_dump(mode="json"),
                "origin": "edited",
                "family": family,
                "scheme": Scheme.model_validate(scheme).model_dump(mode="json") if scheme else None,
                "note": note,
            },
        )


def _named_face(state: AgentState, face: str | None) -> str | None:
    """The name of a face that was picked by name or by its number in the model. InputError where it has none."""
    if face is None or not face.isdigit():
        return face
    named = state["geometry"]["compiled"].get("named_faces") or []
    found = [item["name"] for item in named if item["face_index"] == int(face)]
    if not found:
        raise InputError(
            f"the face {face} has no name in the program, so no size is known to belong to it",
            next_action=f"Name the size, or pick one of: {', '.join(dict.fromkeys(item['name'] for item in named))}.",
            code="unnamed_face",
        )
    return str(found[0])


def _unit(family: str, name: str, state: AgentState) -> str:
    """The unit in which the design has a parameter, whether or not it has a value at present."""
    from backend.design import get_family
    from backend.intent.units import WORKING_UNIT

    shown: Row = {**state["design"]["design_scheme"].get("parameters", {}), **state["design"]["design_parameters"]}
    if name in shown:
        return str(shown[name]["unit"])
    if name == "load":
        loads = state["design"]["intent"].get("loads") or []
        return str(loads[0]["magnitude"]["unit"]) if loads else ""
    spec = get_family(family).spec.parameters.get(name)
    return WORKING_UNIT.get(spec.dimension, "") if spec else ""


def _family_of(state: AgentState) -> str:
    from backend.design.open_part import EDITED, OPEN_PART

    family = str(state["design"]["design_scheme"].get("family") or state["design"]["intent"].get("family") or "")
    if not family or family == OPEN_PART:
        raise ConflictError(
            "this part has no parameters: its shape is a program",
            next_action="Edit the program, or say in words what should differ.",
        )
    return family.removesuffix(EDITED)


async def try_program(code: str) -> Row:
    """Compile a program and forget it; returns its measures. Raises CompileError, InputError, TaskError."""
    from backend.geometry.compile import refuse_ignored

    with tempfile.TemporaryDirectory(prefix="brick-try-") as folder:
        found = await compiled_model(code, Path(folder), None, exports=())
    refuse_ignored(code, found["diagnostics"])
    return found


async def compiled_model(
    code: str, folder: Path, density_kg_m3: float | None, exports: tuple[str, ...] = ("glb",)
) -> Row:
    """Compile a program into a folder: its measures and ``files``. Raises CompileError, InputError, TaskError."""
    if len(code) > MAX_PROGRAM:
        raise InputError(
            f"the program has {len(code)} characters; at most {MAX_PROGRAM} are taken", next_action="Shorten it."
        )
    from backend.compute import get_pool
    from backend.config.settings import get_settings
    from backend.geometry import compile_project

    return await compile_project(
        code,
        folder,
        pool=get_pool(),
        exports=exports,
        density_kg_m3=density_kg_m3,
        timeout_s=get_settings().geometry_timeout_s,
    )
