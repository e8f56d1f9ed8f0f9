"""The plate: the thinnest that holds pressure, a load at its middle and its own weight."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.design import checking, sizing, surroundings
from backend.design.bolting import bolt_line, washer_line
from backend.design.family import STANDARD_GRAVITY_M_S2, Family, assume, assumed, need, sized
from backend.design.fasteners import bolt_for_hole, bolt_of_size, grade_of
from backend.design.kclwriter import show, unit_of
from backend.design.materialdata import Properties, in_service, properties_of, study_material
from backend.design.parts.plate import program
from backend.design.parts.plate.layout import Layout, edge_counts
from backend.design.parts.plate.mechanics import Loads, Response, net_factor, respond
from backend.design.parts.plate.pattern import lay_out
from backend.design.sizing import INCREMENT_MM
from backend.errors import DesignError
from backend.schema import Assumption, Check, CompiledModel, Intent, Quantity, Question, Scheme, Sense, Status

THINNEST_MM = {"machined": 1.0, "fdm": 2.0}


@dataclass(frozen=True)
class _Case:
    """What stays the same while the thickness changes."""

    layout: Layout
    edges: str
    pressure_mpa: float
    force_n: float
    patch_mm: float | None
    material: Properties
    required: float
    stress_factor: float
    deflection_factor: float
    bolt_size: float | None


class Plate(Family):
    """See ``family.yaml`` for its words, ``mechanics.py`` for its equations, ``program.py`` for its KCL."""

    stress_checks = frozenset({"plate_bending", "net_section"})

    # --- reading ----------------------------------------------------------------------------------------------

    def infer(
        self, parameters: Mapping[str, Quantity], choices: Mapping[str, str], material: str | None
    ) -> list[tuple[str, str, str]]:
        made = super().infer(parameters, choices, material)
        holes = any(
            name in parameters for name in ("hole_diameter", "bolt_size", "hole_count", "bolt_circle", "grid_rows")
        )
        if not holes:
            return made
        if "bolt_circle" in parameters:
            pattern = ("pattern", "circle", "the brief gives a bolt circle")
        elif "grid_columns" in parameters and "grid_rows" in parameters:
            pattern = ("pattern", "grid", "the brief gives columns and rows of holes")
        else:
            pattern = ("pattern", "edge", "holes of a plate usually hold it at its edge")
        if choices.get("pattern", pattern[1]) == "grid":
            return [*made, pattern]
        return [*made, pattern, ("edges", "bolted", "the brief gives holes and no other support")]

    def contradictions(self, parameters: Mapping[str, Quantity], choices: Mapping[str, str]) -> list[Question]:
        value = {name: q.value for name, q in parameters.items()}
        out: list[Question] = []
        hole, sides = value.get("hole_diameter"), [value[k] for k in ("length", "width") if k in value]
        if hole and sides and hole >= 0.8 * min(sides):
            given = parameters["hole_diameter"].given or f"{hole:g} mm"
            small = "width" if value.get("width", math.inf) <= value.get("length", math.inf) else "length"
            out.append(
                Question(
                    id="hole_diameter",
                    text=f"A hole of {given} doesn't fit a plate whose {small} is "
                    f"{parameters[small].given or f'{min(sides):g} mm'}: which is right?",
                    reason="the hole takes most of the plate away",
                    example=f"holes of {min(sides) / 10:.3g} mm",
                )
            )
        thickness = value.get("thickness")
        if thickness and sides and thickness > min(sides) / 4:
            out.append(
                Question(
                    id="thickness",
                    text=f"A plate {parameters['thickness'].given} thick and {min(sides):g} mm wide is a "
                    "block, not a plate: how thick is it?",
                    reason="thin-plate theory holds up to a quarter of the shorter side",
                    example=f"{min(sides) / 20:.3g} mm thick",
                )
            )
        count = value.get("hole_count")
        pattern = choices.get("pattern", "edge")
        if count and pattern == "edge" and count > 3 and count % 2:
            out.append(
                Question(
                    id="hole_count",
                    text=f"{count:g} holes can't be spread evenly around a rectangle with one in each "
                    "corner: how many should there be?",
                    reason="from four on, their number is even",
                    options=(f"{count - 1:g}", f"{count + 1:g}"),
                    example=f"{count + 1:g}",
                )
            )
        return out

    # --- sizing -----------------------------------------------------------------------------------------------

    def size(self, intent: Intent, corrections: dict[str, float] | None = None) -> Scheme:
        corrections = dict(corrections or {})
        parameters, assumptions = dict(intent.parameters), list[Assumption]()
        case = self._case(intent, parameters, assumptions, corrections)
        unit = intent.length_unit
        thicknesses = self._thicknesses(intent, parameters, case)
        tried: list[tuple[Layout, list[Check]]] = []
        for thickness in thicknesses:
            layout = case.layout.with_(thickness)
            checks = self._checks(intent, case, layout)
            if checks is None:
                break
            tried.append((layout, checks))
            if not sizing.failures(checks):
                break
        if not tried or sizing.failures(tried[-1][1]):
            raise self._infeasible(tried, case)
        layout, checks = tried[-1]
        free = () if "thickness" in parameters else ("thickness",)
        if free:
            parameters["thickness"] = sized(layout.thickness, "mm", show(layout.thickness, unit))
        mass_g = layout.volume_mm3 * case.material.density_kg_m3 * 1e-6
        worst = sizing.governing(checks)
        trace = [
            f"tried {len(tried)} thicknesses in steps of {show(INCREMENT_MM[unit], unit)}: "
            f"{show(layout.thickness, unit)} is the thinnest that holds every check"
        ]
        if worst is not None:
            trace.append(f"governed by: {worst.title} = {worst.value:.3g} (needed {worst.limit:.3g})")
        if corrections:
            trace.append(
                "corrections from the finite elements: " + ", ".join(f"{k} {v:.3f}" for k, v in corrections.items())
            )
        return Scheme(
            family=self.id,
            material=intent.material or "",
            parameters=parameters,
            choices={**intent.choices, "edges": case.edges, "pattern": layout.pattern, "length_unit": unit},
            free=free,
            mass_g=sized(mass_g, "g"),
            checks=(
                *checks,
                *self._shown_only(intent, case, layout),
                *in_service(self.material_of(intent), case.material, intent, parameters["service_temperature"]),
                *_unverified(intent),
            ),
            assumptions=(*intent.assumptions, *assumptions, *case.material.assumptions),
            governing=worst.title.split(":")[0] if worst else "nothing but the thinnest stock",
            trace=tuple(trace),
            corrections=corrections,
        )

    def _case(
        self,
        intent: Intent,
        parameters: dict[str, Quantity],
        assumptions: list[Assumption],
        corrections: dict[str, float],
    ) -> _Case:
        length, width = need(parameters, "length", self.title), need(parameters, "width", self.title)
        edges = intent.choices.get("edges", "bolted")
        layout = lay_out(intent, parameters, assumptions, length, width)
        if edges == "bolted" and not layout.holes:
            raise DesignError(
                "the plate is to be held by its bolts, but no holes are known",
                next_action="Say how many bolts or holes it has, e.g. 'eight M8 bolts around the edge', or that its "
                "edges are clamped or simply supported.",
                code="missing_parameter",
            )
        faults = layout.with_(1.0).faults()
        if faults:
            raise DesignError(
                f"the plate can't be laid out: {'; '.join(faults)}",
                next_action="Use fewer or smaller holes, or a larger plate.",
                faults=faults,
            )
        pressure, force = self.load(intent, "pressure"), self.load(intent, "force")
        if pressure is None and force is None:
            raise DesignError(
                "no load is known for the plate",
                next_action=f"Say for example {self.spec.load_example!r}.",
                code="missing_load",
            )
        for name, load in (("load_pressure", pressure), ("load_force", force)):
            if load is not None:
                parameters[name] = load.magnitude
        patch = parameters.get("load_patch")
        if force is not None and patch is None:
            patch = parameters["load_patch"] = assumed(min(length, width) / 10, "mm")
            assumptions.append(
                assume(
                    "load_patch",
                    f"the load presses on a disc of {patch.value:g} mm at the middle",
                    "a tenth of the shorter side; the brief gives no area",
                    patch,
                )
            )
        temperature = parameters.setdefault("service_temperature", assumed(20.0, "degC")).value
        if edges == "clamped":
            assumptions.append(assume("clamp", "the clamp holds the plate's sides rigidly", "the brief says clamped"))
        elif edges == "supported":
            assumptions.append(
                assume(
                    "support",
                    "the sides can't move up or down, but turn and slide freely; corners are held down",
                    "what simply supported means in plate theory",
                )
            )
        else:
            assumptions.append(
                assume(
                    "support",
                    "the bolts hold the rims of their holes rigidly and the plate touches nothing else; the load "
                    "pulls it off its bolts",
                    "the safe side: a frame under the plate would carry part of the load",
                )
            )
        assumptions.append(surroundings.static(intent, "the load is static"))
        bolt = parameters.get("bolt_size")
        return _Case(
            layout=layout,
            edges=edges,
            pressure_mpa=pressure.magnitude.value if pressure else 0.0,
            force_n=force.magnitude.value if force else 0.0,
            patch_mm=patch.value if patch else None,
            material=properties_of(self.material_of(intent), temperature),
            required=intent.safety_factor.value if intent.safety_factor else 1.5,
            stress_factor=corrections.get("stress_factor", 1.0),
            deflection_factor=corrections.get("deflection_factor", 1.0),
            bolt_size=bolt.value if bolt and edges == "bolted" else None,
        )

    def _thicknesses(self, intent: Intent, parameters: dict[str, Quantity], case: _Case) -> list[float]:
        given = parameters.get("thickness")
        if given is not None:
            return [given.value]
        low, high = checking.bounds_of(intent, "thickness")
        least = THINNEST_MM.get(intent.choices.get("process", "machined"), 1.0)
        most = min(case.layout.length, case.layout.width) / 4
        return sizing.steps(max(least, low), min(most, high), INCREMENT_MM[intent.length_unit])

    def _respond(self, case: _Case, layout: Layout) -> Response | None:
        """The response with the plate's own weight as pressure; None where it is no thin plate."""
        from backend.physics.errors import OutOfValidity

        weight = case.material.density_kg_m3 * 1e-9 * STANDARD_GRAVITY_M_S2 * layout.thickness
        patch = min((case.patch_mm or 0.0) / 2, min(layout.length, layout.width) / 4.01)
        loads = Loads(case.pressure_mpa + weight, case.force_n, patch)
        try:
            return respond(layout, case.edges, loads, case.material.youngs_mpa, case.material.poisson)
        except OutOfValidity:
            return None

    def _checks(self, intent: Intent, case: _Case, layout: Layout) -> list[Check] | None:
        found = self._respond(case, layout)
        if found is None:
            return None
        evidence = tuple(found.equation.split(", "))
        stress = found.stress_mpa * case.stress_factor
        out = [
            checking.compare(
                "plate_bending",
                "Bending of the plate: safety factor",
                case.material.yield_mpa / stress,
                "",
                case.required,
                Sense.AT_LEAST,
                method=_METHOD[case.edges],
                evidence=evidence,
                requirement_id="safety_factor",
                reason=f"{stress:.1f} MPa against yield {case.material.yield_mpa:.0f} MPa",
            )
        ]
        if net_factor(layout, case.edges) > 1:
            net = found.net_stress_mpa * case.stress_factor
            out.append(
                checking.compare(
                    "net_section",
                    "Net section through the holes: safety factor",
                    case.material.yield_mpa / net,
                    "",
                    case.required,
                    Sense.AT_LEAST,
                    evidence=evidence,
                    requirement_id="safety_factor",
                    method="largest moment of the plate on the section that the densest row of holes leaves",
                    reason=f"{net:.1f} MPa against yield {case.material.yield_mpa:.0f} MPa",
                )
            )
        if case.bolt_size is not None:
            bolt = bolt_of_size(case.bolt_size)
            grade = grade_of(bolt, intent.choices.get("bolt_grade"))
            tension = found.bolt_tension_n
            out.append(
                checking.compare(
                    "bolts",
                    f"Bolts {bolt.name} {grade.name} in tension: safety factor",
                    grade.proof_mpa * bolt.area / tension,
                    "",
                    case.required,
                    Sense.AT_LEAST,
                    method="the whole load shared evenly, on the proof load; prying left out",
                    evidence=("structures.bolt_tensile_capacity",),
                    requirement_id="safety_factor",
                    reason=f"{tension:.0f} N a bolt, proof load {grade.proof_mpa * bolt.area:.0f} N",
                )
            )
        limit = checking.limit_of(intent, "deflection")
        if limit is not None and limit.quantity is not None:
            out.append(
                checking.compare(
                    "deflection",
                    "Deflection at the middle",
                    found.deflection_mm * case.deflection_factor,
                    "mm",
                    limit.quantity.value,
                    Sense.AT_MOST,
                    method=_METHOD[case.edges],
                    evidence=evidence,
                    requirement_id=limit.id,
                )
            )
        return [*out, *checking.mass_check(intent, layout.volume_mm3 * case.material.density_kg_m3 * 1e-6)]

    def _shown_only(self, intent: Intent, case: _Case, layout: Layout) -> list[Check]:
        found = self._respond(case, layout)
        if found is None:
            return []
        out = []
        if checking.limit_of(intent, "deflection") is None:
            out.append(
                Check(
                    id="deflection",
                    title="Deflection at the middle",
                    status=Status.NOT_VERIFIED,
                    value=found.deflection_mm,
                    unit="mm",
                    method=_METHOD[case.edges],
                    evidence=tuple(found.equation.split(", ")),
                    reason="the brief sets no limit; shown for information",
                )
            )
        if found.deflection_mm > layout.thickness / 2:
            out.append(
                checking.not_verified(
                    "large_deflection",
                    "Stiffening by stretching of the middle plane",
                    f"the deflection of {found.deflection_mm:.2g} mm is over half the thickness: linear plate "
                    "theory overstates stress and deflection (the safe side)",
                )
            )
        return out

    def _infeasible(self, tried: list[tuple[Layout, list[Check]]], case: _Case) -> DesignError:
        if not tried:
            return DesignError(
                "no thickness within the plate's bounds can be checked: it would be no thin plate",
                next_action="Allow a thickness up to a quarter of the shorter side.",
            )
        layout, checks = min(tried, key=lambda pair: sizing.nearness(pair[1]))
        return sizing.infeasible(
            "plate",
            f"{layout.thickness:.3g} mm thick",
            checks,
            {
                "bolts": "Use more or larger bolts.",
                "mass": "Allow more mass, or choose a lighter or stronger material.",
            },
            "Use a stronger material, a smaller plate, more support, or a smaller load.",
        )

    # --- the scheme read back ---------------------------------------------------------------------------------

    def layout(self, scheme: Scheme) -> Layout:
        """The dimensions of a sized scheme."""
        p = {name: q.value for name, q in scheme.parameters.items()}
        pattern, corner = scheme.choices["pattern"], p.get("corner_radius", 0.0)
        if pattern == "none":
            return Layout(p["length"], p["width"], p["thickness"], corner, 1.0, "none", 0, 0, 0.0, 0.0)
        inset = p.get("edge_distance", 0.0)
        if pattern == "circle":
            columns, rows = round(p["hole_count"]), 0
        elif pattern == "grid":
            columns, rows = round(p["grid_columns"]), round(p["grid_rows"])
        else:
            columns, rows = edge_counts(round(p["hole_count"]), p["length"] - 2 * inset, p["width"] - 2 * inset) or (
                0,
                0,
            )
        return Layout(
            p["length"],
            p["width"],
            p["thickness"],
            corner,
            p["hole_diameter"],
            pattern,
            columns,
            rows,
            inset,
            p.get("bolt_circle", 0.0),
        )

    def kcl(self, scheme: Scheme) -> str:
        return program.write(self.layout(scheme), scheme)

    # --- physics ----------------------------------------------------------------------------------------------

    def study(self, scheme: Scheme, intent: Intent, compiled: CompiledModel) -> dict[str, Any] | None:
        if "brep" not in compiled.files:
            return None
        layout = self.layout(scheme)
        material = study_material(self.material_of(intent), scheme.parameters["service_temperature"].value)
        edges, sides, holes = scheme.choices["edges"], compiled.faces("edges"), compiled.faces("holes")
        near = 0.5 * layout.thickness
        supports: list[dict[str, Any]]
        if edges == "clamped":
            supports = [{"kind": "fixed", "faces": sides}]
        elif edges == "supported":
            # held up and down at the sides; a bedding of a thousandth of its stiffness keeps it from sliding
            bedding = 1e-3 * material["youngs_modulus_mpa"] / min(layout.length, layout.width)
            supports = [
                {"kind": "displacement", "faces": sides, "displacement_mm": [None, None, 0.0]},
                {"kind": "elastic", "faces": sides, "stiffness_n_mm3": bedding},
            ]
        else:
            supports = [{"kind": "fixed", "faces": holes}]
            bolt = bolt_for_hole(layout.hole, "metric") or bolt_for_hole(layout.hole, "inch")
            near += max((bolt.washer_od if bolt else 2 * layout.hole) - layout.hole, 0.0) / 2
        loads: list[dict[str, Any]] = []
        loaded = compiled.faces("loaded")
        pressure, force = self.load(intent, "pressure"), self.load(intent, "force")
        if pressure is not None:
            loads.append({"kind": "pressure", "faces": loaded, "pressure_mpa": pressure.magnitude.value})
        if force is not None:
            loads.append(
                {
                    "kind": "patch_force",
                    "faces": loaded,
                    "vector_n": [0.0, 0.0, -force.magnitude.value],
                    "center_mm": [0.0, 0.0, layout.thickness],
                    "radius_mm": scheme.parameters["load_patch"].value / 2,
                }
            )
        return {
            "brep": compiled.files["brep"],
            "material": material,
            "gravity": [0.0, 0.0, -STANDARD_GRAVITY_M_S2],
            "supports": supports,
            "loads": loads,
            "regions": {name: compiled.faces(name) for name in ("loaded", "underside") if compiled.faces(name)},
            "exclude": {"near_supports_mm": near},
            "levels": 3,
            "order": 2,
        }

    # --- geometry, making, buying -----------------------------------------------------------------------------

    def geometry_checks(self, scheme: Scheme, intent: Intent, compiled: CompiledModel) -> list[Check]:
        layout = self.layout(scheme)
        a, b, t = layout.length, layout.width, layout.thickness
        out = [
            checking.volume_check(layout.volume_mm3, compiled),
            checking.box_check(((-a / 2, -b / 2, 0.0), (a / 2, b / 2, t)), compiled),
            checking.solids_check(1, compiled),
        ]
        if layout.holes:
            out.append(checking.holes_check("holes", len(layout.holes), layout.hole, compiled))
        return out

    def manufacturing_checks(self, scheme: Scheme, intent: Intent) -> list[Check]:
        layout = self.layout(scheme)
        out = []
        if layout.holes:
            out.append(
                checking.compare(
                    "drill_depth",
                    "Depth of the holes over their diameter",
                    layout.thickness / layout.hole,
                    "",
                    5.0,
                    Sense.AT_MOST,
                    method="up to five diameters in one go with a twist drill",
                )
            )
            edge = min(min(layout.length / 2 - abs(x), layout.width / 2 - abs(y)) for x, y in layout.holes)
            out.append(
                checking.compare(
                    "edge_distance",
                    "Hole centre to the nearest edge, in diameters",
                    edge / layout.hole,
                    "",
                    1.0,
                    Sense.AT_LEAST,
                    method="one diameter; 1.2 where it carries shear (Eurocode 3-1-8, table 3.3)",
                )
            )
        if scheme.choices.get("process") == "fdm":
            out.append(
                checking.compare(
                    "least_wall",
                    "Thickness that prints well",
                    layout.thickness,
                    "mm",
                    THINNEST_MM["fdm"],
                    Sense.AT_LEAST,
                    method="ten layers of 0.2 mm",
                )
            )
        return out

    def components(self, scheme: Scheme) -> list[dict[str, Any]]:
        layout, unit = self.layout(scheme), unit_of(scheme)
        lines: list[dict[str, Any]] = [
            {
                "part": "Plate",
                "quantity": 1,
                "made": True,
                "material": scheme.material,
                "mass_g": scheme.mass_g.value if scheme.mass_g else None,
                "description": f"{show(layout.length, unit)} x {show(layout.width, unit)} x "
                f"{show(layout.thickness, unit)}",
            }
        ]
        count = len(layout.holes)
        if scheme.choices["edges"] == "bolted" and count and "bolt_size" in scheme.parameters:
            bolt = bolt_of_size(scheme.parameters["bolt_size"].value)
            use = "plate to its frame, into threads of the frame; length and nuts by the frame"
            grade = grade_of(bolt, scheme.choices.get("bolt_grade"))
            lines.append(bolt_line(bolt, grade, count, layout.thickness, use))
            lines.append(washer_line(bolt, count))
        return lines


_METHOD = {
    "clamped": "thin plate, all edges clamped (Timoshenko; Roark)",
    "supported": "thin plate, all edges simply supported (Timoshenko; Roark)",
    "bolted": "thin plate simply supported on the bolts' rectangle, and the strip between neighbouring bolts",
}


def _unverified(intent: Intent) -> list[Check]:
    return [
        checking.not_verified("support_structure", "What the plate is fastened to", "the brief says nothing about it"),
        surroundings.fatigue(intent),
        checking.not_verified("sealing", "Tightness of a sealed joint", "gasket and bolt preload are not known"),
    ]


FAMILY = Plate
