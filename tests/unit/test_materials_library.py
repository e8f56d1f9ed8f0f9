"""The material library: values are cited, ranges are kept, unknown stays unknown."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from backend.materials import MaterialNotFound, OutOfRange, PropertyUnknown, get_material, list_materials
from backend.materials.listing import rank_materials, search_materials, show_material
from backend.materials.material import PROPERTIES, Citation, Entry, Material
from backend.materials.selection import BadFilter, parse_filter
from backend.studies.materials import study_materials
from backend.studies.schema import StudyFile

REQUIRED = [
    "6061-T6", "5052-H32", "7075-T6", "2024-T3", "A36", "S235", "S355", "AISI 1018", "AISI 4140", "AISI 304",
    "AISI 316", "Ti-6Al-4V",
    "C360", "ABS", "PLA", "PETG", "PA12", "PC", "POM", "FR4",
]  # fmt: skip


@pytest.mark.parametrize("name", REQUIRED)
def test_common_materials_have_what_a_first_design_needs(name: str) -> None:
    material = get_material(name)
    for prop in ("density_kg_m3", "youngs_modulus_mpa", "poisson_ratio", "ultimate_strength_mpa"):
        assert material.value(prop).value > 0
    if material.category in {"metal", "polymer"}:
        assert material.value("yield_strength_mpa").value <= material.value("ultimate_strength_mpa").value


@pytest.mark.parametrize("material", list_materials(), ids=lambda m: m.id)
def test_every_entry_is_cited_and_lies_where_nature_allows(material: Material) -> None:
    bounds = {
        "density_kg_m3": (10, 23000), "youngs_modulus_mpa": (1, 1.3e6), "poisson_ratio": (-0.5, 0.5),
        "elongation": (0, 12),
        "thermal_expansion_1_k": (-1e-5, 5e-4), "thermal_conductivity_w_m_k": (0.01, 2500),
        "specific_heat_j_kg_k": (100, 4200),
        "emissivity": (0, 1), "yield_strength_mpa": (0.5, 4000), "ultimate_strength_mpa": (0.5, 7000),
    }  # fmt: skip
    assert material.properties
    for prop, entries in material.properties.items():
        for entry in entries:
            assert entry.citation.document
            assert entry.uncertainty_rel is not None
            for value in [entry.value, entry.low, entry.high, *(v for _, v in entry.points)]:
                if value is not None and prop in bounds:
                    assert bounds[prop][0] <= value <= bounds[prop][1], prop
            if prop in {"price_usd_kg", "co2_kg_kg"}:
                assert entry.basis == "estimate"
                assert entry.low is not None
                assert entry.high is not None


def test_a_value_not_seen_in_its_table_never_claims_a_statistical_basis_unnoticed() -> None:
    for material in list_materials():
        for entries in material.properties.values():
            for entry in entries:
                if entry.basis in {"A", "B"} and not entry.citation.seen:
                    assert "second-hand" in entry.citation.table


def test_values_whose_source_nobody_read_do_not_grow_in_number() -> None:
    # A new value comes with a source that was read; prices and CO2 are estimates by nature.
    unread = [
        (material.id, prop)
        for material in list_materials()
        for prop, entries in material.properties.items()
        for entry in entries
        if not entry.citation.seen and prop not in {"price_usd_kg", "co2_kg_kg"}
    ]
    assert len(unread) <= 219


def test_strength_defaults_to_the_lowest_guaranteed_value() -> None:
    material = get_material("6061-T6")
    assert material.value("yield_strength_mpa").basis == "minimum"
    assert material.value("yield_strength_mpa").value == 241
    assert material.value("yield_strength_mpa", basis="typical").value == 276
    assert (
        get_material("ABS").value("yield_strength_mpa", direction="Z").value
        < get_material("ABS").value("yield_strength_mpa", direction="").value
    )


def test_temperature_outside_the_data_is_refused() -> None:
    with pytest.raises(OutOfRange, match="-30 to 80"):
        get_material("6061-T6").value("elongation", temperature_c=200)


def test_points_are_interpolated_and_never_extrapolated() -> None:
    entry = Entry("typical", Citation("x"), 0.05, points=((0, 10.0), (100, 20.0), (200, 0.0)))
    assert entry.at(50) == 15
    assert entry.at(100) == 20
    assert entry.at(150) == 10
    for outside in (-1, 201):
        with pytest.raises(ValueError, match="0"):
            entry.at(outside)


def test_unknown_is_none_or_an_error_never_a_default() -> None:
    material = get_material("FR4")
    assert material.get("solidus_c") is None
    with pytest.raises(PropertyUnknown, match="not in the library"):
        material.value("solidus_c")
    with pytest.raises(PropertyUnknown, match="not a material property"):
        material.value("charm")
    assert "solidus_c" in show_material("FR4")["unknown"]


def test_unknown_material_gets_suggestions() -> None:
    with pytest.raises(MaterialNotFound) as caught:
        get_material("6061-T7")
    assert "aluminium_6061_t6" in caught.value.next_action
    with pytest.raises(MaterialNotFound) as caught:
        get_material("steel")
    assert "steel_a36" in caught.value.details["suggestions"]


def test_search_by_strength_and_density() -> None:
    found = {row["id"] for row in search_materials(**{"yield": ">250 MPa", "density": "<3 g/cm3"})}
    assert "aluminium_7075_t6" in found
    assert not found & {"aluminium_6061_t6", "steel_s355", "pla"}
    expected = {
        m.id
        for m in list_materials()
        if (y := m.get("yield_strength_mpa")) and y.value > 250 and (d := m.get("density_kg_m3")) and d.value < 3000
    }
    assert found == expected


def test_filter_units_and_words() -> None:
    assert parse_filter("yield", ">36 ksi").limit == pytest.approx(248.2, abs=0.05)
    assert parse_filter("density", "<=0.1 lb/in3").limit == pytest.approx(2767.99, abs=0.01)
    assert parse_filter("price", "<5 USD/kg").limit == 5
    assert parse_filter("poisson", "<0.3").limit == 0.3
    for name, (unit, _) in PROPERTIES.items():
        assert parse_filter(name, f">3 {unit}").limit == 3, "the unit that a refusal asks for is taken"
    for word, text in (("yield", "strong"), ("yield", ">3 kg"), ("charm", ">1"), ("yield", ">250")):
        with pytest.raises(BadFilter):
            parse_filter(word, text)


def test_ashby_index_ranks_as_its_formula_does() -> None:
    rows = rank_materials("stiff_beam", limit=100)
    by_hand = {
        m.id: m.value("youngs_modulus_mpa").value ** 0.5 / m.value("density_kg_m3").value
        for m in list_materials()
        if m.get("youngs_modulus_mpa") and m.get("density_kg_m3")
    }
    assert [row["id"] for row in rows] == sorted(by_hand, key=lambda i: -by_hand[i])[: len(rows)]


def test_properties_are_all_described() -> None:
    assert all(meaning for _, meaning in PROPERTIES.values())


def test_fire_factors_of_structural_steel() -> None:
    """EN 1993-1-2, k_y at 500, 600 and 700 °C = 0.78, 0.47, 0.23."""
    for name, strength in (("S235", 235), ("S355", 355)):
        for temperature, factor in ((500, 0.78), (600, 0.47), (700, 0.23)):
            value = get_material(name).value("yield_strength_mpa", temperature_c=temperature)
            assert value.value == pytest.approx(strength * factor, rel=1e-3)
        with pytest.raises(OutOfRange, match="1000"):
            get_material(name).value("yield_strength_mpa", temperature_c=1200)


def test_hot_aluminium_takes_the_lower_of_typical_and_scaled_minimum() -> None:
    material = get_material("6061-T6")
    assert material.value("yield_strength_mpa", temperature_c=20).value == 241
    assert material.value("yield_strength_mpa", temperature_c=204).value == pytest.approx(241 * 103 / 276, rel=1e-3)
    with pytest.raises(OutOfRange):
        material.value("yield_strength_mpa", temperature_c=500)


def test_cold_stainless_conducts_as_nist_says() -> None:
    """NIST fit of 304: 7.9 W/(m K) at 77 K, 2.2 at 20 K."""
    material = get_material("304 stainless")
    assert material.value("thermal_conductivity_w_m_k", temperature_c=77 - 273.15).value == pytest.approx(7.9, rel=0.02)
    assert material.value("thermal_conductivity_w_m_k", temperature_c=20 - 273.15).value == pytest.approx(
        2.17, rel=0.03
    )


def test_library_is_broad() -> None:
    families = {m.family for m in list_materials()}
    assert len(list_materials()) >= 80
    assert families >= {
        "aluminium",
        "steel",
        "stainless",
        "titanium",
        "magnesium",
        "copper",
        "brass",
        "bronze",
        "cast_iron",
    }
    assert families >= {"polymer", "composite", "ceramic", "solder", "nickel", "elastomer", "glass", "wood"}


def test_melting_glass_transition_and_service_are_kept_apart() -> None:
    peek = get_material("PEEK")
    values = [peek.value(name).value for name in ("glass_transition_c", "max_service_c", "melting_c")]
    assert values == sorted(values)
    assert len(set(values)) == 3


@pytest.mark.parametrize(
    ("material", "degc", "meaning"),
    [
        ("A36", 425, "graphite"),
        ("1045", 425, "graphite"),
        ("5052-H32", 190, "strength"),
        ("316L", 870, "scaling"),
        ("304L", 815, "scaling"),
        ("17-4PH", 316, "toughness"),
        ("2205", 250, "embrittles"),
        ("gray cast iron class 30", 232, "gray iron"),
    ],
)
def test_a_service_limit_says_what_it_means_and_where_it_was_read(material: str, degc: float, meaning: str) -> None:
    found = get_material(material).value("max_service_c")
    assert found.value == degc
    assert found.citation is not None
    assert found.citation.seen
    assert meaning in found.note


@pytest.mark.parametrize("material", ["7075-T6", "2024-T3", "12L14", "4140", "music wire"])
def test_a_metal_whose_limit_was_not_read_has_none(material: str) -> None:
    # Aged tempers soften, lead melts, cold-drawn wire relaxes long before what holds for their family.
    assert get_material(material).get("max_service_c") is None


def test_parsed_data_is_the_same_from_the_kept_copy_and_from_the_files() -> None:
    from backend.materials import library

    kept = library._documents()
    assert kept == {path.name: library._yaml(path) for path in sorted(library._DATA.glob("*.yaml"))}


@pytest.mark.parametrize("material", [m for m in list_materials() if m.category == "metal"], ids=lambda m: m.id)
def test_metals_obey_the_laws_that_tie_their_properties(material: Material) -> None:
    """Wiedemann and Franz (heat and charge share their carriers) for good conductors;

    order of melting; stress order.
    """
    k, r = material.get("thermal_conductivity_w_m_k"), material.get("electrical_resistivity_ohm_m")
    if k and r and k.value > 40:
        assert 2.0e-8 < k.value * r.value / 293 < 3.6e-8
    solidus, liquidus = material.get("solidus_c"), material.get("liquidus_c")
    if solidus and liquidus:
        assert solidus.value <= liquidus.value
    weak, strong = material.get("yield_strength_mpa"), material.get("ultimate_strength_mpa")
    if weak and strong:
        assert weak.value <= strong.value
    heat, density = material.get("specific_heat_j_kg_k"), material.get("density_kg_m3")
    if heat and density:
        assert 1.1e6 < heat.value * density.value < 4.3e6  # Dulong and Petit, per volume


def test_shear_modulus_of_isotropic_wire_follows_from_the_others() -> None:
    wire = get_material("music wire")
    e, nu = wire.value("youngs_modulus_mpa").value, wire.value("poisson_ratio").value
    assert wire.value("shear_modulus_mpa").value == pytest.approx(e / 2 / (1 + nu), rel=0.02)


@pytest.mark.parametrize(
    ("name", "prop", "temperature_c", "ratio"),
    [
        # MMPDS-01 and the Nickel Institute: how much of the room-temperature value is left.
        ("inconel_718", "youngs_modulus_mpa", 538.0, 0.84),
        ("inconel_718", "yield_strength_mpa", 538.0, 0.88),
        ("titanium_6al4v_eli", "youngs_modulus_mpa", 204.0, 0.88),
        ("stainless_304", "youngs_modulus_mpa", 648.0, 0.78),
        ("stainless_316l", "yield_strength_mpa", 371.0, 0.55),
        ("aluminium_6061_t6", "youngs_modulus_mpa", 204.0, 0.90),
    ],
)
def test_hot_metals_keep_what_the_handbooks_say(name, prop, temperature_c, ratio):
    material = get_material(name)
    curve = next(entry for entry in material.entries(prop) if entry.points)
    assert curve.citation.seen
    assert curve.at(temperature_c) / curve.at(30.0) == pytest.approx(ratio, abs=0.03)
    with pytest.raises(OutOfRange):
        material.value(prop, temperature_c=curve.points[-1][0] + 200)


@pytest.mark.parametrize(
    ("index", "slope"),
    # Ashby, Materials Selection in Mechanical Design: guide lines of E/rho, E^(1/2)/rho, E^(1/3)/rho; sigma^(2/3)/rho
    [("stiff_tie", 1.0), ("stiff_beam", 2.0), ("stiff_plate", 3.0), ("strong_beam", 1.5), ("thermal_shock", None)],
)
def test_guide_lines_have_the_slope_of_their_index(index: str, slope: float | None) -> None:
    from backend.materials.listing import list_indices

    found = next(row["slope"] for row in list_indices() if row["id"] == index)
    assert found == (None if slope is None else pytest.approx(slope))


def test_equations_of_life_give_a_reversed_curve() -> None:
    # MIL-HDBK-5J, 2024-T3: at S_max = 30 ksi, R = -1, S_eq = 30 * 2^0.56 = 44.23 ksi and log N = 11.1 - 3.97 log 28.43.
    equation = get_material("2024-T3").sn
    assert equation is not None
    cycles, amplitude = zip(*equation.reversed_points(20), strict=True)
    life = 10 ** (11.1 - 3.97 * math.log10(30 * 2**0.56 - 15.8))
    log_amplitude = np.interp(math.log10(life), np.log10(cycles), np.log10(amplitude))
    assert 10**log_amplitude == pytest.approx(30 * 6.894757293, rel=1e-3)
    assert list(amplitude) == sorted(amplitude, reverse=True)
    assert equation.citation.seen


def test_a_study_takes_the_librarys_curve_at_room_temperature() -> None:
    def point(temperature: str) -> dict[str, Any]:
        data = {
            "title": "t", "model": "x.kcl", "material": {"name": "6061-T6", "temperature": temperature},
            "analysis": {"type": "fatigue", "blocks": [{"cycles": 10, "from": -1, "to": 1}]},
            "supports": [{"type": "fixed", "faces": "a"}],
            "loads": [{"type": "pressure", "faces": "b", "pressure": "1 MPa"}],
            "results": [{"type": "fatigue_life", "at_least": 10}],
        }  # fmt: skip
        found = study_materials(StudyFile.model_validate(data))[-1].fatigue_point
        assert found is not None
        return found

    assert len(point("20 degC")["points"]) > 5
    assert "MIL-HDBK-5" in point("20 degC")["source"]
    assert len(point("60 degC")["points"]) == 1  # only the strength at 5e8 cycles is left
