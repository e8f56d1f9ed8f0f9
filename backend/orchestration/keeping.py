"""What is kept of a design when it has ended: its files by content, its state, and a revision of its project."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.artifacts import ArtifactStore
from backend.errors import NotFoundError
from backend.schema import AgentState

if TYPE_CHECKING:
    from backend.config.settings import Settings
    from backend.orchestration.state import RunNotes

Row = dict[str, Any]


def keep_artifacts(artifacts: ArtifactStore, project: AgentState, files: dict[str, str]) -> AgentState:
    """The state with its files put into the artefact store and named by their content; the state given is changed."""
    if not files:
        return project
    ids = {kind: artifacts.put_file(path) for kind, path in files.items()}
    project["geometry"]["artifacts"] = ids
    project["geometry"]["gltf_data"] = ids.get("glb", "")
    compiled = project["geometry"]["compiled"]
    compiled["files"] = {kind: ids[kind] for kind in compiled.get("files", {}) if kind in ids}
    fem = project["physics"]["structural_analysis"].get("fem") or {}
    if fem.get("fields"):
        fem["fields"] = artifacts.put_file(fem["fields"]) if Path(fem["fields"]).exists() else ""
    return project


def figures(project: AgentState, run: RunNotes) -> Row:
    """What a list of revisions shows of one, the answers that it was made with, and what language models took."""
    report = project["validation"]["verification_report"]
    return {
        "verdict": report.get("status"),
        "mass_g": project["geometry"]["mass_properties"].get("mass_g"),
        "family": project["design"]["intent"].get("family"),
        "material": project["design"]["intent"].get("material"),
        "rounds": project["core"]["iteration_count"],
        "answers": run["answers"],
        "depth": run.get("depth", "full"),
        "llm": costs(run.get("spent") or []),
        "failed": report.get("failed", []),
        "parameters": {name: q["value"] for name, q in project["design"]["design_parameters"].items()},
    }


def costs(spent: Sequence[Row]) -> Row | None:
    """What language models took, failed answers included: requests, tokens, cost_usd; None where none was asked."""
    from backend.llm import Account, Spent

    account = Account()
    for entry in spent:
        account.add(Spent(**entry))
    return account.totals() if spent else None


def record(settings: Settings, state: AgentState, run: RunNotes, *, label: str = "") -> Row:
    """Add a finished design to the local database as a revision of its project; returns the revision.

    A project that is not there yet is made. Raises BrickError where the database or the artefacts can't be written.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from backend.db import ProjectStore, open_database
    from backend.db.tables import DatabaseError

    artifacts = ArtifactStore(settings.artifacts_dir)
    project = keep_artifacts(artifacts, deepcopy(state), run["files"])
    engine = open_database(settings.database)
    try:
        store = ProjectStore(engine)
        project_id, brief = project["core"]["project_id"], project["core"]["user_intent"]
        verdict = str(project["validation"]["verification_report"].get("status", "ended"))
        try:
            former = store.project(project_id)["brief"]
        except NotFoundError:
            former = brief
        store.put_project(project_id, brief=brief, answers=run["answers"])
        return store.add_revision(
            project_id,
            state=artifacts.put_json(project, name="design.json"),
            label=label or (verdict if brief == former else f"brief changed: {verdict}"),
            figures=figures(project, run),
        )
    except SQLAlchemyError as problem:
        raise DatabaseError(
            f"the database can't be written: {getattr(problem, 'orig', None) or problem}",
            next_action="Check disk space and permissions of the data folder (BRICK_DATA_DIR), or DATABASE_URL.",
        ) from problem
    finally:
        engine.dispose()


def restore(artifacts: ArtifactStore, state: AgentState, out_dir: Path) -> list[str]:
    """Write the files of a kept design into a folder, with ``design.json``; returns their names.

    The names are those of the time when they were kept. Raises NotFoundError where an artefact is gone.
    """
    from backend.agents.document_agent import write_design_json

    out_dir.mkdir(parents=True, exist_ok=True)
    paths: dict[str, str] = {}
    for kind, artifact in state["geometry"]["artifacts"].items():
        name = Path(str(artifacts.about(artifact).get("name") or f"model.{kind}")).name
        (out_dir / name).write_bytes(artifacts.get_bytes(artifact))
        paths[kind] = str(out_dir / name)
    write_design_json(dict(state), paths, out_dir)
    return sorted([*(Path(path).name for path in paths.values()), "design.json"])
