"""The official parser, linter and formatter through our face."""

from __future__ import annotations

import pytest

from backend.engine.check import check_kcl, code_frame, format_kcl, place_of, read_report
from backend.engine.errors import EngineError

GOOD = """@settings(defaultLengthUnit = mm)
width = 30
body = startSketchOn(XY)
  |> startProfile(at = [0, 0])
  |> line(end = [width, 0])
  |> line(end = [0, 20])
  |> close()
  |> extrude(length = 10)
"""


def test_a_good_program_has_no_findings():
    assert check_kcl(GOOD) == []


def test_a_syntax_error_has_its_line_and_column():
    (finding,) = check_kcl("x = 1\ny = x +\n")
    assert (finding["severity"], finding["source"], finding["line"], finding["column"]) == ("error", "parser", 2, 7)
    assert "+" in finding["message"]
    assert "> 2 | y = x +\n    |       ^" in finding["frame"]


def test_an_error_in_a_program_of_one_line_has_its_place_too():
    (finding,) = check_kcl("x = (")
    assert (finding["line"], finding["column"]) == (1, 5)


def test_a_lint_is_a_warning_with_its_code_and_place():
    (finding,) = check_kcl("// größe\nBad_Name = 3\n")
    assert (finding["severity"], finding["source"], finding["code"]) == ("warning", "linter", "Z0001")
    assert (finding["line"], finding["column"]) == (2, 1)
    assert "Bad_Name" in finding["message"]


def test_place_counts_characters_not_bytes():
    assert place_of("é = 1\nx", len("é = 1\n".encode())) == (2, 1)
    assert place_of("éa", len("é".encode())) == (1, 2)


def test_formatting_is_idempotent_and_refuses_broken_code():
    once = format_kcl("width=30\nbody=startSketchOn( XY )")
    assert once == "width = 30\nbody = startSketchOn(XY)\n"
    assert format_kcl(once) == once
    with pytest.raises(EngineError) as caught:
        format_kcl("x = 1\ny = (")
    assert caught.value.code == "kcl_failed"
    assert caught.value.source == {"file": None, "line": 2, "column": 5}


def test_report_of_a_wrapped_message_is_read_whole():
    report = (
        "KCL Semantic error\n\n  × semantic: You cannot give both `end` and `endAbsolute` params, you have to\n"
        "  │ choose one or the other\n   ╭─[5:6]\n 4 │   |> startProfile(at = [0, 0])\n"
    )
    assert read_report(report) == {
        "phase": "semantic",
        "message": "You cannot give both `end` and `endAbsolute` params, you have to choose one or the other",
        "line": 5,
        "column": 6,
    }


def test_code_frame_stays_inside_the_program():
    assert code_frame("a\nb", 9).splitlines()[-1] == "> 2 | b"
    assert code_frame("", 1) == "> 1 |"
