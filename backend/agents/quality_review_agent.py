"""The quality review: the finished package held against the brief, and its parts against each other.

It compares what was written with what was recorded; only the STEP file is read anew, by a geometry worker, and its
solid measured. Each comparison is a check that passes, fails, or says that it had nothing to compare.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import html
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from backend.agents.base import BaseAgent, required
from backend.agents.verification_agent import verify
from backend.artifacts import sha256_file
from backend.report.numbers import number
from backend.report.review import BEGIN, without_review
from backend.schema import Check, Requirement, Status

MASS_TOLERANCE = 1e-3  # relative: the part's formula and its solid agree to 1e-4, figures are rounded when written
# STEP gives lengths with 15 digits; a curved face is written as it is. What is read back differs by rounding alone.
REREAD_REL, REREAD_MM = 1e-6, 1e-4
ROUNDED_G = 0.01  # the bill of materials gives masses to 0.01 g
COPIED = ("step", "stl", "brep")  # handed over as the engine wrote them; the GLB gets the stress field

Files = Mapping[str, str]


def content_sha256(path: str | Path) -> str:
    """SHA-256 of a file of the package; the dossier's without the review, which is set in last. "" where unreadable."""
    if Path(path).suffix != ".html":
        return sha256_file(path)
    try:
        return hashlib.sha256(without_review(Path(path).read_text(encoding="utf-8")).encode()).hexdigest()
    except (OSError, UnicodeDecodeError):
        return ""


def manifest_of(files: Files) -> dict[str, dict[str, Any]]:
    """What names each file of a package: kind -> {name, sha256, bytes}. A file that is not there has no hash."""
    return {
        kind: {
            "name": Path(path).name,
            "sha256": content_sha256(path),
            "bytes": Path(path).stat().st_size if Path(path).is_file() else 0,
        }
        for kind, path in files.items()
    }


def _check(name: str, title: str, wrong: Sequence[str] | None, good: str, method: str) -> Check:
    """A comparison: ``wrong`` lists what disagrees; None: there was nothing to compare, ``good`` says why."""
    status = Status.NOT_VERIFIED if wrong is None else Status.FAIL if wrong else Status.PASS
    return Check(id=f"review_{name}", title=title, status=status, reason="; ".join(wrong or ()) or good, method=method)


def requirements_told(state: Mapping[str, Any], requirements: Sequence[Mapping[str, Any]]) -> Check:
    """Each requirement and limit of the brief has a check or is said to be not verified; the verdict follows."""
    report = state["validation"]["verification_report"]
    limits = (state["design"].get("intent") or {}).get("limits") or []
    asked = {str(item["id"]): str(item["statement"]) for item in [*limits, *requirements]}
    checks = [Check.model_validate(check) for check in report.get("checks") or ()]
    held = {check.requirement_id for check in checks}
    wrong = [f"nothing is said of '{statement}'" for name, statement in asked.items() if name not in held]
    anew = verify([Requirement.model_validate(item) for item in requirements], checks)
    if report.get("status") != anew.status:
        wrong.append(f"the verdict says {report.get('status')}, its checks say {anew.status.value}")
    good = f"{len(asked)} requirements, each with a check or said to be not verified"
    return _check("requirements", "Requirements of the brief are all told of", wrong, good, "identifiers; verdict anew")


def files_whole(files: Files, manifest: Mapping[str, Mapping[str, Any]]) -> Check:
    """Every file that is named is there, with the content that it was written with."""
    title, method = "Files of the package are there and as they were written", "SHA-256"
    if not files:
        return _check("files", title, None, "no file was handed over", method)
    wrong = []
    for kind, path in files.items():
        known = manifest.get(kind) or {}
        if not Path(path).is_file() or not Path(path).stat().st_size:
            wrong.append(f"{Path(path).name} is missing or empty")
        elif not known.get("sha256") or content_sha256(path) != known["sha256"]:
            wrong.append(f"{Path(path).name} is not what was written")
    wrong += [f"{entry['name']} is missing" for kind, entry in manifest.items() if kind not in files]
    return _check("files", title, wrong, f"{len(files)} files", method)


def model_is_the_compiled(files: Files, sources: Mapping[str, str]) -> Check:
    """STEP, STL and BREP are byte for byte what the engine wrote (``sources``: kind -> SHA-256) and physics proved."""
    title, method = "Model files are those that were proven", "SHA-256 of the engine's files"
    kinds = [kind for kind in COPIED if kind in files and kind in sources]
    if not kinds:
        return _check("model", title, None, "no model file to compare", method)
    wrong = [f"{kind.upper()} differs" for kind in kinds if sha256_file(files[kind]) != sources[kind]]
    return _check("model", title, wrong, ", ".join(kinds).upper(), method)


def step_reads_back(state: Mapping[str, Any], files: Files, reread: Mapping[str, Any] | None) -> Check:
    """The solid that the STEP file gives back has the volume, box and number of bodies that the evidence is about.

    ``reread`` holds its measures, or the ``error`` (what, and whether it is the ``file``'s) that reading it ended with.
    """
    title = "STEP file read back"
    method = f"measured anew: volume within {REREAD_REL:g}, box and centre of mass within {REREAD_MM:g} mm"
    if "step" not in files or reread is None:
        return _check("step", title, None, "no STEP file was handed over", method)
    if "error" in reread:
        broken = [f"it can't be read: {reread['error']}"] if reread.get("file") else None
        return _check("step", title, broken, f"it was not read back: {reread['error']}", method)
    compiled = state["geometry"].get("compiled") or {}
    volume, then = reread["volume_mm3"], compiled.get("volume_mm3")
    if then is None:
        return _check("step", title, None, "no solid was recorded", method)
    wrong = []
    if abs(volume - then) > REREAD_REL * abs(then):
        wrong.append(f"volume {volume:.9g} mm³, recorded {then:.9g} mm³")
    if reread["solids"] != compiled["solids"]:
        wrong.append(f"{reread['solids']} bodies, recorded {compiled['solids']}")
    if not reread["valid"]:
        wrong.append("the kernel finds a body not valid")
    box, was = reread["bounding_box_mm"], compiled["bounding_box_mm"]
    off = [abs(a - b) for side in ("min", "max") for a, b in zip(box[side], was[side], strict=True)]
    if max(off) > REREAD_MM:
        wrong.append(f"a side of the box lies {max(off):.3g} mm off")
    centre = [abs(a - b) for a, b in zip(reread["center_of_mass_mm"], compiled["center_of_mass_mm"], strict=True)]
    if max(centre) > REREAD_MM:
        wrong.append(f"the centre of mass lies {max(centre):.3g} mm off")
    sides = " x ".join(number(high - low) for low, high in zip(box["min"], box["max"], strict=True))
    bodies = f"{reread['solids']} bod{'y' if reread['solids'] == 1 else 'ies'}"
    return _check("step", title, wrong, f"{number(volume, 6)} mm³, {sides} mm, {bodies}", method)


async def read_back(files: Files) -> dict[str, Any] | None:
    """Measures of the package's STEP file by a geometry worker (see :func:`step_reads_back`); None without one."""
    if "step" not in files:
        return None
    from backend.compute import get_pool
    from backend.config.settings import get_settings
    from backend.engine import EngineError
    from backend.errors import TaskError

    with tempfile.TemporaryDirectory(prefix="brick-review-") as folder:
        request = {"path": files["step"], "format": "step", "out_dir": folder, "exports": []}
        limit_s = get_settings().geometry_timeout_s
        try:
            found: dict[str, Any] = await get_pool().run(
                "backend.engine.topology:take_in", request, kind="geometry", timeout_s=limit_s
            )
        except EngineError as problem:
            return {"error": problem.message, "file": True}
        except TaskError as problem:
            return {"error": problem.message, "file": False}
    return found


def program_is_the_recorded(state: Mapping[str, Any], files: Files, dossier: str | None) -> Check:
    """The KCL of the state is that of the file and that which the dossier prints."""
    title, method = "Program of the state, the file and the dossier", "text"
    program = state["geometry"].get("kcl_code") or ""
    if not program or "kcl" not in files:
        return _check("kcl", title, None, "no program was handed over", method)
    wrong = []
    if _text(files["kcl"]) != program:
        wrong.append("model.kcl is not the program of the state")
    # html.unescape undoes what the template escaped; line ends are the template's own.
    if dossier is not None and program.strip() not in html.unescape(dossier):
        wrong.append("the dossier prints another program")
    return _check("kcl", title, wrong, f"{len(program.splitlines())} lines", method)


def units_there(state: Mapping[str, Any], requirements: Sequence[Mapping[str, Any]]) -> Check:
    """Every parameter and every quantity of a requirement has a unit ("1" for a count or a ratio)."""
    named = {**state["design"].get("design_parameters", {})}
    named |= {str(item["id"]): item["quantity"] for item in requirements if item.get("quantity")}
    if not named:
        return _check("units", "Units are written", None, "no quantity to look at", "")
    wrong = [f"{name} has no unit" for name, quantity in named.items() if not str(quantity.get("unit") or "").strip()]
    return _check("units", "Units are written", wrong, f"{len(named)} quantities", "unit of each recorded quantity")


def masses_agree(state: Mapping[str, Any], bom: Sequence[Mapping[str, str]] | None, dossier: str | None) -> Check:
    """Mass and volume in the bill of materials and the dossier are those measured on the solid that the STEP holds."""
    title, method = "Mass and volume agree", f"against the measured solid, within {MASS_TOLERANCE:g} or as rounded"
    compiled = state["geometry"].get("compiled") or {}
    measured_g = state["geometry"].get("mass_properties", {}).get("mass_g")
    volume = compiled.get("volume_mm3")
    wrong, compared = [], []
    if dossier is not None and volume is not None:
        compared.append(f"volume {number(volume, 6)} mm³")
        if f"<b>{number(volume, 6)} mm³</b>" not in dossier:
            wrong.append(f"the dossier does not give the volume {number(volume, 6)} mm³")
    bodies = [body["volume_mm3"] for body in compiled.get("bodies") or ()]
    if bodies and volume is not None and abs(sum(bodies) - volume) > MASS_TOLERANCE * abs(volume):
        wrong.append(f"the bodies have {sum(bodies):.6g} mm³ together, the model {volume:.6g} mm³")
    scheme = state["design"].get("design_scheme") or {}
    sized = (scheme.get("mass_g") or {}).get("value")
    if sized is not None and dossier is not None:
        compared.append(f"dossier {number(sized)} g")
        if f"<b>{number(sized)} {scheme['mass_g']['unit']}</b>" not in dossier:
            wrong.append(f"the dossier does not give the mass {number(sized)} g")
        if measured_g is not None and abs(sized - measured_g) > MASS_TOLERANCE * measured_g:
            wrong.append(f"the dossier's mass of {number(sized)} g against {number(measured_g)} g measured")
    made = [line for line in bom or () if line.get("kind") == "made"]
    if made and measured_g is not None and all(line.get("mass_g_each") for line in made):
        total = sum(float(line["mass_g_each"]) * int(line["quantity"]) for line in made)
        pieces = sum(int(line["quantity"]) for line in made)
        compared.append(f"bill of materials {number(total)} g")
        if abs(total - measured_g) > MASS_TOLERANCE * measured_g + ROUNDED_G * pieces:
            wrong.append(
                f"made parts of the bill of materials weigh {number(total)} g, the solid {number(measured_g)} g"
            )
    if not compared:
        return _check("mass", title, None, "no mass or volume to compare", method)
    return _check("mass", title, wrong, ", ".join(compared), method)


def bom_is_the_recorded(state: Mapping[str, Any], files: Files, rows: Sequence[Mapping[str, str]] | None) -> Check:
    """The bill of materials on disk has the lines of the state, each with its figures."""
    title, method = "Bill of materials of the state and the file", "each cell as text"
    lines = (state["manufacturing"].get("bom_analysis") or {}).get("lines") or []
    if "bom" not in files or not lines:
        return _check("bom", title, None, "no bill of materials was handed over", method)
    if rows is None:
        return _check("bom", title, ["the file can't be read"], "", method)
    from backend.manufacturing.bom import csv_row

    wrong = [] if len(rows) == len(lines) else [f"{len(rows)} lines in the file, {len(lines)} in the state"]
    for row, line in zip(rows, lines, strict=False):
        written = csv_row(line)
        cells = {name: "" if written.get(name) is None else str(written[name]) for name in row}
        wrong += [f"line {line.get('item')}: {name} is {row[name]!r}" for name in row if row[name] != cells[name]]
    return _check("bom", title, wrong, f"{len(lines)} lines", method)


def _text(path: str | Path) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _rows(path: str | None) -> list[dict[str, str]] | None:
    text = _text(path) if path else None
    return None if text is None else list(csv.DictReader(text.splitlines()))


def warnings_of(state: Mapping[str, Any]) -> list[str]:
    """What a person should still look at: errors on the way, what was not verified, words not understood."""
    report, intent = state["validation"]["verification_report"], state["design"].get("intent") or {}
    open_ = [
        c["title"] for c in report.get("checks") or () if c["status"] == Status.NOT_VERIFIED and c["value"] is None
    ]
    return [
        *state["core"]["errors"],
        *(state["geometry"].get("compiled") or {}).get("diagnostics", ()),
        *(f"not understood: '{span['text']}'" for span in intent.get("unread") or ()),
        *(f"not verified: {title}" for title in open_),
    ]


def review_package(
    state: Mapping[str, Any],
    requirements: Sequence[Mapping[str, Any]],
    files: Files,
    manifest: Mapping[str, Mapping[str, Any]],
    sources: Mapping[str, str],
    reread: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The review as JSON data: ``status``, ``summary``, ``checks``, ``warnings``, ``files`` (kind -> name and hash).

    ``reread``: see :func:`step_reads_back`.
    """
    dossier = _text(files["report"]) if "report" in files else None
    strange = dossier is not None and BEGIN not in dossier  # a dossier of another agent: its figures are not known
    dossier = None if strange else dossier
    bom = _rows(files.get("bom"))
    checks = [
        requirements_told(state, requirements),
        files_whole(files, manifest),
        model_is_the_compiled(files, sources),
        step_reads_back(state, files, reread),
        program_is_the_recorded(state, files, dossier),
        units_there(state, requirements),
        masses_agree(state, bom, dossier),
        bom_is_the_recorded(state, files, bom),
    ]
    failed = [check for check in checks if check.status is Status.FAIL]
    open_ = [check for check in checks if check.status is Status.NOT_VERIFIED]
    warnings = warnings_of(state)
    if strange:
        warnings.append("the report is not a dossier that can be read back: its figures and program were not compared")
    passed = len(checks) - len(failed) - len(open_)
    parts = [f"{passed} of {len(checks)} comparisons agree"]
    parts += [f"at odds: {'; '.join(f'{c.title} ({c.reason})' for c in failed)}"] if failed else []
    parts += [f"nothing to compare: {'; '.join(c.title for c in open_)}"] if open_ else []
    parts += [f"{len(warnings)} warning{'' if len(warnings) == 1 else 's'} left"] if warnings else []
    status = Status.FAIL if failed else Status.PASS if passed and not open_ else Status.NOT_VERIFIED
    return {
        "status": status.value,
        "summary": "; ".join(parts),
        "checks": [check.model_dump(mode="json") for check in checks],
        "warnings": warnings,
        "files": {kind: dict(entry) for kind, entry in manifest.items()},
    }


class QualityReviewAgent(BaseAgent):
    """Reviews the finished package."""

    stage = "quality_review"

    async def run(self, params: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """From ``state``, ``requirements``, ``files``, ``manifest`` and ``sources``; returns ``review``."""
        files = params.get("files") or {}
        review = await asyncio.to_thread(
            review_package,
            required(params, "state", self.name),
            params.get("requirements") or (),
            files,
            params.get("manifest") or {},
            params.get("sources") or {},
            await read_back(files),
        )
        self.think(review["summary"], status=review["status"])
        status = {"pass": "success", "fail": "failure"}.get(review["status"], "not_verified")
        return {"status": status, "summary": review["summary"], "review": review}
