"""Shared by all tests: a place of their own for state, and a last word on what was skipped."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

import pytest

# Before any test imports the product: its state and logs belong into a folder that goes away.
_home = tempfile.TemporaryDirectory(prefix="brick-tests-")
os.environ.setdefault("BRICK_DATA_DIR", _home.name)
os.environ.setdefault("BRICK_LOG_DIR", f"{_home.name}/logs")


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None] | None:
    """Names and counts the tests that were skipped, with the reason of each."""
    skipped = terminalreporter.stats.get("skipped", [])
    terminalreporter.section(f"skipped by name: {len(skipped)}")
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        terminalreporter.write_line(f"{report.nodeid}: {reason.removeprefix('Skipped: ')}")
    return None
