"""Shared by all tests: a place of their own for state, and a last word on what was skipped."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# A slow machine is no defect, and a run of the suite repeats: other examples with BRICK_TEST_RANDOM=1.
settings.register_profile(
    "suite",
    deadline=None,
    derandomize=not os.environ.get("BRICK_TEST_RANDOM"),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")

# A shell starts what it puts in the background with Ctrl-C ignored, and programs that tests start inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

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
