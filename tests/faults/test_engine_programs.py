"""Mutated programs, and programs without end or measure: no worker is lost without a word, errors say what is wrong.

``BRICK_TEST_PROGRAMS`` is how many are mutated (the full amount is 5000); the seed is fixed.
"""

from __future__ import annotations

import collections
import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.compute import KINDS, Kind, WorkPool
from backend.engine.errors import EngineError
from backend.errors import TaskError
from tests.faults.engine_corpus import programs
from tests.faults.mutations import Programs

AMOUNT = int(os.environ.get("BRICK_TEST_PROGRAMS", "120"))
SEED = 7
RUN = "backend.engine.run:run_project"
LIMIT_S, MEMORY_MB = 15.0, 2500.0
A_DEFECT = re.compile(
    r"Traceback|\b(Type|Attribute|Key|Index|Value|ZeroDivision|Assertion|UnboundLocal|Recursion|Name|Overflow|Memory)Error\b"
)


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkPool]:
    geometry = KINDS["geometry"]
    workers = WorkPool({"geometry": Kind("geometry", geometry.warm, geometry.refuses, 2)})
    yield workers
    workers.close()


def outcome_of(future: Any) -> tuple[str, str, bool]:
    """What became of a run: a word for it, the message, and whether the error has a place in the program."""
    try:
        result = future.result()
    except EngineError as error:
        return error.code, error.message, error.source is not None
    except TaskError as error:
        return error.code, error.message, False
    if not result["bodies"]:
        return "ran, no bodies", "", True
    return ("ran" if result["valid"] else "not valid"), "", True


def test_no_mutated_program_costs_more_than_its_own_run(pool: WorkPool) -> None:
    mutate = Programs(SEED, [path.read_text(encoding="utf-8") for path in programs()])
    sources = [mutate.program() for _ in range(AMOUNT)]
    outcomes: collections.Counter[str] = collections.Counter()
    defects, lost, placeless = [], [], []
    began = time.monotonic()
    futures = [
        pool.submit(
            RUN,
            {"code": source, "exports": [], "timeout_s": LIMIT_S},
            kind="geometry",
            timeout_s=LIMIT_S + 5,
            memory_mb=MEMORY_MB,
        )[0]
        for source in sources
    ]
    for source, future in zip(sources, futures, strict=True):
        word, message, placed = outcome_of(future)
        outcomes[word] += 1
        if word in ("not valid", "task_failed", "internal_engine") or A_DEFECT.search(message):
            defects.append((word, message, source))
        if word in ("task_timeout", "task_memory", "task_crashed", "timeout"):
            lost.append((word, message, source))
        if not placed and word not in ("task_timeout", "task_memory", "task_crashed", "timeout"):
            placeless.append((word, message, source))
    print(dict(outcomes), f"{len(placeless)} errors without a place, {time.monotonic() - began:.0f} s")
    if path := os.environ.get("BRICK_TEST_REPORT"):
        told = {"outcomes": outcomes, "defects": defects, "lost": lost, "placeless": placeless}
        Path(path).write_text(json.dumps(told, indent=1))
    assert sum(outcomes.values()) == AMOUNT
    assert [defect[:2] for defect in defects] == []
    assert outcomes["task_crashed"] == 0, lost
    assert len(placeless) <= AMOUNT // 20, placeless[:3]
