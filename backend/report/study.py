"""The report of a study as one self-contained HTML file: no script, no request to any other host."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backend import __version__
from backend.report.charts import convergence_svg
from backend.report.checks import SIGNS, grouped, unit
from backend.report.numbers import number, percent

_TEMPLATES = Path(__file__).parent / "templates"


def render_study_report(study: Mapping[str, Any], pictures: Mapping[str, bytes], notes: str = "") -> str:
    """HTML of a solved study (:meth:`backend.studies.run.Outcome.as_dict`); ``pictures`` maps a title to PNG bytes."""
    from jinja2 import Environment, FileSystemLoader, select_autoescape

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=number, percent=percent, unit=unit)
    levels = list(study["result"].get("levels") or [])
    plain = [key for key, value in (levels[-1] if levels else {}).items() if not isinstance(value, dict)]
    return environment.get_template("study.html").render(
        version=__version__,
        study=study,
        notes=notes,
        groups=grouped(study["verdict"]["checks"]),
        signs=SIGNS,
        columns=plain,
        convergence=convergence_svg(levels),
        pictures=[
            {"title": title, "data": base64.b64encode(png).decode("ascii")} for title, png in pictures.items()
        ],
    )  # fmt: skip


def write_study_report(
    study: Mapping[str, Any], out_dir: Path, pictures: Mapping[str, bytes], *, notes: str = ""
) -> Path:
    """Writes ``report.html`` into ``out_dir`` and returns its path."""
    path = out_dir / "report.html"
    path.write_text(render_study_report(study, pictures, notes), encoding="utf-8")
    return path
