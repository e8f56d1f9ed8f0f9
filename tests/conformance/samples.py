"""Official samples against the official engine's figures: ``python -m tests.conformance.samples DIR``.

DIR holds a folder with ``main.kcl`` for each sample and an ``oracle.json``: ``{"samples": {name: {"mass_g",
"density_kg_m3", "area_mm2", "bounding_box_mm": {"center", "dimensions"}, "note"?, "analytic"?, "not_compared"?}}}``,
taken from the ``physical_properties.snap`` of the same revision. Neither sources nor figures are kept here. ``note``
explains a difference, ``analytic`` ({"mass_g", "area_mm2", "how"}) holds closed forms of the very source, for samples
whose official figures are of another one, and ``not_compared`` says why there are neither.

The official figures come from a triangulation: mass and area agree within 0.3 % where both engines are right. Their
boxes are loose on curved bodies: they are printed, but only decide that ours does not stick out.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.compute import WorkPool

TARGET = "backend.engine.run:run_project"
TIMEOUT_S = 180.0
TOLERANCE = 3e-3
ANALYTIC_TOLERANCE = 1e-5


@dataclass
class Row:
    """One sample: the official figures, ours, and how far they are apart (relative)."""

    name: str
    official: dict[str, Any]
    result: dict[str, Any] | None = None
    error: str = ""
    seconds: float = 0.0

    @property
    def reference(self) -> dict[str, Any]:
        """What ours is compared with: closed forms where there are any, else the official figures."""
        found: dict[str, Any] = self.official.get("analytic") or self.official
        return found

    @property
    def mass_g(self) -> float:
        """Our mass at the density of the official figure."""
        assert self.result is not None
        return float(self.result["volume_mm3"]) * float(self.official.get("density_kg_m3", 1000.0)) * 1e-6

    @property
    def mass_off(self) -> float:
        """Ours over the reference's mass, less one; NaN where the sample did not run or has none."""
        return self.mass_g / float(self.reference["mass_g"]) - 1 if self.compared else math.nan

    @property
    def area_off(self) -> float:
        """Ours over the reference's area, less one; NaN where the sample did not run or has none."""
        if self.result is None or not self.compared:
            return math.nan
        return float(self.result["area_mm2"]) / float(self.reference["area_mm2"]) - 1

    @property
    def compared(self) -> bool:
        """Whether it ran and there is something to compare it with."""
        return self.result is not None and not self.official.get("not_compared")

    @property
    def sticks_out_mm(self) -> float:
        """By how much our exact box leaves the official (loose) one; NaN where either is missing."""
        box = self.official.get("bounding_box_mm")
        if not box or not self.result:
            return math.nan
        ours = self.result["bounding_box_mm"]
        out = 0.0
        for axis in range(3):
            half = box["dimensions"][axis] / 2
            out = max(out, box["center"][axis] - half - ours["min"][axis])
            out = max(out, ours["max"][axis] - box["center"][axis] - half)
        return out

    @property
    def verdict(self) -> str:
        """How it stands.

        agrees (official figures within 0.3 %), analytic (closed forms within 1e-5), explained (it differs, and the
        oracle's note says why), not compared (it ran and is valid; the oracle says why no more), differs, invalid or
        FAILED.
        """
        if self.result is None:
            return "FAILED"
        if not self.result["valid"]:
            return "invalid"
        if not self.compared:
            return "not compared"
        limit = ANALYTIC_TOLERANCE if "analytic" in self.official else TOLERANCE
        if abs(self.mass_off) <= limit and abs(self.area_off) <= limit:
            return "analytic" if "analytic" in self.official else "agrees"
        return "explained" if self.official.get("note") and "analytic" not in self.official else "differs"

    @property
    def reason(self) -> str:
        """Why it is explained, analytic or not compared; empty for the others."""
        told = {
            "explained": self.official.get("note"),
            "analytic": self.official.get("analytic", {}).get("how"),
            "not compared": self.official.get("not_compared"),
        }
        return str(told.get(self.verdict) or "")


def load(folder: Path) -> dict[str, dict[str, Any]]:
    """The oracle of a folder, by sample."""
    samples: dict[str, dict[str, Any]] = json.loads((folder / "oracle.json").read_text(encoding="utf-8"))["samples"]
    return samples


def run_sample(folder: Path, name: str, official: dict[str, Any], pool: WorkPool, out_dir: str) -> Row:
    """Runs one sample in the pool."""
    row = Row(name, official)
    request = {"path": str(folder / name), "out_dir": out_dir, "exports": [], "name": name, "timeout_s": TIMEOUT_S}
    started = time.perf_counter()
    try:
        row.result = pool.run_sync(TARGET, request, kind="geometry", timeout_s=TIMEOUT_S + 10)
    except Exception as error:
        told = error.as_dict() if hasattr(error, "as_dict") else {"code": type(error).__name__, "message": str(error)}
        source = told.get("source") or {}
        place = f" ({source.get('file')}:{source.get('line')})" if source.get("line") else ""
        row.error = f"{told.get('code')}: {told.get('message')}{place}"
    row.seconds = time.perf_counter() - started
    return row


def table(rows: list[Row]) -> str:
    """A line a sample: verdict, masses, differences, what sticks out of the official box, time."""
    lines = [
        f"{'sample':<26}{'verdict':<13}{'ours g':>13}{'reference g':>14}{'mass %':>9}{'area %':>9}{'out mm':>9}{'s':>7}"
    ]
    for row in rows:
        if row.result is None:
            lines.append(f"{row.name:<26}{row.verdict:<13}{row.error[:170]}")
            continue
        lines.append(
            f"{row.name:<26}{row.verdict:<13}{row.mass_g:>13.5g}"
            f"{float(row.reference['mass_g']) if row.compared else math.nan:>14.5g}"
            f"{100 * row.mass_off:>9.3f}{100 * row.area_off:>9.3f}{row.sticks_out_mm:>9.3f}{row.seconds:>7.2f}"
        )
    counts = Counter(row.verdict for row in rows)
    lines.append(", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())) + f" of {len(rows)}")
    lines.extend(f"  {row.name} ({row.verdict}): {row.reason}" for row in rows if row.reason)
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Command line; exit status 1 where a sample failed, is invalid or differs without a note that says why."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", action="append", default=[], help="samples with this in their name")
    options = parser.parse_args(arguments)
    samples = load(options.folder)
    pool = WorkPool()
    rows = []
    try:
        with tempfile.TemporaryDirectory(prefix="brick-samples-") as scratch:
            for name, official in sorted(samples.items()):
                if options.only and not any(word in name for word in options.only):
                    continue
                if not (options.folder / name / "main.kcl").is_file():
                    print(f"{name}: no source", file=sys.stderr)
                    continue
                rows.append(run_sample(options.folder, name, official, pool, scratch))
    finally:
        pool.close()
    print(table(rows))
    return 0 if all(row.verdict not in ("FAILED", "invalid", "differs") for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
