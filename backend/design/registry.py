"""Finds the part families: every folder of ``parts/`` that holds ``family.yaml`` and ``family.py``."""

from __future__ import annotations

import functools
import importlib
from pathlib import Path

from backend.design.family import Family
from backend.design.spec import load_spec
from backend.errors import BrickError, NotFoundError

_FOLDER = Path(__file__).parent / "parts"


@functools.lru_cache(maxsize=1)
def _load() -> dict[str, Family]:
    found: dict[str, Family] = {}
    for description in sorted(_FOLDER.glob("*/family.yaml")):
        name = description.parent.name
        if not description.with_name("family.py").exists():
            continue
        spec = load_spec(description)
        if spec.id != name:
            raise BrickError(
                f"the folder {name!r} describes a family with the id {spec.id!r}",
                next_action="Give the folder and the id in family.yaml the same name.",
                code="bad_family",
            )
        module = importlib.import_module(f"backend.design.parts.{name}.family")
        cls = getattr(module, "FAMILY", None)
        if not (isinstance(cls, type) and issubclass(cls, Family)):
            raise BrickError(
                f"backend/design/parts/{name}/family.py has no FAMILY that is a subclass of Family",
                next_action="End the module with FAMILY = YourClass.",
                code="bad_family",
            )
        found[name] = cls(spec)
    return found


def families() -> list[Family]:
    """All families, in the order of their ids."""
    return list(_load().values())


def get_family(family_id: str) -> Family:
    """The family of that id. Raises NotFoundError naming the families there are.

    ``open_part`` is the part that no family describes; an id that ends in "+edited" is a family's part whose program
    was edited by hand. Neither is among :func:`families`: no words lead to them.
    """
    from backend.design.open_part import EDITED, OPEN_PART, EditedPart, open_part

    found = _load()
    if family_id == OPEN_PART:
        return open_part()
    if family_id.endswith(EDITED):
        base = family_id.removesuffix(EDITED)
        return open_part() if base == OPEN_PART else EditedPart(get_family(base))
    if family_id not in found:
        raise NotFoundError(
            f"there is no part family {family_id!r}",
            next_action=f"Use one of: {', '.join(found)}.",
            code="unknown_family",
        )
    return found[family_id]
