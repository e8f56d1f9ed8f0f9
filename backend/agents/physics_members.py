"""What the physics agents share: the words of the brief that say where a part is and what touches it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from backend.intent.vocabulary import SALT
from backend.schema import Check, Status

# Words of a brief -> a place of backend.physics.domains.environments.places.
PLACE_WORDS: tuple[tuple[str, str], ...] = (
    (r"mars|martian", "mars"),
    (r"moon|lunar", "moon"),
    (r"deep[\s-]?sea|sub[\s-]?sea|under\s?water|submerged|seabed|sea\s?floor", "deep_sea"),
    (r"vacuum|space(?:craft)?|orbit|satellite|cubesat", "vacuum"),
)
# Words of a brief -> how harsh the air or water around a couple of metals is (chemistry.galvanic.LIMITS_MV).
HARSHNESS: tuple[tuple[str, str], ...] = (
    (SALT, "harsh"),
    (
        r"out-?doors?|rain|weather(?:proof)?|corrosive|humid\w*|damp(?:ness)?|wet|condens(?:ation|ing)|splash\w*",
        "harsh",
    ),
    (r"in-?doors?|office|laborator\w+|workshop", "normal"),
    (r"dry\s+(?:air|room|box)|clean\s?room|desiccat\w+|vacuum", "controlled"),
)
# Words of a brief -> a fluid of the compatibility table.
FLUID_WORDS: tuple[tuple[str, str], ...] = (
    (r"sea\s?water|salt\s+water", "sea_water"),
    (r"fresh\s?water|tap\s+water|drinking\s+water|rain|out-?doors?|weather(?:proof)?", "fresh_water"),
    (r"mineral\s+oil|hydraulic\s+oil|engine\s+oil|lubricat\w+\s+oil", "mineral_oil"),
    (r"gasoline|petrol", "gasoline"),
    (r"ethylene\s+glycol|antifreeze", "ethylene_glycol"),
    (r"caustic\s+soda|sodium\s+hydroxide|lye", "sodium_hydroxide"),
    (r"hydrochloric\s+acid|muriatic\s+acid", "hydrochloric_acid"),
    (r"nitric\s+acid", "nitric_acid"),
    (r"hydrofluoric\s+acid", "hydrofluoric_acid"),
    (r"acetone", "acetone"),
    (r"ammonia", "ammonia"),
    (r"methanol", "methanol_dry"),
    (r"mercury", "mercury"),
)


def words_in(text: str, table: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Meaning -> the words of the text that say it, in the order of the table."""
    found: dict[str, str] = {}
    for pattern, meaning in table:
        match = re.search(rf"\b(?:{pattern})\b", text, re.IGNORECASE)
        if match:
            found.setdefault(meaning, match.group())
    return found


def requirement_about(intent: Mapping[str, Any], words: str) -> str | None:
    """Id of the requirement about the surroundings that was read from these words; None where there is none."""
    for item in intent.get("requirements") or ():
        span = item.get("span") or {}
        if item.get("kind") == "environment" and str(span.get("text", "")).lower() == words.lower():
            return str(item["id"])
    return None


def not_applicable(reason: str) -> dict[str, Any]:
    """The result of an agent that finds nothing to do, with the reason."""
    return {"status": "success", "summary": f"not applicable: {reason}", "applicable": False, "checks": []}


def outcome(summary: str, checks: list[Check], **data: Any) -> dict[str, Any]:
    """A result whose status is that of its checks: a failed one is failure, an open one "not_verified"."""
    states = {check.status for check in checks}
    status = "failure" if Status.FAIL in states else "not_verified" if Status.NOT_VERIFIED in states else "success"
    return {
        "status": status,
        "summary": summary,
        "applicable": True,
        **data,
        "checks": [check.model_dump(mode="json") for check in checks],
    }
