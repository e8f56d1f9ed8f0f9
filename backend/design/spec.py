"""What ``family.yaml`` holds: the words, parameters, choices and loads of a part family. Validated when loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from backend.errors import BrickError
from backend.schema import Frozen


class ParameterSpec(Frozen):
    """One number of the family.

    ``dimension`` as in :mod:`backend.intent.units` ("length", "count" for whole numbers, "number" for plain ones).
    ``cues`` are the words that bind a quantity to it: "wide>" binds the quantity before it ("6 in wide"), "<at" the
    quantity after it ("at 12 in"), a plain noun either. ``bounds`` are in the working unit. ``default`` is a text a
    person could have written ("1.5", "3 mm"); with ``reason`` it becomes a listed assumption. A parameter that is
    neither required nor has a default is free: the sizing chooses it, or it stays away.
    """

    meaning: str
    dimension: str
    cues: tuple[str, ...] = ()
    required: bool = False
    unless: str | None = None  # not required where that parameter is given
    default: str | None = None
    reason: str = ""
    bounds: tuple[float, float] | None = None
    question: str = ""
    example: str = ""
    form: Literal["any", "thread"] = "any"
    omitted: bool = False  # what it is the size of is there only where the brief asks for it


class ChoiceSpec(Frozen):
    """One choice among named options. ``options``: option -> the words that mean it (the first is for display)."""

    meaning: str
    options: dict[str, tuple[str, ...]]
    default: str | None = None
    reason: str = ""
    optional: bool = False  # not asked for: the family infers it, or does without
    question: str = ""


class ListSpec(Frozen):
    """Quantities that share one plural noun: "legs 5 in and 2 in". ``order``: as written, or largest first."""

    cues: tuple[str, ...]
    parameters: tuple[str, ...]
    order: Literal["written", "descending"] = "written"
    note: str = ""
    single: Literal["all", "first"] = "all"
    late: bool = False  # only for quantities that nothing else took


class ProductSpec(Frozen):
    """Dimensions written as a product: "900 x 300 x 18 mm", "2 x 3 holes". Without cues it takes the first product."""

    parameters: tuple[str, ...]
    cues: tuple[str, ...] = ()
    dimension: str = "length"
    order: Literal["written", "descending"] = "written"
    note: str = ""


class LoadSpec(Frozen):
    """A load that the family accepts. ``dimensions``: what may express it (a mass hangs with standard gravity)."""

    kind: Literal["force", "pressure", "acceleration", "heat"]
    dimensions: tuple[str, ...]
    cues: tuple[str, ...]
    meaning: str
    direction: str = "down"
    position: str | None = None  # the parameter that says where it acts
    reach: str | None = (
        None  # the parameter whose end is the farthest place on the part itself, where it acts otherwise
    )
    unmistakable: bool = False  # the dimension alone is enough: nothing else in a brief is a power


class FamilySpec(Frozen):
    """The family's description."""

    id: str
    title: str
    summary: str
    keywords: dict[str, float]
    parameters: dict[str, ParameterSpec]
    choices: dict[str, ChoiceSpec] = Field(default_factory=dict)
    lists: tuple[ListSpec, ...] = ()
    products: tuple[ProductSpec, ...] = ()
    loads: tuple[LoadSpec, ...] = ()
    load_required: bool = True
    load_question: str = ""
    load_example: str = ""
    default_material: str | None = None
    faces: dict[str, str] = Field(default_factory=dict)  # face named in the program -> the size that changes there
    examples: tuple[str, ...] = ()


def load_spec(path: Path) -> FamilySpec:
    """Reads and validates a ``family.yaml``. Raises BrickError naming the file where it is wrong."""
    import yaml
    from pydantic import ValidationError

    try:
        return FamilySpec.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as error:
        raise BrickError(
            f"the family description {path.parent.name}/{path.name} is not valid: {error}",
            next_action="Correct the file; backend/design/spec.py says what it may hold.",
            code="bad_family",
        ) from error
