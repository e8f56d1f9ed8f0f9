"""A study from file to verdict: read, model, faces, solve in the pool, check, write what is handed over."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.errors import InputError
from backend.geometry.notes import noted
from backend.schema import Check, Sense, VerificationReport
from backend.studies.materials import StudyMaterial, study_materials
from backend.studies.model import Model, load_model
from backend.studies.reading import read_study
from backend.studies.requests import TARGETS, build_request
from backend.studies.schema import StudyFile
from backend.studies.selectors import Faces, tags_in
from backend.studies.verdict import checks_of, verdict_of

if TYPE_CHECKING:
    from backend.compute import WorkPool

SECOND = {
    "static": "backend.physics.fem.calculix:solve",
    "modal": "backend.physics.fem.calculix_modal:solve",
    "buckling": "backend.physics.fem.calculix_buckling:solve",
    "thermal": "backend.physics.fem.calculix_thermal:solve",
}
SOLVERS = ("ngsolve", "ccx", "both")
SOLVE_LIMIT_S = 600.0

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """Everything a solved study hands back."""

    study: StudyFile
    model: Model
    faces: list[dict[str, Any]]
    materials: dict[int, StudyMaterial]
    result: dict[str, Any]
    verdict: VerificationReport
    files: dict[str, str] = field(default_factory=dict)
    elapsed_s: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON data for ``--json`` and ``study.json``."""
        return {
            "title": self.study.title,
            "analysis": self.study.analysis.type,
            "verdict": self.verdict.model_dump(mode="json"),
            "faces": self.faces,
            "named_faces": self.model.names,
            "model": {k: self.model.measures[k] for k in ("volume_mm3", "area_mm2", "bounding_box_mm", "solids")},
            "materials": {
                "all" if body < 0 else str(body): {"name": m.name, "properties": m.rows}
                for body, m in self.materials.items()
            },
            "result": self.result,
            "warnings": [*noted(self.model.diagnostics), *self.result.get("warnings", ())],
            "files": self.files,
            "elapsed_s": round(self.elapsed_s, 2),
        }


def run_study(
    path: Path, out_dir: Path, pool: WorkPool, *, solver: str = "ngsolve", tell: Tell | None = None
) -> Outcome:
    """Runs the study in a YAML file and writes the results into ``out_dir`` (which exists).

    ``tell`` gets a line after each stage. Raises InputError and its kinds for what the user can mend, PhysicsError from
    the solver, TaskError where the solver had to be ended.
    """
    begun = time.monotonic()
    outcome = solve_study(path, out_dir, pool, solver=solver, tell=tell)
    files = _write(outcome, out_dir)
    return replace(outcome, files=files, elapsed_s=time.monotonic() - begun)


def solve_study(
    path: Path,
    out_dir: Path,
    pool: WorkPool,
    *,
    solver: str = "ngsolve",
    tell: Tell | None = None,
    fem_pool: WorkPool | None = None,
) -> Outcome:
    """As :func:`run_study`, without the pictures and the report. ``fem_pool``: where the solver runs, if elsewhere."""
    say = tell or (lambda _: None)
    if solver not in SOLVERS:
        raise InputError(f"There is no solver {solver!r}.", next_action=f"One of: {', '.join(SOLVERS)}.")
    study = read_study(path)
    materials = study_materials(study)
    if solver != "ngsolve" and study.analysis.type not in SECOND:
        raise InputError(
            f"CalculiX gives a second opinion on {', '.join(SECOND)} studies; this one is {study.analysis.type}.",
            next_action="Leave --solver out.",
        )
    pressed = any(item.type == "pressure" for item in study.loads)
    if solver == "ccx" and study.analysis.type == "buckling" and pressed:
        raise InputError(
            "CalculiX keeps the direction of a pressure as the part buckles: no verdict can stand on its factor.",
            next_action="Use --solver both: it compares the two with the direction kept.",
        )
    say(f"read: {study.title} ({study.analysis.type})")
    model = load_model(path.parent / study.model, out_dir, pool, tags=tags_in(study))
    faces = Faces(model.faces, model.names, study.bodies)
    request = build_request(study, model, faces, materials)
    for row in faces.found:
        say(f"{row['where']}: {row['count']} face{'' if row['count'] == 1 else 's'}, {row['area_mm2']:.4g} mm²")
    request["fields_path"] = str(out_dir / "fields.npz")
    if study.analysis.type == "static":
        request["volume_path"] = str(out_dir / "volume.npz")
    result = _solve(study, request, fem_pool or pool, solver, out_dir)
    say(_told(result))
    checks = checks_of(study, result, materials)
    if "second_opinion" in result:
        checks.append(second_opinion(result))
    return Outcome(study, model, faces.found, materials, result, verdict_of(checks))


def _solve(study: StudyFile, request: dict[str, Any], pool: WorkPool, solver: str, out_dir: Path) -> dict[str, Any]:
    from backend.config.settings import get_settings

    limits: dict[str, Any] = {"timeout_s": SOLVE_LIMIT_S, "memory_mb": get_settings().worker_memory_mb}
    if solver == "ngsolve":
        found: dict[str, Any] = pool.run_sync(TARGETS[study.analysis.type], request, kind="fem", **limits)
        return found
    deck = out_dir / "calculix.inp"
    theirs: dict[str, Any] = pool.run_sync(
        SECOND[study.analysis.type], {**request, "deck_path": str(deck)}, kind="fem", **limits
    )
    ours: dict[str, Any] = theirs.pop("ngsolve")
    result = {**ours, "second_opinion": theirs}
    key = {"modal": "frequencies_hz", "buckling": "load_factors"}.get(study.analysis.type)
    if solver == "ccx" and key is not None:
        rows = zip(ours[key], theirs[key], strict=False)
        result[key] = [{**mode, "value": value} for mode, value in rows]
        result["solver"], result["version"] = "calculix", theirs["version"]
    elif solver == "ccx" and study.analysis.type == "thermal":
        result["temperature_c"] = {**ours["temperature_c"], **theirs["temperature_c"]}
        result["regions"] = {name: {**ours["regions"][name], **row} for name, row in theirs["regions"].items()}
        result["solver"], result["version"] = "calculix", theirs["version"]
    elif solver == "ccx":
        # CalculiX's numbers carry the verdict; the error estimate is that of the mesh they share.
        for key in ("von_mises_mpa", "displacement_mm"):
            result[key] = {**ours[key], **theirs[key]}
        result["regions"] = {name: {**ours["regions"][name], **row} for name, row in theirs["regions"].items()}
        result["solver"], result["version"] = "calculix", theirs["version"]
    return result


def second_opinion(result: dict[str, Any]) -> Check:
    """CalculiX on the same mesh against NGSolve: what both give, within the estimated error."""
    from backend.design.checking import compare

    theirs, comparison = result["second_opinion"], result["second_opinion"]["comparison"]
    if "frequencies_rel" in comparison:
        found, differs = result["frequencies_hz"][0], max(abs(v) for v in comparison["frequencies_rel"])
        what = "frequencies"
    elif "temperature_rel" in comparison:
        whole = result["temperature_c"]
        found = {"value": whole["max"] - whole["min"], "error": whole["error"]}
        differs, what = max(abs(v) for v in comparison["temperature_rel"]), "temperature, of its span"
    elif "load_factors_rel" in comparison:
        found, differs = result["load_factors"][0], abs(comparison["load_factors_rel"][0])
        what = "the load factor"
    else:
        found, what = result["von_mises_mpa"], "stress and displacement"
        differs = max(abs(comparison["von_mises_rel"]), abs(comparison["displacement_rel"]))
    band = max(found["error"] / abs(found["value"]) if found["value"] else 0.0, 0.01)
    return compare(
        "second_opinion", f"CalculiX on the same mesh: largest relative difference of {what}", differs,
        "", band, Sense.AT_MOST, method=f"CalculiX {theirs['version']} against NGSolve", evidence=("calculix.inp",),
        requirement_id="second_opinion",
        reason="held against the estimated error of the mesh, or 1 % where that is less",
    )  # fmt: skip


def _told(result: dict[str, Any]) -> str:
    rows = result.get("levels") or result.get("static", {}).get("levels") or []
    words = [f"{result['solver']} {result['version']}"]
    if rows and rows[-1].get("dofs"):
        words.append(f"{len(rows)} mesh{'' if len(rows) == 1 else 'es'} up to {rows[-1]['dofs']} unknowns")
    return f"solved: {', '.join(words)}, {result['timings_s'].get('cpu', 0):.1f} s of CPU"


def _write(outcome: Outcome, out_dir: Path) -> dict[str, str]:
    from backend.report.study import write_study_report
    from backend.studies import outputs

    files = {kind: Path(found).name for kind, found in outcome.model.files.items() if Path(found).parent == out_dir}
    pictures: dict[str, bytes] = {}
    if outcome.result.get("fields"):
        surface = outputs.read_surface(outcome.result["fields"])
        files["fields"] = Path(outcome.result["fields"]).name
        files["vtu"] = outputs.write_vtu(surface, out_dir / "fields.vtu").name
        files["field_glb"] = outputs.write_field_glb(surface, out_dir / "fields.glb").name
        pictures = outputs.field_pictures(surface, outcome.result)
        for number, png in enumerate(pictures.values()):
            key = next(iter([k for i, k in enumerate(surface.fields) if i == number]), str(number))
            target = out_dir / f"{key}.png"
            target.write_bytes(png)
            files[f"picture_{key}"] = target.name
    if outcome.result.get("volume"):
        volume = Path(outcome.result["volume"])
        files["volume_vtu"] = outputs.write_volume_vtu(volume, out_dir / "volume.vtu").name
        volume.unlink()  # the VTU holds all of it
        outcome.result["volume"] = str(out_dir / "volume.vtu")
    deck = out_dir / "calculix.inp"
    if "second_opinion" in outcome.result and deck.is_file():
        files["calculix"] = deck.name
    (out_dir / "result.json").write_text(json.dumps(outcome.as_dict(), indent=1), encoding="utf-8")
    files["result"] = "result.json"
    files["report"] = write_study_report(outcome.as_dict(), out_dir, pictures, notes=outcome.study.notes).name
    return files
