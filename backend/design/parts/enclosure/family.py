"""The enclosure: walls by the process, the lid by its load, the temperature inside by the heat that must leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from backend.design import checking, sizing
from backend.design.family import STANDARD_GRAVITY_M_S2, Family, assume, assumed, part_temperature, sized
from backend.design.fasteners import bolt_of_size
from backend.design.kclwriter import show
from backend.design.materialdata import Properties, in_service, properties_of, study_material
from backend.design.parts.enclosure import heat, making, program
from backend.design.parts.enclosure.layout import Layout, Post
from backend.design.parts.enclosure.making import LEAST_CORNER_INSIDE_MM, LEAST_WALL_MM, MAKING, fixing, made
from backend.design.parts.enclosure.mechanics import lid_response, temperatures
from backend.design.sizing import INCREMENT_MM
from backend.design.surfaces import Surface, surface_of
from backend.errors import DesignError
from backend.schema import Assumption, Check, CompiledModel, Intent, Quantity, Question, Scheme, Sense

LID_METHOD = "thin plate, simply supported along the rim, force on a disc at its middle (Timoshenko; Roark)"


@dataclass(frozen=True)
class _Case:
    """What stays the same while wall and lid change."""

    layout: Layout
    inner: tuple[float | None, float | None, float | None]
    force_n: float
    patch_mm: float
    material: Properties
    surface: Surface
    ambient_c: float
    process: str
    required: float
    stress_factor: float
    deflection_factor: float

    def layout_with(self, wall: float, lid: float) -> Layout:
        """The layout at these thicknesses; where the inside is given, the outside follows."""
        outer = [self.layout.length, self.layout.width, self.layout.height]
        for axis, inside in enumerate(self.inner):
            if inside is not None:
                outer[axis] = inside + (wall + lid if axis == 2 else 2 * wall)
        base = replace(self.layout, length=outer[0], width=outer[1], height=outer[2])
        return base.with_(wall, lid)


class Enclosure(Family):
    """See ``family.yaml`` for its words, ``mechanics.py`` for its equations, ``program.py`` for its KCL."""

    stress_checks = frozenset({"lid_bending"})

    # --- reading ----------------------------------------------------------------------------------------------

    def infer(
        self, parameters: Mapping[str, Quantity], choices: Mapping[str, str], material: str | None
    ) -> list[tuple[str, str, str]]:
        if material is None:
            return []
        from backend.materials import get_material

        if get_material(material).category == "metal":
            return [("process", "machined", "a metal box in small numbers is milled")]
        return [("process", "fdm", "a plastic box in small numbers is printed")]

    def contradictions(self, parameters: Mapping[str, Quantity], choices: Mapping[str, str]) -> list[Question]:
        value = {name: q.value for name, q in parameters.items()}
        out: list[Question] = []
        wall = value.get("wall_thickness")
        for name, words in (("length", "long"), ("width", "wide"), ("height", "high")):
            size = value.get(name)
            if wall and size and 2 * wall >= 0.8 * size:
                out.append(
                    Question(
                        id="wall_thickness",
                        text=f"Walls of {parameters['wall_thickness'].given} leave nothing inside a box "
                        f"{parameters[name].given} {words}: how thick are they?",
                        reason="the walls fill the box",
                        example=f"{max(size / 30, 1):.2g} mm walls",
                    )
                )
                break
        for outer, board in (("length", "pcb_length"), ("width", "pcb_width")):
            if outer in value and board in value and value[board] >= value[outer]:
                out.append(
                    Question(
                        id=outer,
                        text=f"A board of {parameters[board].given} doesn't fit a box of {parameters[outer].given} "
                        f"({outer}): how large is the box?",
                        reason="the board must lie inside the walls, between the screw bosses",
                        example=f"{value[board] + 40:.0f} mm",
                    )
                )
                break
        return out

    # --- sizing -----------------------------------------------------------------------------------------------

    def size(self, intent: Intent, corrections: dict[str, float] | None = None) -> Scheme:
        corrections = dict(corrections or {})
        parameters, assumptions = dict(intent.parameters), list[Assumption]()
        process = intent.choices.get("process", "fdm")
        unit = intent.length_unit
        wall = self._wall(intent, parameters, process, assumptions)
        case = self._case(intent, parameters, assumptions, corrections, process, wall)
        lids = self._lids(intent, parameters, process, wall)
        case = self._heated(intent, parameters, assumptions, case, case.layout_with(wall, lids[0]) if lids else None)
        tried: list[tuple[Layout, list[Check]]] = []
        for lid in lids:
            layout = case.layout_with(wall, lid)
            faults = layout.faults()
            if faults:
                raise DesignError(
                    f"the enclosure can't be laid out: {'; '.join(faults)}",
                    next_action="Use a larger box, a smaller board, thinner walls or smaller screws.",
                    faults=faults,
                )
            checks = self._checks(intent, case, layout)
            if checks is None:
                break
            tried.append((layout, checks))
            if not sizing.failures(checks):
                break
        if not tried or sizing.failures(tried[-1][1]):
            raise self._infeasible(tried)
        layout, checks = tried[-1]
        free = tuple(name for name in ("wall_thickness", "lid_thickness") if name not in intent.parameters)
        self._fill_in(parameters, layout, unit)
        mass_g = layout.volume_mm3 * case.material.density_kg_m3 * 1e-6
        worst = sizing.governing(checks)
        trace = [
            f"walls {show(wall, unit)}: the least that {MAKING[process]} makes well"
            if "wall_thickness" in free
            else f"walls {show(wall, unit)}, as given",
            f"tried {len(tried)} {'lid' if len(tried) == 1 else 'lids'} in steps of {show(INCREMENT_MM[unit], unit)}: "
            f"{show(layout.lid, unit)} is the "
            "thinnest that holds every check",
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
            choices={**intent.choices, "process": process, "length_unit": unit},
            free=free,
            mass_g=sized(mass_g, "g"),
            checks=(
                *checks,
                *self._heat(intent, case, layout),
                *in_service(
                    self.material_of(intent),
                    case.material,
                    intent,
                    parameters["service_temperature"],
                    parameters.get("part_temperature"),
                ),
                *_unverified(process),
            ),
            assumptions=(*intent.assumptions, *assumptions, *case.material.assumptions),
            governing=worst.title.split(":")[0] if worst else f"what {MAKING[process]} makes well",
            trace=tuple(trace),
            corrections=corrections,
        )

    def _wall(
        self, intent: Intent, parameters: dict[str, Quantity], process: str, assumptions: list[Assumption]
    ) -> float:
        if "wall_thickness" in parameters:
            return parameters["wall_thickness"].value
        low, high = checking.bounds_of(intent, "wall_thickness")
        found = sizing.steps(
            max(LEAST_WALL_MM[process], low), high if high < 1e6 else 100.0, INCREMENT_MM[intent.length_unit]
        )
        if not found:
            raise DesignError(
                f"no wall between {low:g} and {high:g} mm can be made by {MAKING[process]}",
                next_action=f"Allow walls of {LEAST_WALL_MM[process]:g} mm or more.",
            )
        assumptions.append(
            assume(
                "wall_thickness",
                f"walls and floor of {show(found[0], intent.length_unit)}",
                f"the least that {MAKING[process]} makes well; nothing loads the walls",
            )
        )
        return found[0]

    def _lids(self, intent: Intent, parameters: dict[str, Quantity], process: str, wall: float) -> list[float]:
        if "lid_thickness" in parameters:
            return [parameters["lid_thickness"].value]
        low, high = checking.bounds_of(intent, "lid_thickness")
        sides = [parameters[k].value for k in ("length", "width", "inner_length", "inner_width") if k in parameters]
        return sizing.steps(
            max(LEAST_WALL_MM[process], low), min(min(sides) / 4, high), INCREMENT_MM[intent.length_unit]
        )

    def _case(
        self,
        intent: Intent,
        parameters: dict[str, Quantity],
        assumptions: list[Assumption],
        corrections: dict[str, float],
        process: str,
        wall: float,
    ) -> _Case:
        def get(name: str) -> float | None:
            return parameters[name].value if name in parameters else None

        outer = [get(n) for n in ("length", "width", "height")]
        inner = tuple(
            get(f"inner_{n}") if outer[i] is None else None for i, n in enumerate(("length", "width", "height"))
        )
        for i, name in enumerate(("length", "width", "height")):
            if outer[i] is None and inner[i] is None:
                raise DesignError(
                    f"the {name} of the enclosure is not known",
                    next_action=f"Say its {name}, e.g. {self.spec.parameters[name].example!r}.",
                    code="missing_parameter",
                )
        temperature = parameters.setdefault("service_temperature", assumed(25.0, "degC")).value
        boss, lid_hole = self._posts(parameters, assumptions, process)
        pcb, standoff = self._board(parameters, assumptions, process)
        force = self.load(intent, "force")
        patch = parameters.get("load_patch")
        sides = [v for v in (outer[0] or inner[0], outer[1] or inner[1]) if v]
        if force is not None:
            parameters["load_force"] = force.magnitude
            if patch is None:
                patch = parameters["load_patch"] = assumed(min(sides) / 10, "mm")
                assumptions.append(
                    assume(
                        "load_patch",
                        f"the load presses on a disc of {patch.value:g} mm at the middle of the lid",
                        "a tenth of the shorter side; the brief gives no area",
                        patch,
                    )
                )
            assumptions.append(
                assume(
                    "lid_support",
                    "the rim carries the lid along its outer edge and doesn't clamp it",
                    "the safe side: the four screws hold it down but don't stiffen it",
                )
            )
        corner = self._corner(parameters, assumptions, process, wall, intent.length_unit)
        layout = Layout(
            outer[0] or 0.0, outer[1] or 0.0, outer[2] or 0.0, wall, wall, corner, boss, lid_hole, standoff, pcb
        )
        return _Case(
            layout=layout,
            inner=(inner[0], inner[1], inner[2]),
            force_n=force.magnitude.value if force else 0.0,
            patch_mm=patch.value if patch else 0.0,
            material=properties_of(self.material_of(intent), temperature, process),
            surface=surface_of(self.material_of(intent), intent.choices.get("finish")),
            ambient_c=temperature,
            process=process,
            required=intent.safety_factor.value if intent.safety_factor else 2.0,
            stress_factor=corrections.get("stress_factor", 1.0),
            deflection_factor=corrections.get("deflection_factor", 1.0),
        )

    def _corner(
        self, parameters: dict[str, Quantity], assumptions: list[Assumption], process: str, wall: float, unit: Any
    ) -> float:
        if "corner_radius" in parameters:
            return parameters["corner_radius"].value
        # inside, the cutter leaves its radius (a cutter reaches about five diameters deep); outside it is larger by the
        # wall, so that the wall is even
        deep = next((parameters[k].value for k in ("height", "inner_height") if k in parameters), 0.0)
        radius = wall + max(LEAST_CORNER_INSIDE_MM[process], deep / 10 if process == "machined" else 0.5)
        step = INCREMENT_MM[unit]
        radius = -(-radius // step) * step
        parameters["corner_radius"] = assumed(radius, "mm", show(radius, unit))
        assumptions.append(
            assume(
                "corner_radius",
                f"upright corners of {show(radius, unit)} outside",
                "an even wall around the smallest radius inside that the process makes",
                parameters["corner_radius"],
            )
        )
        return radius

    def _posts(
        self, parameters: dict[str, Quantity], assumptions: list[Assumption], process: str
    ) -> tuple[Post, float]:
        """The bosses of the lid and the holes in it."""
        if "lid_screw" not in parameters:
            parameters["lid_screw"] = assumed(3.0, "mm", "M3")
            assumptions.append(
                assume("lid_screw", "four M3 screws hold the lid", "the usual size; the brief names none")
            )
        bolt = bolt_of_size(parameters["lid_screw"].value)
        hole, outside, how = fixing(bolt, process)
        assumptions.append(assume("lid_fixing", f"lid screws {bolt.name} into {how}", f"usual for {made(process)}"))
        return Post(outside, hole, 1.0), bolt.hole

    def _board(
        self, parameters: dict[str, Quantity], assumptions: list[Assumption], process: str
    ) -> tuple[tuple[float, float] | None, Post | None]:
        wanted = any(name in parameters for name in ("pcb_length", "pcb_width"))
        if not wanted:
            return None, None
        missing = [name for name in ("pcb_length", "pcb_width") if name not in parameters]
        if missing:
            raise DesignError(
                f"the {missing[0].replace('_', ' ')} is not known",
                next_action="Give both sides of the board, e.g. 'a PCB 100 x 70 mm'.",
                code="missing_parameter",
            )
        if "standoff_screw" not in parameters:
            parameters["standoff_screw"] = assumed(3.0, "mm", "M3")
            assumptions.append(assume("standoff_screw", "M3 screws in the standoffs", "usual for small boards"))
        if "standoff_height" not in parameters:
            parameters["standoff_height"] = assumed(6.0, "mm")
            assumptions.append(assume("standoff_height", "standoffs 6 mm high", "room for leads and a screw's thread"))
        assumptions.append(
            assume(
                "pcb_holes",
                "the board has four holes 3.5 mm from its edges and is 1.6 mm thick",
                "as on many small boards",
            )
        )
        bolt = bolt_of_size(parameters["standoff_screw"].value)
        hole, outside, _ = fixing(bolt, process)
        return (
            (parameters["pcb_length"].value, parameters["pcb_width"].value),
            Post(outside, hole, parameters["standoff_height"].value),
        )

    def _checks(self, intent: Intent, case: _Case, layout: Layout) -> list[Check] | None:
        from backend.physics.errors import OutOfValidity

        mass = checking.mass_check(intent, layout.volume_mm3 * case.material.density_kg_m3 * 1e-6)
        if case.force_n <= 0:
            return mass
        weight = case.material.density_kg_m3 * 1e-9 * STANDARD_GRAVITY_M_S2 * layout.lid
        try:
            found = lid_response(
                layout, case.force_n, case.patch_mm / 2, weight, case.material.youngs_mpa, case.material.poisson
            )
        except OutOfValidity:
            return None
        evidence = ("structures.plate_simply_supported_center_load", "structures.plate_simply_supported_pressure")
        stress = found.stress_mpa * case.stress_factor
        out = [
            checking.compare(
                "lid_bending",
                "Bending of the lid: safety factor",
                case.material.yield_mpa / stress,
                "",
                case.required,
                Sense.AT_LEAST,
                method=LID_METHOD,
                evidence=evidence,
                requirement_id="safety_factor",
                reason=f"{stress:.2f} MPa against yield {case.material.yield_mpa:.0f} MPa",
            )
        ]
        limit = checking.limit_of(intent, "deflection")
        deflection = found.deflection_mm * case.deflection_factor
        if limit is not None and limit.quantity is not None:
            out.append(
                checking.compare(
                    "deflection",
                    "Deflection of the lid's middle",
                    deflection,
                    "mm",
                    limit.quantity.value,
                    Sense.AT_MOST,
                    method=LID_METHOD,
                    evidence=evidence,
                    requirement_id=limit.id,
                )
            )
        return [*out, *mass]

    def _heated(
        self,
        intent: Intent,
        parameters: dict[str, Quantity],
        assumptions: list[Assumption],
        case: _Case,
        smallest: Layout | None,
    ) -> _Case:
        """The case with the material as hot as the heat inside makes the wall of the smallest box in question."""
        load, material = self.load(intent, "heat"), self.material_of(intent)
        if load is None or smallest is None:
            return case
        if case.surface.assumption:
            assumptions.append(case.surface.assumption)
        hot = temperatures(smallest, load.magnitude.value, case.ambient_c, 1.0, case.surface.emissivity).wall_c
        parameters["part_temperature"] = sized(hot, "degC")
        return replace(case, material=properties_of(material, hot, case.process))

    def _heat(self, intent: Intent, case: _Case, layout: Layout) -> list[Check]:
        material, load = self.material_of(intent), self.load(intent, "heat")
        return heat.checks(intent, load, material, layout, case.ambient_c, case.surface)

    def _infeasible(self, tried: list[tuple[Layout, list[Check]]]) -> DesignError:
        if not tried:
            return DesignError(
                "no lid within the bounds can be checked: it would be no thin plate",
                next_action="Allow a lid up to a quarter of the shorter side.",
            )
        layout, checks = min(tried, key=lambda pair: sizing.nearness(pair[1]))
        return sizing.infeasible(
            "enclosure",
            f"one with a lid {layout.lid:.3g} mm thick",
            checks,
            {"mass": "Allow more mass, or choose a lighter material or a smaller box."},
            "Use a stronger material, a smaller lid, or a smaller load.",
        )

    def _fill_in(self, parameters: dict[str, Quantity], layout: Layout, unit: Any) -> None:
        """Completes the parameters so that the scheme alone tells the whole layout."""
        for name, value in (("length", layout.length), ("width", layout.width), ("height", layout.height)):
            parameters.setdefault(name, sized(value, "mm", show(value, unit)))
        for name, value in (("wall_thickness", layout.wall), ("lid_thickness", layout.lid)):
            parameters.setdefault(name, sized(value, "mm", show(value, unit)))
        for name, value in zip(("inner_length", "inner_width", "inner_height"), layout.inner, strict=True):
            if name in parameters:
                parameters[name] = parameters[name].model_copy(update={"value": value})
        parameters.setdefault("lid_screw_count", assumed(4.0, "1"))
        if layout.standoff:
            parameters.setdefault("standoff_count", assumed(4.0, "1"))

    # --- the scheme read back ---------------------------------------------------------------------------------

    def layout(self, scheme: Scheme) -> Layout:
        """The dimensions of a sized scheme."""
        p = {name: q.value for name, q in scheme.parameters.items()}
        process = scheme.choices["process"]
        bolt = bolt_of_size(p["lid_screw"])
        hole, outside, _ = fixing(bolt, process)
        standoff = pcb = None
        if "pcb_length" in p:
            small = fixing(bolt_of_size(p["standoff_screw"]), process)
            pcb, standoff = (p["pcb_length"], p["pcb_width"]), Post(small[1], small[0], p["standoff_height"])
        base = Layout(
            p["length"],
            p["width"],
            p["height"],
            p["wall_thickness"],
            p["lid_thickness"],
            p["corner_radius"],
            Post(outside, hole, 1.0),
            bolt.hole,
            standoff,
            pcb,
        )
        return base.with_(base.wall, base.lid)

    def kcl(self, scheme: Scheme) -> str:
        return program.write(self.layout(scheme), scheme)

    # --- physics ----------------------------------------------------------------------------------------------

    def study(self, scheme: Scheme, intent: Intent, compiled: CompiledModel) -> dict[str, Any] | None:
        force = self.load(intent, "force")
        top = [f for f in compiled.named_faces if f.name == "lid_top"]
        if force is None or not top or "brep" not in compiled.files:
            return None
        layout = self.layout(scheme)
        material = study_material(self.material_of(intent), part_temperature(scheme), scheme.choices["process"])
        edges = compiled.faces("lid_edge")
        bedding = 1e-3 * material["youngs_modulus_mpa"] / min(layout.length, layout.width)
        return {
            "brep": compiled.files["brep"],
            "material": material,
            "gravity": [0.0, 0.0, -STANDARD_GRAVITY_M_S2],
            "solids": [top[0].solid_index],
            # the rim holds the lid's edge up and down; a bedding of a thousandth of its stiffness keeps it in place
            "supports": [
                {"kind": "displacement", "faces": edges, "displacement_mm": [None, None, 0.0]},
                {"kind": "elastic", "faces": edges, "stiffness_n_mm3": bedding},
            ],
            "loads": [
                {
                    "kind": "patch_force",
                    "faces": [top[0].face_index],
                    "vector_n": [0.0, 0.0, -force.magnitude.value],
                    "center_mm": [0.0, 0.0, layout.height],
                    "radius_mm": scheme.parameters["load_patch"].value / 2,
                }
            ],
            "regions": {"lid_top": [top[0].face_index]},
            "exclude": {"near_supports_mm": 0.5 * layout.lid},
            "levels": 3,
            "order": 2,
        }

    # --- geometry, making, buying -----------------------------------------------------------------------------

    def geometry_checks(self, scheme: Scheme, intent: Intent, compiled: CompiledModel) -> list[Check]:
        layout = self.layout(scheme)
        a, b, h = layout.length, layout.width, layout.height
        return [
            checking.volume_check(layout.volume_mm3, compiled),
            checking.box_check(((-a / 2, -b / 2, 0.0), (a / 2, b / 2, h)), compiled),
            checking.solids_check(2, compiled),
            checking.holes_check("lid_holes", 4, layout.lid_hole, compiled),
        ]

    def manufacturing_checks(self, scheme: Scheme, intent: Intent) -> list[Check]:
        return making.checks(self.layout(scheme), scheme.choices["process"])

    def components(self, scheme: Scheme) -> list[dict[str, Any]]:
        return making.components(self.layout(scheme), scheme)


def _unverified(process: str) -> list[Check]:
    out = [
        checking.not_verified("drop", "Drop and impact", "no drop and no impact is worked out here"),
        checking.not_verified("sealing", "Protection against water and dust", "the lid has no seal"),
        checking.not_verified("emc", "Electromagnetic shielding", "not part of this family"),
    ]
    if process == "moulded":
        out.append(checking.not_verified("draft", "Draft angles and sink marks", "the model has no draft yet"))
    return out


FAMILY = Enclosure
