"""Words that every family shares: limits, comparators, surroundings, and the small words that carry nothing."""

from __future__ import annotations

import re

#: words that may stand between a quantity and its noun at little cost
LIGHT = frozenset(
    "of is are be the a an at about around approximately approx roughly each its it to total overall from with by for "
    "minimum maximum min max exactly just only up nominal size sized outer outside inner side vertical static bolt "
    "mounting clearance diameter dia long length least most more than no less under below over above must should has have "
    "having and on".split()
)

#: words that say nothing about the part, not worth listing as unread
SILENT = LIGHT | frozenset(
    "in i we you want need needs please make design build create give me us that this these those which who will can could "
    "would shall into onto off out so but or not also then there here where when while as if per using use used uses via "
    "part piece one two three four five six eight ten dozen made making mounted mount fits fit fitted fixed attached "
    "screwed bolted standing stands sits sit goes go between within inside my our your their his her some any all both every "
    "very quite new simple small large big strong light lightweight good nice sturdy rigid standard basic custom some "
    "x plus minus near end ends edge edges face faces top bottom left right front back middle center centre "
    "mm cm m inch inches ft lb lbs kg n kn w c f".split()
)

AT_MOST = re.compile(
    r"(?:under|below|less\s+than|lighter\s+than|at\s+most|no\s+more\s+than|not\s+more\s+than|no\s+greater\s+than|not\s+exceed(?:ing)?|"
    r"max(?:imum)?(?:\s+of)?|up\s+to|within|limited\s+to|limit\s+of|smaller\s+than|cooler\s+than|no\s+heavier\s+than|"
    r"no\s+hotter\s+than|stays?\s+below|<=|≤|<|cheaper\s+than)\s*(?:about\s+)?$",
    re.IGNORECASE,
)
AT_LEAST = re.compile(
    r"(?:over|above|more\s+than|at\s+least|no\s+less\s+than|not\s+less\s+than|min(?:imum)?(?:\s+of)?|exceed(?:s|ing)?|greater\s+than|"
    r"thicker\s+than|>=|≥|>)\s*(?:about\s+)?$",
    re.IGNORECASE,
)
AFTER_AT_MOST = re.compile(r"\s*(?:max\b|maximum\b|or\s+(?:less|lighter|smaller|below)|at\s+most)", re.IGNORECASE)
AFTER_AT_LEAST = re.compile(r"\s*(?:min\b|minimum\b|or\s+(?:more|thicker|larger|above)|at\s+least)", re.IGNORECASE)

#: what a brief may limit, whatever the part: kind -> (dimensions, cues)
LIMITS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "mass": (
        ("mass",),
        ("weigh", "weighs", "weighing", "weight", "mass", "lighter than", "no heavier than", "heavier", "lighter", "<under",
         "<below", "<less than", "<at most", "<max", "<maximum", "<no more than", "<not more than", "<not exceed"),
    ),
    "deflection": (
        ("length",),
        ("deflect", "deflects", "deflection", "sag", "sags", "sagging", "droop", "droops", "bend more than", "bends less than",
         "bending less than", "displacement", "flex", "flexes", "deform", "deformation"),
    ),
    "temperature": (
        ("temperature",),
        ("internal temperature", "inside temperature", "temperature inside", "air temperature inside", "stay below",
         "stays below", "stay under", "stays under", "keep below", "kept below", "hotter than", "cooler than", "temperature",
         "inside", "<max", "<maximum", "<under", "<below", "<at most", "<less than", "<no more than"),
    ),
    "stress": (("pressure",), ("stress", "stresses", "von mises", "von mises stress")),
    "cost": (("price",), ("cost", "costs", "price", "cheaper than", "<under", "<below", "<less than", "<for", "budget", "<max")),
}  # fmt: skip

ENVIRONMENT: dict[str, str] = {
    r"out-?doors?|rain|weather(?:proof)?": "outdoors",
    r"marine|sea\s?water|salt\s+(?:water|spray|air)|offshore|boat": "salt water or salt air",
    r"vacuum|space(?:craft)?|orbit|satellite": "vacuum",
    r"food|hygienic": "contact with food",
    r"vibrat\w+|shock": "vibration or shock",
    r"fatigue|cyclic|cycles|alternating": "cyclic load",
    r"corrosive|acid\w*|chemicals?": "corrosive surroundings",
    r"waterproof|water-?tight|splash\w*|sealed": "water",
    r"uv|sunlight|direct\s+sun": "sunlight",
    r"earthquake|seismic": "earthquake",
}
