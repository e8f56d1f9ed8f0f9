"""A project's history: a tree of revisions, none of which is ever changed. Compare, rewind, fork."""

from __future__ import annotations

import asyncio
import difflib
import uuid
from typing import TYPE_CHECKING, Any, cast

from backend.artifacts import ArtifactStore
from backend.errors import ConflictError, NotFoundError
from backend.schema import AgentState

if TYPE_CHECKING:
    from backend.db import ProjectStore

Row = dict[str, Any]


def compare(old: AgentState, new: AgentState) -> Row:
    """What differs between two states.

    ``parameters``: name -> {old, new, unit} where they differ; ``kcl``: unified diff; ``mass_g``, ``verdict``,
    ``material``: {old, new}; ``margins``: check id -> {old, new} of checks that both have or one lacks.
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
    margins = [
        {check["id"]: check["margin"] for check in state["validation"]["verification_report"].get("checks", [])}
        for state in (old, new)
    ]
    return {
        "parameters": parameters,
        "kcl": "\n".join(kcl),
        "mass_g": _pair(old, new, "geometry", "mass_properties", "mass_g"),
        "verdict": _pair(old, new, "validation", "verification_report", "status"),
        "material": _pair(old, new, "design", "intent", "material"),
        "margins": {
            check: {"old": margins[0].get(check), "new": margins[1].get(check)}
            for check in sorted({*margins[0], *margins[1]})
            if margins[0].get(check) != margins[1].get(check)
        },
    }


def _pair(old: AgentState, new: AgentState, *path: str) -> Row:
    def find(state: Any) -> Any:
        for key in path:
            state = (state or {}).get(key)
        return state

    return {"old": find(old), "new": find(new)}


class History:
    """The revisions of projects."""

    def __init__(self, store: ProjectStore, artifacts: ArtifactStore) -> None:
        self.store, self.artifacts = store, artifacts

    async def list(self, project_id: str) -> tuple[str | None, list[Row]]:
        """The revision that a project shows, and all it has, oldest first."""
        project = await asyncio.to_thread(self.store.project, project_id)
        return project["head"], await asyncio.to_thread(self.store.list_revisions, project_id)

    async def find(self, project_id: str, name: str | None) -> Row:
        """A revision of a project by id, by number, by "head" (None too), or by "previous"."""
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

    async def rewind(self, project_id: str, name: str) -> Row:
        """Show another revision, and design on from its brief. Nothing is lost: the others stay in the tree."""
        run = await asyncio.to_thread(self.store.latest_run, project_id)
        if run is not None and run["status"] in ("queued", "running", "waiting"):
            raise ConflictError(
                f"a run of project {project_id!r} is still going", next_action="Wait for it, or cancel it."
            )
        revision = await self.find(project_id, name)
        await self._adopt(project_id, revision)
        await asyncio.to_thread(self.store.set_head, project_id, revision["id"])
        return revision

    async def fork(self, project_id: str, name: str | None, new_id: str | None) -> str:
        """A new project that begins with a revision of this one; returns its id."""
        revision = await self.find(project_id, name)
        identity = new_id or f"p-{uuid.uuid4().hex[:12]}"
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
        return identity

    async def _adopt(self, project_id: str, revision: Row) -> None:
        """Make the brief and the answers of a revision those of a project."""
        state = await asyncio.to_thread(self.artifacts.get_json, revision["state"])
        answers = revision["figures"].get("answers", {})
        await asyncio.to_thread(self.store.put_project, project_id, brief=state["core"]["user_intent"], answers=answers)
