"""Official parser, linter and formatter of KCL, without any geometry. Needs neither OCP nor a server."""

from __future__ import annotations

import re
from typing import Any

from backend.engine.errors import EngineError

# the report of the interpreter draws "╭─[2:7]", or "╭────" and " 1 │ code" when the whole source is one line
_PLACE = re.compile(r"╭─\[(?:[^\]]*?:)?(\d+):(\d+)\]")
_HEADLINE = re.compile(r"^\s*×\s*(?:([a-z][a-z ]*):\s*)?(.*)$", re.MULTILINE)
_CODE_LINE = re.compile(r"^\s*(\d+) │ ")
_MARK = re.compile(r"^(\s*· )(\s*)[┬─╭▲]")


def read_report(report: str) -> dict[str, Any]:
    """``{"phase", "message", "line", "column"}`` from the interpreter's error report; line and column from 1, or None.

    ``phase`` is the interpreter's word for what failed (syntax, semantic, type, engine, …).
    """
    headline = _HEADLINE.search(report)
    phase, message = (headline.group(1) or "", headline.group(2)) if headline else ("", report.strip())
    if headline:
        # a long message goes on over the following lines, each led by a bar
        for extra in report[headline.end() :].splitlines()[1:]:
            if not extra.strip().startswith("│"):
                break
            message += " " + extra.strip().lstrip("│").strip()
    place = _PLACE.search(report)
    line = column = None
    if place:
        line, column = int(place.group(1)), int(place.group(2))
    else:
        for text in report.splitlines():
            number, mark = _CODE_LINE.match(text), _MARK.match(text)
            if number:
                line = int(number.group(1))
            elif mark and line is not None:
                column = len(mark.group(2)) + 1
                break
    return {"phase": phase, "message": message.strip(), "line": line, "column": column}


def place_of(code: str, byte_offset: int) -> tuple[int, int]:
    """Line and column (from 1, in characters) of an offset into the UTF-8 bytes of the code."""
    before = code.encode("utf-8")[: max(byte_offset, 0)].decode("utf-8", "ignore")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def code_frame(code: str, line: int, column: int | None = None, around: int = 1) -> str:
    """The lines around a place with a caret under the column: what a person looks at first."""
    lines = code.splitlines() or [""]
    line = min(max(line, 1), len(lines))
    first, last = max(line - around, 1), min(line + around, len(lines))
    width = len(str(last))
    frame = []
    for number in range(first, last + 1):
        frame.append(f"{'>' if number == line else ' '} {number:>{width}} | {lines[number - 1]}".rstrip())
        if number == line and column:
            frame.append(f"  {' ' * width} | {' ' * (column - 1)}^")
    return "\n".join(frame)


def check_kcl(code: str) -> list[dict[str, Any]]:
    """Findings of the official parser and linter; an empty list means none.

    Each is ``{"severity": "error" | "warning", "code", "message", "line", "column", "source": "parser" | "linter",
    "frame"}``. A syntax error ends the check: there is nothing to lint. Lint codes are the interpreter's (Z0001, …).
    """
    import kcl

    try:
        kcl.parse_code(code)
        found = kcl.lint(code)
    except kcl.KclError as error:
        return [_syntax_finding(code, str(error.args[0] if error.args else error))]
    except BaseException as error:
        # a panic of the Rust side derives from BaseException: it is a finding about this source, not a reason to stop
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        return [
            _finding(code, "error", "parser_panic", f"The parser failed on this source: {error}", 1, None, "parser")
        ]
    findings = []
    for item in found:
        line, column = place_of(code, item.pos[0])
        message = f"{item.finding.title}: {item.description}" if item.description else str(item.finding.title)
        findings.append(_finding(code, "warning", str(item.finding.code), message, line, column, "linter"))
    return findings


def _syntax_finding(code: str, report: str) -> dict[str, Any]:
    read = read_report(report)
    return _finding(code, "error", read["phase"] or "syntax", read["message"], read["line"], read["column"], "parser")


def _finding(
    code: str, severity: str, name: str, message: str, line: int | None, column: int | None, source: str
) -> dict[str, Any]:
    return {
        "severity": severity,
        "code": name,
        "message": message,
        "line": line,
        "column": column,
        "source": source,
        "frame": code_frame(code, line, column) if line else "",
    }


def format_kcl(code: str) -> str:
    """The code as the official formatter writes it.

    Raises EngineError (``kcl_failed``, with the place in ``source``) when the code doesn't parse.
    """
    import kcl

    try:
        return str(kcl.format(code))
    except kcl.KclError as error:
        finding = _syntax_finding(code, str(error.args[0] if error.args else error))
        raise EngineError(
            f"The code can't be formatted because it does not parse: {finding['message']}",
            code="kcl_failed",
            source={"file": None, "line": finding["line"], "column": finding["column"]},
        ) from error
