"""The bill of materials: quantities add up, a cost has a basis, and what is unknown stays empty."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from backend.manufacturing.bom import COLUMNS, angle_mass_g, bill_of_materials, stock_mass_g, write_bom_csv
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


def test_an_l_shaped_part_is_cut_from_an_angle_where_that_is_less_than_a_block() -> None:
    # legs 94 and 44, 4 thick, with 3 mm on each face: 10 x (100 + 50 - 10) mm² over 106 mm, no fillet
    angle = {"legs": [94.0, 44.0], "thickness": 4.0, "fillet": 0.0, "length": 100.0}
    assert angle_mass_g(angle, 2700.0) == pytest.approx(10 * 140 * 106 * 2.7e-3)
    rounded = angle_mass_g({**angle, "fillet": 10.0}, 2700.0)  # more by a square less its quarter circle
    assert rounded - angle_mass_g(angle, 2700.0) == pytest.approx((100 - 78.53982) * 106 * 2.7e-3, rel=1e-5)

    def priced(part: dict[str, object], box: BoundingBox) -> dict[str, object]:
        bom = bill_of_materials(
            [part], price_usd_kg=(4.0, 4.0), price_source="estimate", density_kg_m3=2700.0, boxes={"bracket": box}
        )
        line: dict[str, object] = bom["lines"][0]
        return line | {"notes": bom["notes"]}

    tall = BoundingBox(min=(0.0, 0.0, 0.0), max=(94.0, 44.0, 100.0))
    line = priced({**MADE, "angle_mm": angle}, tall)
    assert line["cost_low_usd_each"] == pytest.approx(4.0 * 0.40068, abs=0.005)
    assert "raw stock of 401 g (an angle" in str(line["cost_basis"])
    assert "a solid block would be 1431 g" in str(line["cost_basis"])  # 100 x 50 x 106 mm
    assert "fixed sizes" in str(line["notes"])
    thick = {**angle, "thickness": 40.0}
    assert "(a block around the part" in str(
        priced({**MADE, "angle_mm": {**thick, "fillet": 40.0}}, tall)["cost_basis"]
    )
    assert "(a block around the part" in str(priced(MADE, tall)["cost_basis"])


@pytest.mark.parametrize(
    ("process", "share", "beside"),
    [
        ("FDM 3D printing", 0.05, "brim"),
        ("fdm", 0.05, "brim"),
        ("moulded", 0.10, "sprue"),
        ("injection molding", 0.10, "sprue"),
    ],
)
def test_printed_and_moulded_parts_are_priced_by_what_they_weigh(process: str, share: float, beside: str) -> None:
    grown = {**MADE, "process": process, "quantity": 1}
    for boxes in (None, {"bracket": BOX}):  # no billet, known box or not
        bom = bill_of_materials(
            [grown], price_usd_kg=(20.0, 30.0), price_source="estimate", density_kg_m3=1240.0, boxes=boxes
        )
        (line,) = bom["lines"]
        assert line["mass_g_each"] == 40.0
        assert line["cost_low_usd_each"] == pytest.approx(0.04 * (1 + share) * 20, abs=0.005)
        assert f"{share:.0%} for {beside}" in line["cost_basis"]
        assert "an assumption" in line["cost_basis"]
        assert "block" not in line["cost_basis"]


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


def test_csv_names_materials_as_people_do(tmp_path: Path) -> None:
    bom = bill_of_materials([{**MADE, "material": "aluminium_6061_t6"}, BOLT])
    assert bom["lines"][0]["material"] == "aluminium_6061_t6"
    with write_bom_csv(bom, tmp_path / "bom.csv").open(encoding="utf-8") as stream:
        assert [row["material"] for row in csv.DictReader(stream)] == ["Aluminium 6061-T6", ""]
