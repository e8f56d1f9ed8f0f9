"""A project's history: a tree of revisions, none of which is ever changed. Compare, rewind, fork."""

from __future__ import annotations

import asyncio
import difflib
import uuid
from typing import TYPE_CHECKING, Any, cast

from backend.artifacts import ArtifactStore
from backend.errors import ConflictError, InputError, NotFoundError
from backend.orchestration.state import project_name
from backend.schema import AgentState

if TYPE_CHECKING:
    from backend.db import ProjectStore
    from backend.events import EventBus

Row = dict[str, Any]


def compare(old: AgentState, new: AgentState) -> Row:
    """What differs between two states.

    ``parameters``: name -> {old, new, unit} where they differ; ``kcl``: unified diff; ``mass_g``, ``verdict``,
    ``material``, ``family``, ``volume_mm3``: {old, new}; ``cost_usd``: {old, new}, each the range {low, high} of what
    is priced in the bill of materials, None where nothing is; ``margins``: check id -> {title, old, new, old_status,
    new_status} of checks whose margin or status differs, None where one side lacks the check; ``model_id``: {old, new}.
    """
    before, after = (state["design"]["design_parameters"] for state in (old, new))
    parameters = {
        name: {
            "old": before.get(name, {}).get("value"),
            "new": after.get(name, {}).get("value"),
            "unit": (after.get(name) or before.get(name) or {}).get("unit", ""),
        }
        for name in sorted({*before, *after})
        if before.get(name, {}).get("value") != after.get(name, {}).get("value")
    }
    kcl = difflib.unified_diff(
        old["geometry"]["kcl_code"].splitlines(), new["geometry"]["kcl_code"].splitlines(), "old", "new", lineterm=""
    )
    held = [
        {check["id"]: check for check in state["validation"]["verification_report"].get("checks", [])}
        for state in (old, new)
    ]
    return {
        "parameters": parameters,
        "kcl": "\n".join(kcl),
        "mass_g": _pair(old, new, "geometry", "mass_properties", "mass_g"),
        "verdict": _pair(old, new, "validation", "verification_report", "status"),
        "material": _pair(old, new, "design", "intent", "material"),
        "family": _pair(old, new, "design", "intent", "family"),
        "volume_mm3": _pair(old, new, "geometry", "mass_properties", "volume_mm3"),
        "cost_usd": {"old": _cost(old), "new": _cost(new)},
        "model_id": _pair(old, new, "geometry", "model_id"),
        "margins": {
            check: _margins(held[0].get(check), held[1].get(check))
            for check in sorted({*held[0], *held[1]})
            if _standing(held[0].get(check)) != _standing(held[1].get(check))
        },
    }


def _standing(check: Row | None) -> tuple[Any, Any]:
    return (None, None) if check is None else (check["margin"], check["status"])


def _margins(before: Row | None, after: Row | None) -> Row:
    return {
        "title": (after or before or {}).get("title", ""),
        "old": _standing(before)[0],
        "new": _standing(after)[0],
        "old_status": _standing(before)[1],
        "new_status": _standing(after)[1],
    }


def _cost(state: AgentState) -> Row | None:
    totals = (state["manufacturing"]["bom_analysis"] or {}).get("totals") or {}
    if not totals.get("lines_priced"):
        return None
    return {"low": totals["cost_low_usd"], "high": totals["cost_high_usd"]}


def _pair(old: AgentState, new: AgentState, *path: str) -> Row:
    def find(state: Any) -> Any:
        for key in path:
            state = (state or {}).get(key)
        return state

    return {"old": find(old), "new": find(new)}


def _fit(name: str) -> str:
    """The name as it is kept. InputError for one that could be taken for something else."""
    name = " ".join(name.split())
    if not name or len(name) > 80 or name.isdigit() or name in ("head", "previous"):
        raise InputError(
            f"{name[:80]!r} can't be a name here",
            next_action="Use 1 to 80 characters that are not a number, 'head' or 'previous'.",
        )
    return name


PLAN_WAITS, PLAN_REJECTED = "plan waits for approval", "plan rejected"


def told(revisions: list[Row]) -> list[Row]:
    """The revisions with what each label means now: a plan that waited was answered where a revision came of it."""
    after: dict[str, str] = {}
    for revision in revisions:
        after.setdefault(str(revision["parent"]), str(revision["label"]))
    words = {True: "plan, rejected", False: "plan, approved"}
    return [
        {**revision, "label": words[after[revision["id"]] == PLAN_REJECTED]}
        if revision["label"] == PLAN_WAITS and revision["id"] in after
        else revision
        for revision in revisions
    ]


class History:
    """The revisions of projects. What it changes is told on the bus, for all who look at the project."""

    def __init__(self, store: ProjectStore, artifacts: ArtifactStore, bus: EventBus) -> None:
        self.store, self.artifacts, self.bus = store, artifacts, bus

    async def list(self, project_id: str) -> tuple[str | None, list[Row]]:
        """The revision that a project shows, and all it has, oldest first."""
        project = await asyncio.to_thread(self.store.project, project_id)
        return project["head"], told(await asyncio.to_thread(self.store.list_revisions, project_id))

    async def asked(self, project_id: str) -> tuple[str, dict[str, str]]:
        """The brief and the answers of the revision that a project shows; before the first, what it was given."""
        project = await asyncio.to_thread(self.store.project, project_id)
        if project["head"] is None:
            return project["brief"], dict(project["answers"])
        state, row = await self.state(project_id, None), await self.find(project_id, None)
        return state["core"]["user_intent"], dict(row["figures"].get("answers", {}))

    async def find(self, project_id: str, name: str | None) -> Row:
        """A revision of a project by id, by number, by its name, by "head" (None too), or by "previous"."""
        project = await asyncio.to_thread(self.store.project, project_id)
        revisions = await asyncio.to_thread(self.store.list_revisions, project_id)
        by_id = {revision["id"]: revision for revision in revisions}
        head = by_id.get(project["head"] or "")
        wanted = (name or "head").strip()
        found = by_id.get(wanted)
        if wanted == "head":
            found = head
        elif wanted == "previous":
            found = by_id.get(head["parent"] or "") if head else None
        elif wanted.isdigit():
            found = next((revision for revision in revisions if revision["number"] == int(wanted)), None)
        elif found is None:
            found = next((revision for revision in revisions if wanted in revision["names"]), None)
        if found is None:
            numbers = ", ".join(str(revision["number"]) for revision in revisions) or "none yet"
            raise NotFoundError(
                f"project {project_id!r} has no revision {wanted!r}",
                next_action=f"Its revisions: {numbers}. 'head' and 'previous' work too.",
            )
        return found

    async def state(self, project_id: str, name: str | None) -> AgentState:
        """The state of a revision."""
        revision = await self.find(project_id, name)
        return cast(AgentState, await asyncio.to_thread(self.artifacts.get_json, revision["state"]))

    async def diff(self, project_id: str, old: str | None, new: str | None) -> Row:
        """What differs between two revisions of a project; by default between the one before and the one shown."""
        return compare(await self.state(project_id, old or "previous"), await self.state(project_id, new))

    async def between(self, project_id: str, old: str | None, other: str | None, new: str | None) -> Row:
        """As :meth:`diff`, with what the two revisions are; ``new`` is one of the project ``other`` where given.

        By default the revision that ``other`` shows is held against the one that ``project_id`` shows.
        """
        first = await self.find(project_id, old or ("head" if other else "previous"))
        second = await self.find(other or project_id, new)
        states = [await asyncio.to_thread(self.artifacts.get_json, row["state"]) for row in (first, second)]
        return {"old": first, "new": second, **compare(*states)}

    async def undo(self, project_id: str) -> Row:
        """Show the revision that the present one was made from. ConflictError where there is none."""
        head = await self.find(project_id, "head")
        if head["parent"] is None:
            raise ConflictError(
                f"revision {head['number']} is the first of project {project_id!r}", next_action="Nothing to undo."
            )
        return await self.rewind(project_id, head["parent"])

    async def redo(self, project_id: str) -> Row:
        """Show again what was undone last: the next revision on the way to it. ConflictError where there is none."""
        revisions = await asyncio.to_thread(self.store.list_revisions, project_id)
        head = await self.find(project_id, "head")
        parents = {row["id"]: row["parent"] for row in revisions}
        children = {row["id"] for row in revisions if row["parent"] == head["id"]}
        for left in await asyncio.to_thread(self.store.left_heads, project_id, head["id"]):
            step: str | None = left
            for _ in range(len(revisions)):
                if step is None or step in children:
                    break
                step = parents.get(step)
            if step in children:
                return await self.rewind(project_id, str(step))
        raise ConflictError(
            f"nothing was undone at revision {head['number']} of project {project_id!r}",
            next_action="Nothing to redo; rewind to a revision by its number instead.",
        )

    async def name(self, project_id: str, revision: str | None, name: str) -> Row:
        """Give a revision a name, by which it can be found from then on. InputError for a name that can't be one."""
        found = await self.find(project_id, revision)
        await asyncio.to_thread(self.store.name_revision, project_id, found["id"], _fit(name))
        self._tell(project_id, f"revision {found['number']} is named")
        return await self.find(project_id, found["id"])

    async def unname(self, project_id: str, name: str) -> None:
        """Take a name away from the revision that has it. NotFoundError where none has."""
        await asyncio.to_thread(self.store.forget_name, project_id, " ".join(name.split()))
        self._tell(project_id, "a name was taken away")

    async def rename(self, project_id: str, name: str) -> None:
        """Give the project a name."""
        await asyncio.to_thread(self.store.rename_project, project_id, _fit(name))
        self._tell(project_id, "the project is named anew")

    async def rewind(self, project_id: str, name: str) -> Row:
        """Show another revision, and design on from its brief. Nothing is lost: the others stay in the tree."""
        run = await asyncio.to_thread(self.store.latest_run, project_id)
        if run is not None and run["status"] in ("queued", "running", "waiting", "paused"):
            raise ConflictError(
                f"a run of project {project_id!r} is still going", next_action="Wait for it, or cancel it."
            )
        revision = await self.find(project_id, name)
        await self._adopt(project_id, revision)
        await asyncio.to_thread(self.store.set_head, project_id, revision["id"])
        self._tell(project_id, f"back to revision {revision['number']}", revision=revision["id"])
        return revision

    def _tell(self, project_id: str, text: str, **data: Any) -> None:
        self.bus.publish(project_id, "status", text=text, data=data)

    async def fork(self, project_id: str, name: str | None, new_id: str | None) -> str:
        """A new project that begins with a revision of this one; returns its id."""
        revision = await self.find(project_id, name)
        identity = project_name(new_id) if new_id is not None else f"p-{uuid.uuid4().hex[:12]}"
        try:
            await asyncio.to_thread(self.store.project, identity)
        except NotFoundError:
            pass
        else:
            raise ConflictError(f"there is a project {identity!r} already", next_action="Choose another id.")
        await self._adopt(identity, revision)
        label = f"fork of {project_id} at {revision['number']}"
        await asyncio.to_thread(
            self.store.add_revision, identity, state=revision["state"], label=label, figures=revision["figures"]
        )
        named = (await asyncio.to_thread(self.store.project, identity))["name"]
        await asyncio.to_thread(self.store.rename_project, identity, f"{named}, fork of revision {revision['number']}")
        return identity

    async def _adopt(self, project_id: str, revision: Row) -> None:
        """Make the brief and the answers of a revision those of a project."""
        state = await asyncio.to_thread(self.artifacts.get_json, revision["state"])
        answers = revision["figures"].get("answers", {})
        await asyncio.to_thread(self.store.put_project, project_id, brief=state["core"]["user_intent"], answers=answers)
