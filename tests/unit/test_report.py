"""The dossier: the brief is shown whole, figures keep their meaning, nothing in the state can become markup."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.report.charts import convergence_svg
from backend.report.html import marked_brief, write_report
from backend.report.numbers import number, percent
from backend.schema import (
    Assumption,
    Check,
    Intent,
    Origin,
    Quantity,
    Sense,
    Span,
    Status,
    VerificationReport,
    new_state,
)

BRIEF = "A <b>bracket</b>, 6 in wide, holds 300 lb, in mithril"


def state() -> dict[str, Any]:
    intent = Intent(
        brief=BRIEF,
        family="l_bracket",
        parameters={
            "width": Quantity(
                value=152.4, unit="mm", origin=Origin.BRIEF, given="6 in", span=Span(start=18, end=22, text="6 in")
            )
        },
        assumptions=(Assumption(id="a", text="Gravity points down.", reason="It usually does."),),
        unread=(Span(start=46, end=53, text="mithril"),),
    )  # fmt: skip
    check = Check(
        id="stress", title="Yield", status=Status.FAIL, value=200.0, unit="MPa", limit=180.0, sense=Sense.AT_MOST,
        margin=-0.111, method="finite elements", evidence=("fem/structural.json",),
    )  # fmt: skip
    verdict = VerificationReport(
        status=Status.FAIL, checks=(check,), summary="1 of 1 checks failed.", failed=("stress",)
    )
    full: dict[str, Any] = dict(new_state("p1", BRIEF))
    full["design"]["intent"] = intent.model_dump(mode="json")
    full["validation"]["verification_report"] = verdict.model_dump(mode="json")
    return full


def test_marked_brief_keeps_every_character_and_marks_what_was_read() -> None:
    pieces = marked_brief(state()["design"]["intent"])
    assert "".join(piece["text"] for piece in pieces) == BRIEF
    kinds = {piece["text"]: piece["kind"] for piece in pieces}
    assert kinds["6 in"] == "read"
    assert kinds["mithril"] == "unread"


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70)), max_size=6))
def test_marked_brief_never_loses_text_whatever_the_spans(brief: str, spans: list[tuple[int, int]]) -> None:
    unread = [{"start": start, "end": end, "text": ""} for start, end in spans]
    pieces = marked_brief({"brief": brief, "unread": unread})
    assert "".join(piece["text"] for piece in pieces) == brief


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.urls: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.urls += [value or "" for name, value in attrs if name in {"src", "href"}]


def test_report_is_one_file_without_scripts_and_escapes_the_brief(tmp_path: Path) -> None:
    png = base64.b64decode("iVBORw0KGgo=")
    text = write_report(state(), tmp_path, {"Part": png}).read_text(encoding="utf-8")
    parser = Tags()
    parser.feed(text)
    assert "script" not in parser.tags
    assert all(url.startswith("data:image/png;base64,") for url in parser.urls)
    assert "&lt;b&gt;bracket&lt;/b&gt;" in text
    assert "✗ fail" in text
    assert "1 of 1 checks failed." in text


def test_report_of_an_empty_state_says_not_verified(tmp_path: Path) -> None:
    text = write_report(dict(new_state("p", "x")), tmp_path).read_text(encoding="utf-8")
    assert "not verified" in text
    assert "✓ pass" not in text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (None, "–"), (152.4, "152.4"), (1234567.0, "1234567"), (0.001234, "0.001234"), (9.5e-9, "9.500e-09"),
     (float("nan"), "–"), (1e9, "1.000e+09"), (12, "12"), ("a", "a")],
)  # fmt: skip
def test_numbers_are_written_for_people(value: Any, text: str) -> None:
    assert number(value) == text


@given(st.floats(min_value=1e-3, max_value=1e6) | st.floats(min_value=-1e6, max_value=-1e-3))
def test_a_written_number_is_within_its_digits(value: float) -> None:
    assert float(number(value)) == pytest.approx(value, rel=6e-4)


def test_percent_has_a_sign() -> None:
    assert (percent(0.123), percent(-0.021), percent(None)) == ("+12 %", "-2.1 %", "–")
    assert (percent(-0.0), percent(-1e-9)) == ("+0.0 %", "+0.0 %")


def test_convergence_chart_has_a_point_for_each_mesh_and_curve() -> None:
    levels = [
        {"dofs": dofs, "assessed_von_mises_mpa": 100.0 + dofs / 1e4, "max_von_mises_mpa": 120.0 + dofs / 1e3}
        for dofs in (5_000, 20_000, 60_000)
    ]
    assert len(re.findall("<circle", convergence_svg(levels))) == 6
    assert convergence_svg(levels[:1]) == ""
