"""The L-bracket: sized for least mass by search over the thicknesses and fillets that can be bought and cut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.design import checking
from backend.design.bolting import bolt_line, nut_line, washer_line
from backend.design.family import STANDARD_GRAVITY_M_S2, Family, assume, assumed, need
from backend.design.fasteners import Bolt, Grade, bolt_of_size, grade_of
from backend.design.kclwriter import show, unit_of
from backend.design.materialdata import study_material
from backend.design.parts.l_bracket import program
from backend.design.parts.l_bracket.layout import Layout
from backend.design.parts.l_bracket.mechanics import Loading, Stresses, bolt_safety
from backend.design.sizing import INCREMENT_MM
from backend.errors import DesignError
from backend.schema import (
    Assumption,
    Check,
    CompiledModel,
    Intent,
    LoadCase,
    Quantity,
    Question,
    Scheme,
    Sense,
)

MACHINED_RADIUS_MM = 1.5
FDM_WALL_MM = 2.0


class LBracket(Family):
    """See ``family.yaml`` for its words, ``mechanics.py`` for its equations, ``program.py`` for its KCL."""

    stress_checks = frozenset({"corner_bending", "root_bending", "shelf_net_section", "wall_net_section"})

    # --- reading ----------------------------------------------------------------------------------------------

    def contradictions(self, parameters: Mapping[str, Quantity], choices: Mapping[str, str]) -> list[Question]:
        out: list[Question] = []
        value = {name: q.value for name, q in parameters.items()}
        hole = value.get("hole_diameter")
        for leg, words in (("wall_leg", "wall leg"), ("shelf_leg", "shelf leg"), ("width", "width")):
            size = value.get(leg)
            if hole and size and hole > size / 3:
                out.append(
                    Question(
                        id="hole_diameter",
                        text=f"Holes of {_given(parameters['hole_diameter'])} don't fit a {words} of "
                        f"{_given(parameters[leg])}: which is right?",
                        reason="at least one hole diameter of material must stay on each side of a hole",
                        example=f"holes of {size / 6:.3g} mm",
                    )
                )
                break
        thickness = value.get("thickness")
        if thickness:
            for leg, words in (("wall_leg", "wall leg"), ("shelf_leg", "shelf leg")):
                size = value.get(leg)
                if size and thickness >= size / 2:
                    out.append(
                        Question(
                            id="thickness",
                            text=f"A thickness of {_given(parameters['thickness'])} leaves no {words} of "
                            f"{_given(parameters[leg])}: how thick is it?",
                            reason="a leg must be longer than twice its thickness",
                            example=f"{size / 10:.3g} mm thick",
                        )
                    )
                    break
        return out

    # --- sizing -----------------------------------------------------------------------------------------------

    def size(self, intent: Intent, corrections: dict[str, float] | None = None) -> Scheme:
        from backend.design.parts.l_bracket.sizing import size

        return size(self, intent, dict(corrections or {}))

    def kcl(self, scheme: Scheme) -> str:
        return program.write(self.layout(scheme), scheme)

    # --- the scheme read back ---------------------------------------------------------------------------------

    def layout(self, scheme: Scheme) -> Layout:
        """The dimensions of a sized scheme."""
        p = {name: q.value for name, q in scheme.parameters.items()}
        return Layout(
            width=p["width"],
            shelf_leg=p["shelf_leg"],
            wall_leg=p["wall_leg"],
            thickness=p["thickness"],
            fillet=p["fillet_radius"],
            hole=p["hole_diameter"],
            shelf_holes=round(p["shelf_hole_count"]),
            wall_holes=round(p["wall_hole_count"]),
            washer=bolt_of_size(p["bolt_size"]).washer_od,
            step=INCREMENT_MM[unit_of(scheme)],
        )

    # --- physics ----------------------------------------------------------------------------------------------

    def study(self, scheme: Scheme, intent: Intent, compiled: CompiledModel) -> dict[str, Any] | None:
        load = self.force(intent)
        if load is None or "brep" not in compiled.files:
            return None
        material = self.material_of(intent)
        temperature = scheme.parameters["service_temperature"].value
        bolts, wall, shelf = compiled.faces("wall_bolts"), compiled.faces("wall"), compiled.faces("shelf")
        # The wall only pushes, and where it pushes is known beforehand: at the toe. Holding the toe in x alone is
        # linear, and within 2 % of the unilateral contact of the whole back (measured on the bracket of the README),
        # at a tenth of its time.
        supports: list[dict[str, Any]] = (
            [
                {"kind": "fixed", "faces": bolts},
                {"kind": "displacement", "faces": compiled.faces("toe"), "displacement_mm": [0.0, None, None]},
            ]
            if bolts
            else [{"kind": "fixed", "faces": wall}]
        )
        hole = scheme.parameters["hole_diameter"].value
        washer = bolt_of_size(scheme.parameters["bolt_size"].value).washer_od
        return {
            "brep": compiled.files["brep"],
            "material": study_material(material, temperature, scheme.choices.get("process")),
            "gravity": [0.0, 0.0, -STANDARD_GRAVITY_M_S2],
            "supports": supports,
            "loads": [
                {
                    "kind": "remote_force",
                    "faces": shelf,
                    "vector_n": [0.0, 0.0, -load.magnitude.value],
                    "point_mm": [scheme.parameters["load_position"].value, -scheme.parameters["width"].value / 2, 0.0],
                }
            ],
            "regions": {
                name: compiled.faces(name) for name in ("shelf", "fillet", "shelf_bolts") if compiled.faces(name)
            },
            # Under the washer and half a thickness beyond it the stress depends on how the bolt clamps, which a rigid
            # rim doesn't tell: structural stress is read from 0.4 t away (IIW, Fatigue Design of Welded Joints,
            # 2.2.3). The net-section and bolt checks cover that zone.
            "exclude": {"near_supports_mm": (washer - hole) / 2 + 0.5 * scheme.parameters["thickness"].value},
            "levels": 3,
            "order": 2,
        }

    # --- proof of the geometry --------------------------------------------------------------------------------

    def geometry_checks(self, scheme: Scheme, intent: Intent, compiled: CompiledModel) -> list[Check]:
        layout = self.layout(scheme)
        box = (
            (0.0, -layout.width, -layout.wall_leg),
            (layout.shelf_leg, 0.0, 0.0),
        )
        return [
            checking.volume_check(layout.volume_mm3, compiled),
            checking.box_check(box, compiled),
            checking.solids_check(1, compiled),
            checking.holes_check("wall_bolts", layout.wall_holes, layout.hole, compiled),
            checking.holes_check("shelf_bolts", layout.shelf_holes, layout.hole, compiled),
        ]

    def manufacturing_checks(self, scheme: Scheme, intent: Intent) -> list[Check]:
        layout, process = self.layout(scheme), scheme.choices.get("process", "machined")
        unit = "mm"
        out = [
            checking.compare(
                "edge_distance",
                "Bolt row to the toe of the wall leg",
                layout.toe_lever,
                unit,
                1.5 * layout.hole,
                Sense.AT_LEAST,
                method="1.5 hole diameters (Eurocode 3-1-8, table 3.3: 1.2)",
            )
        ]
        if process == "machined":
            out.append(
                checking.compare(
                    "inner_radius",
                    "Inner fillet can be milled",
                    layout.fillet,
                    unit,
                    MACHINED_RADIUS_MM,
                    Sense.AT_LEAST,
                    method="radius of the smallest usual end mill of that reach",
                )
            )
        elif process == "bent":
            out.append(
                checking.compare(
                    "inner_radius",
                    "Inner bend radius",
                    layout.fillet,
                    unit,
                    layout.thickness,
                    Sense.AT_LEAST,
                    method="one thickness, a usual least bend radius of ductile sheet",
                    reason="hard tempers such as 6061-T6 crack below three thicknesses: ask the shop",
                )
            )
        elif process == "fdm":
            out.append(
                checking.compare(
                    "least_wall",
                    "Wall that prints well",
                    layout.thickness,
                    unit,
                    FDM_WALL_MM,
                    Sense.AT_LEAST,
                    method="five perimeters of a 0.4 mm nozzle",
                )
            )
        return out

    def components(self, scheme: Scheme) -> list[dict[str, Any]]:
        layout = self.layout(scheme)
        bolt = bolt_of_size(scheme.parameters["bolt_size"].value)
        grade = grade_of(bolt, scheme.choices.get("bolt_grade"))
        unit = unit_of(scheme)
        lines: list[dict[str, Any]] = [
            {
                "part": "L-bracket",
                "quantity": 1,
                "made": True,
                "material": scheme.material,
                "mass_g": scheme.mass_g.value if scheme.mass_g else None,
                "description": f"{show(layout.shelf_leg, unit)} x {show(layout.wall_leg, unit)} x "
                f"{show(layout.width, unit)}, {show(layout.thickness, unit)} thick",
                "angle_mm": {
                    "legs": [layout.shelf_leg, layout.wall_leg],
                    "thickness": layout.thickness,
                    "fillet": layout.fillet,
                    "length": layout.width,
                },
            }
        ]
        if layout.shelf_holes:
            # the shelf's thickness is not known: the length is for the bracket and 20 mm of shelf
            use = "bracket to shelf; length for 20 mm of shelf, by its true thickness"
            lines.append(bolt_line(bolt, grade, layout.shelf_holes, layout.thickness + 20.0, use, nut=True))
            lines.append(nut_line(bolt, layout.shelf_holes, "on the bolts through the shelf"))
        if layout.wall_holes:
            lines.append(
                bolt_line(
                    bolt, grade, layout.wall_holes, layout.thickness, "bracket to wall; length and anchor by the wall"
                )
            )
        count = layout.shelf_holes + layout.wall_holes
        if count:
            # the wall takes an anchor or a thread of its own: no nut there
            lines.append(washer_line(bolt, count, layout.shelf_holes))
        return lines

    # --- closed-form checks, used by the sizing ---------------------------------------------------------------

    def strength_checks(
        self,
        layout: Layout,
        found: Stresses,
        *,
        yield_mpa: float,
        required: float,
        bolt: Bolt,
        grade: Grade,
        factor: float,
    ) -> list[Check]:
        """The closed-form checks at one layout; stresses of the bracket are multiplied by ``factor`` (an FE round)."""
        rows = [
            (
                "corner_bending",
                "Bending at the inner fillet (curved beam)",
                found.corner,
                f"Winkler-Bach factor {found.curved_factor:.2f} on 6M/(w t^2), plus F/(w t)",
                ("structures.curved_beam_rectangle",),
            ),
            (
                "root_bending",
                "Bending of the shelf leg just outside the fillet",
                found.root,
                "6M/(w t^2)",
                ("structures.section_bending_stress",),
            ),
            (
                "shelf_net_section",
                "Net section at the shelf's bolt row",
                found.shelf_row,
                "6M/((w - n d) t^2), nominal: a ductile part under a static load",
                ("structures.section_bending_stress",),
            ),
            (
                "wall_net_section",
                "Net section at the wall's bolt row",
                found.wall_row,
                "6M/((w - n d) t^2) + F/((w - n d) t), nominal",
                ("structures.section_bending_stress",),
            ),
            (
                "bearing",
                "Bearing of the wall's bolts",
                found.bearing,
                "F/(n d t) against yield",
                ("structures.bearing_stress",),
            ),
        ]
        out = []
        for id_, title, stress, method, evidence in rows:
            if stress <= 0:
                continue
            if id_ != "bearing":
                stress *= factor
                method += f"; times {factor:.3g} for what finite elements add" if factor != 1 else ""
            out.append(
                checking.compare(
                    id_,
                    f"{title}: safety factor",
                    yield_mpa / stress,
                    "",
                    required,
                    Sense.AT_LEAST,
                    method=method,
                    evidence=evidence,
                    requirement_id="safety_factor",
                    reason=f"{stress:.1f} MPa against yield {yield_mpa:.0f} MPa",
                )
            )
        if layout.wall_holes:
            safety = bolt_safety(bolt, grade, found.bolt_tension_n, found.bolt_shear_n)
            out.append(
                checking.compare(
                    "bolts",
                    f"Wall bolts {bolt.name} {grade.name}, tension and shear: safety factor",
                    safety,
                    "",
                    required,
                    Sense.AT_LEAST,
                    method="moment over the lever to the toe; elliptic interaction on the proof load",
                    evidence=("structures.bolt_tension",),
                    requirement_id="safety_factor",
                    reason=f"tension {found.bolt_tension_n:.0f} N and shear {found.bolt_shear_n:.0f} N a bolt, "
                    f"proof load {grade.proof_mpa * bolt.area:.0f} N",
                )
            )
        return out

    def loading(self, intent: Intent, parameters: Mapping[str, Quantity]) -> Loading:
        """Force and position. Raises DesignError where the brief has no load."""
        load = self.force(intent)
        if load is None:
            raise DesignError(
                "no load is known for the bracket",
                next_action="Say what it carries, e.g. 'holds 300 lb at 12 in from the wall'.",
                code="missing_load",
            )
        return Loading(load.magnitude.value, need(parameters, "load_position", self.title))


def _given(quantity: Quantity) -> str:
    return quantity.given or f"{quantity.value:g} {quantity.unit}"


def default_position(load: LoadCase | None, shelf_leg: float) -> tuple[Quantity, Assumption | None]:
    """Where the load acts: as the brief says, else at the tip of the shelf leg (the worst place on the bracket)."""
    if load is not None and load.position is not None:
        return load.position, None
    quantity = assumed(shelf_leg, "mm")
    return quantity, assume(
        "load_position",
        f"the load acts at the tip of the shelf leg, {shelf_leg:g} mm from the wall",
        "the brief doesn't say where; the tip is the worst place on the bracket",
        quantity,
    )


FAMILY = LBracket
