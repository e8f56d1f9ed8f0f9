"""Other sizes for a part that has been designed: sized, checked by closed form and compiled, without a run.

No language model is asked and no revision is made: this is what a slider shows while it moves. To keep what it shows,
start a run with the same answers; the finite elements and the files come with that.
"""

from __future__ import annotations

import asyncio
from typing import Any

from backend.geometry.inspection import Inspector
from backend.schema import AgentState, Intent, Scheme

Row = dict[str, Any]


def adjustable(state: AgentState) -> Row:
    """What can be set anew of a designed part, each by the id that an answer goes by.

    ``parameters``: [{name, meaning, dimension, unit, value, given, origin, free, bounds}], ``choices``: [{name,
    meaning, value, options}], ``loads``: [{name, meaning, unit, value, given}], ``material``: its id, and ``edited``:
    whether the program is no longer the one that these sizes make. All empty where nothing has been sized.
    """
    from backend.design import get_family
    from backend.design.open_part import EDITED, OPEN_PART
    from backend.intent.units import WORKING_UNIT

    design = state["design"]
    if not design["design_scheme"] or design["intent"].get("family") in (None, OPEN_PART):
        return {"family": None, "parameters": [], "choices": [], "loads": [], "material": None, "edited": False}
    scheme, intent = Scheme.model_validate(design["design_scheme"]), Intent.model_validate(design["intent"])
    spec = get_family(str(intent.family).removesuffix(EDITED)).spec
    parameters = []
    for name, known in spec.parameters.items():
        quantity = scheme.parameters.get(name) or intent.parameters.get(name)
        if name == "safety_factor" and intent.safety_factor is not None:
            quantity = intent.safety_factor
        if quantity is None:
            continue
        parameters.append(
            {
                "name": name,
                "meaning": known.meaning,
                "dimension": known.dimension,
                "unit": WORKING_UNIT.get(known.dimension, quantity.unit),
                "value": quantity.value,
                "given": quantity.given,
                "origin": quantity.origin.value,
                "free": name in scheme.free,
                "bounds": list(known.bounds) if known.bounds else None,
            }
        )
    loads = intent.loads[:1] if len(intent.loads) == 1 else ()
    return {
        "family": spec.id,
        "parameters": parameters,
        "choices": [
            {
                "name": name,
                "meaning": choice.meaning,
                "value": scheme.choices[name],
                "options": list(choice.options),
            }
            for name, choice in spec.choices.items()
            if name in scheme.choices
        ],
        "loads": [
            {
                "name": "load",
                "meaning": spec.loads[0].meaning if spec.loads else load.kind,
                "unit": load.magnitude.unit,
                "value": load.magnitude.value,
                "given": load.magnitude.given,
            }
            for load in loads
        ],
        "material": scheme.material,
        "edited": scheme.family.endswith(EDITED),
    }


async def preview(state: AgentState, answers: dict[str, str], inspector: Inspector) -> Row:
    """The part with other answers: ``scheme``, ``checks`` (closed forms), ``kcl_code``, ``model_id``, ``mass_g``.

    What still has to be asked comes back as ``questions``, and then nothing is sized. Corrections that the finite
    elements of the shown revision asked for stay in force. Raises DesignError where no design holds the checks,
    InputError for an answer that can't be read, CompileError where the program doesn't compile.
    """
    from backend.agents.conversational_agent import understand
    from backend.design import get_family

    intent = await asyncio.to_thread(understand, state["core"]["user_intent"], answers)
    if intent.questions or intent.family is None:
        return {"questions": [question.model_dump(mode="json") for question in intent.questions]}
    family = get_family(intent.family)
    former = state["design"]["design_scheme"].get("corrections") or {}
    scheme = await asyncio.to_thread(family.size, intent, dict(former))
    code = family.kcl(scheme)
    look = await inspector.program(code)
    density = family.material_of(intent).value("density_kg_m3").value
    return {
        "questions": [],
        "scheme": scheme.model_dump(mode="json"),
        "checks": [check.model_dump(mode="json") for check in family.closed_form_checks(scheme, intent)],
        "kcl_code": code,
        "model_id": look.id,
        "mass_g": look.compiled["volume_mm3"] * 1e-6 * float(density),
        "valid": bool(look.compiled["valid"]),
    }
