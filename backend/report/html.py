"""The design dossier as one self-contained HTML file: no script, no request to any other host."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from backend import __version__
from backend.report.charts import convergence_svg
from backend.report.checks import SIGNS, assumption_rows, grouped, unit
from backend.report.numbers import number, percent
from backend.report.words import family_title, material_name
from backend.schema import Intent, Scheme, VerificationReport

_TEMPLATES = Path(__file__).parent / "templates"

ORIGIN_WORDS = {
    "brief": "said in the brief",
    "answer": "answered",
    "assumption": "assumed",
    "material": "material data",
    "standard": "standard",
    "sized": "sized",
    "computed": "computed",
    "measured": "measured on the model",
}


def marked_brief(intent: Mapping[str, Any]) -> list[dict[str, str]]:
    """The brief cut into pieces: plain text, and words that became a requirement (with what they became).

    Returns ``[{"text", "kind": "plain"|"read"|"unread", "meaning"}]``; the texts joined give the brief.
    """
    brief = str(intent.get("brief", ""))
    found: list[tuple[int, int, str, str]] = []

    def add(span: Mapping[str, Any] | None, kind: str, meaning: str) -> None:
        if span:
            found.append((int(span["start"]), int(span["end"]), kind, meaning))

    for name, quantity in (intent.get("parameters") or {}).items():
        value = f"{number(quantity['value'])} {quantity['unit']}".strip()
        add(quantity.get("span"), "read", f"{name.replace('_', ' ')} = {value}")
    for load in intent.get("loads") or ():
        magnitude, position = load["magnitude"], load.get("position")
        add(magnitude.get("span") or load.get("span"), "read", f"load {number(magnitude['value'])} {magnitude['unit']}")
        if position:
            add(position.get("span"), "read", f"load position = {number(position['value'])} {position['unit']}")
    factor = intent.get("safety_factor")
    if factor:
        add(factor.get("span"), "read", f"safety factor {number(factor['value'])}")
    add(intent.get("material_span"), "read", f"material {material_name(intent.get('material'))}")
    for limit in intent.get("limits") or ():
        add(limit.get("span"), "read", limit["statement"])
    for requirement in intent.get("requirements") or ():
        add(requirement.get("span"), "read", requirement["statement"])
    for span in intent.get("unread") or ():
        add(span, "unread", "not understood; it has no effect on the design")

    pieces: list[dict[str, str]] = []
    at = 0
    for start, end, kind, meaning in sorted(found, key=lambda item: (item[0], -item[1])):
        if start < at or end > len(brief) or start >= end:
            continue
        if start > at:
            pieces.append({"text": brief[at:start], "kind": "plain", "meaning": ""})
        pieces.append({"text": brief[start:end], "kind": kind, "meaning": meaning})
        at = end
    if at < len(brief):
        pieces.append({"text": brief[at:], "kind": "plain", "meaning": ""})
    return pieces


def file_rows(out_dir: Path, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Name, meaning, size and SHA-256 of the files handed over that exist in ``out_dir``."""
    rows = []
    for name, meaning in names.items():
        path = out_dir / name
        if path.is_file():
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            rows.append({"name": name, "meaning": meaning, "bytes": path.stat().st_size, "sha256": digest})
    return rows


FILES = {
    "model.kcl": "the program that makes the part (KCL)",
    "model.step": "exact geometry, AP242",
    "model.stl": "mesh for printing, mm",
    "model.glb": "mesh with the stress field, for viewers",
    "bom.csv": "bill of materials",
}


# What the dossier shows of a finite-element result; see backend.physics.fem for their meaning.
FEM_FIELDS = (
    "solver", "version", "levels", "von_mises_mpa", "displacement_mm", "singular", "singularities", "reactions",
    "warnings",
)  # fmt: skip


def _complete(section: Mapping[str, Any] | None, fields: Iterable[str]) -> dict[str, Any]:
    """The section with every field that the template asks for; None where the run did not get that far."""
    return {**dict.fromkeys(fields), **(section or {})}


def render_report(state: Mapping[str, Any], out_dir: Path, pictures: Mapping[str, bytes] | None = None) -> str:
    """The dossier as HTML text. ``pictures`` maps a title to PNG bytes, shown in this order."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=number,
        material=material_name,
        percent=percent,
        origin=lambda word: ORIGIN_WORDS.get(word, word),
        unit=unit,
    )
    structural = dict(state["physics"].get("structural_analysis") or {})
    fem = _complete(structural.get("fem") or (structural if "levels" in structural else {}), FEM_FIELDS)
    intent = _complete(state["design"].get("intent"), Intent.model_fields)
    scheme = _complete(state["design"].get("design_scheme"), Scheme.model_fields)
    verdict = _complete(state["validation"].get("verification_report"), VerificationReport.model_fields)
    return environment.get_template("dossier.html").render(
        version=__version__,
        core=state["core"],
        intent=intent,
        brief=marked_brief(intent),
        scheme=scheme,
        title=family_title(scheme["family"]),
        made_of=material_name(scheme["material"]),
        verdict=verdict,
        groups=grouped(verdict["checks"] or ()),
        signs=SIGNS,
        assumptions=assumption_rows(intent["assumptions"], scheme["assumptions"]),
        compiled=state["geometry"].get("compiled") or {},
        kcl=state["geometry"].get("kcl_code") or "",
        fem=fem,
        convergence=convergence_svg(fem["levels"] or []),
        material=_complete(state["physics"].get("material_props"), ("properties",)),
        bom=_complete(state["manufacturing"].get("bom_analysis"), ("lines", "notes")),
        files=file_rows(out_dir, FILES),
        pictures=[
            {"title": title, "data": base64.b64encode(png).decode("ascii")} for title, png in (pictures or {}).items()
        ],
    )


def write_report(state: Mapping[str, Any], out_dir: Path, pictures: Mapping[str, bytes] | None = None) -> Path:
    """Writes ``report.html`` into ``out_dir`` and returns its path."""
    path = out_dir / "report.html"
    path.write_text(render_report(state, out_dir, pictures), encoding="utf-8")
    return path
