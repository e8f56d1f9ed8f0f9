"""The bill of materials: quantities add up, a cost has a basis, and what is unknown stays empty."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from backend.manufacturing.bom import COLUMNS, bill_of_materials, stock_mass_g, write_bom_csv
from backend.schema import BoundingBox

BOX = BoundingBox(min=(0.0, 0.0, 0.0), max=(94.0, 44.0, 4.0))
MADE = {"part": "bracket", "description": "L-bracket", "quantity": 2, "kind": "made", "mass_g_each": 40.0,
        "process": "CNC milling", "material": "6061-T6"}  # fmt: skip
BOLT = {"part": "M6x20", "standard": "ISO 4762", "quantity": 4, "kind": "bought"}


def test_stock_is_the_box_with_an_allowance_on_each_side() -> None:
    # 100 x 50 x 10 mm at 2700 kg/m3 is 135 g
    assert stock_mass_g(BOX, 2700.0) == pytest.approx(135.0)


def test_made_part_is_priced_for_its_stock_and_bought_part_is_not_invented() -> None:
    bom = bill_of_materials(
        [MADE, BOLT], price_usd_kg=(4.0, 10.0), price_source="estimate", density_kg_m3=2700.0, boxes={"bracket": BOX}
    )
    bracket, bolt = bom["lines"]
    assert (bracket["cost_low_usd_each"], bracket["cost_high_usd_each"]) == (0.54, 1.35)
    assert bolt["cost_low_usd_each"] is None
    assert "not priced" in bolt["cost_basis"]
    assert bom["totals"]["cost_low_usd"] == pytest.approx(1.08)
    assert bom["totals"]["parts"] == 6
    assert bom["totals"]["mass_complete"] is False
    assert any("1 of 2 lines are not priced" in note for note in bom["notes"])


def test_printed_part_is_priced_by_what_it_weighs() -> None:
    printed = {**MADE, "process": "FDM 3D printing", "quantity": 1}
    bom = bill_of_materials([printed], price_usd_kg=(20.0, 30.0), price_source="estimate", density_kg_m3=1240.0)
    assert bom["lines"][0]["cost_low_usd_each"] == pytest.approx(0.8)


def test_a_familys_words_become_columns() -> None:
    bolt = {"part": "Bolt", "made": False, "designation": "ISO 4762 - M6x20", "mass_g": 7.0, "quantity": 3}
    (line,) = bill_of_materials([bolt])["lines"]
    assert (line["kind"], line["standard"], line["mass_g_each"]) == ("bought", "ISO 4762 - M6x20", 7.0)


def test_csv_reads_back(tmp_path: Path) -> None:
    bom = bill_of_materials([MADE, BOLT])
    with write_bom_csv(bom, tmp_path / "bom.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == COLUMNS
    assert [row["part"] for row in rows] == ["bracket", "M6x20"]
    assert rows[1]["quantity"] == "4"
