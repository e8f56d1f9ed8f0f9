"""Words beside a family's name that say a kind or a grade: "tool steel", "cast aluminium", "8620 steel".

A kind that one material of the library is, is taken; one that several could be, or none is, is asked, and so is a grade
that the library doesn't hold. The family's commonest grade stands for none of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of a family: the words before its name, the material that it is (None: asked), and the nearest ones."""

    family: str
    words: str
    take: str | None
    near: tuple[str, ...]


_STRONG = ("steel_s355", "steel_a572_50", "steel_4140", "steel_a514", "steel_4340", "steel_spring_51crv4")
_HARD = ("steel_4140", "steel_4340", "steel_spring_51crv4", "steel_a514", "stainless_17_4ph_h900")
_PLAIN = ("steel_s235", "steel_s355", "steel_1020", "steel_1045", "steel_4130", "stainless_304")

KINDS: tuple[Kind, ...] = (
    Kind("steel", r"spring", "steel_spring_51crv4", ("steel_spring_51crv4", "steel_4340", "steel_4140")),
    Kind("steel", r"free[\s-]?(?:machining|cutting)", "steel_12l14", ("steel_12l14", "steel_1018")),
    Kind("steel", r"tool|die|mou?ld|high[\s-]speed|(?:ball[\s-])?bearing|silver|knife|blade|(?:case[\s-]|through[\s-])?"
         r"hardened|case[\s-]hardening|nitriding|carburi[sz]ing|high[\s-]carbon|maraging", None, _HARD),
    Kind("steel", r"(?:ultra[\s-]|extra[\s-]|very[\s-])?high[\s-](?:strength|tensile|yield)|high[\s-]performance|hsla|"
         r"[au]hss|(?:low[\s-]|high[\s-]|micro[\s-]?)?alloy|alloyed|quenched(?:[\s-]and[\s-]tempered)?|tempered|armou?r|"
         r"(?:wear|abrasion)[\s-]resistant|(?:hardox|armox|strenx|weldox)"
         r"(?:\s\d{3,4})?|boron|chrome[\s-](?:vanadium|nickel)|dual[\s-]phase|strongest", None, _STRONG),
    Kind("steel", r"medium[\s-]carbon|cast|weathering|cor[\s-]?ten|heat[\s-]resistant|pressure[\s-]vessel|boiler|"
         r"manganese|electrical|silicon|rail|rebar|reinforcing|cryogenic|creep[\s-]resistant", None, _PLAIN),
    Kind("stainless", r"(?<!super[\s-])duplex", "stainless_2205", ("stainless_2205",)),
    Kind("stainless", r"martensitic|precipitation[\s-]hardening|ph|hardened|high[\s-]strength|surgical|knife|spring",
         None,
         ("stainless_410", "stainless_17_4ph_h900", "stainless_2205", "stainless_316l", "stainless_304")),
    Kind("stainless", r"ferritic", "stainless_430", ("stainless_430",)),
    Kind("aluminium", r"(?:(?:pressure[\s-])?die|sand|investment)?[\s-]?cast", None,
         ("aluminium_a356_t6", "aluminium_a380", "aluminium_6061_t6")),
    Kind("aluminium", r"aircraft|aerospace|aviation|high[\s-]strength|strongest|hard", None,
         ("aluminium_7075_t6", "aluminium_2024_t3", "aluminium_2014_t6", "aluminium_7050_t7451", "aluminium_6061_t6")),
    Kind("aluminium", r"marine", None, ("aluminium_5083_h116", "aluminium_5052_h32", "aluminium_6082_t6")),
    Kind("aluminium", r"(?:commercially[\s-])?pure|annealed|soft", None, ("aluminium_1100_h14", "aluminium_3003_h14")),
    Kind("titanium", r"(?:commercially[\s-])?pure|unalloyed|cp", "titanium_grade_2", ("titanium_grade_2",)),
)  # fmt: skip

#: what to choose from where the grade is unknown: from soft to strong
NEAR: dict[str, tuple[str, ...]] = {
    "steel": ("steel_s235", "steel_s355", "steel_1045", "steel_4140", "steel_a514", "steel_4340"),
    "stainless": ("stainless_304", "stainless_316", "stainless_430", "stainless_2205", "stainless_17_4ph_h900"),
    "aluminium": (
        "aluminium_5052_h32", "aluminium_6061_t6", "aluminium_6082_t6", "aluminium_2024_t3", "aluminium_7075_t6",
    ),
    "titanium": ("titanium_grade_2", "titanium_6al4v", "titanium_6al4v_eli"),
}  # fmt: skip

_BEHIND = r"(?:[\s-]+(?:grade|quality|low[\s-]alloy|carbon|structural))*[\s-]+$"
_BEFORE = {
    kind: re.compile(rf"(?<![A-Za-z0-9-])(?:{kind.words}){_BEHIND}", re.IGNORECASE) for kind in KINDS
}  # fmt: skip
_CODE = r"[A-Z]{1,4}-?\d{1,4}[A-Z]{0,3}\d?"
_SIZED = re.compile(
    r"\s*(?:[x×*,/]\s*\d|-?(?:long|wide|deep|tall|high|thick|holes?|bolts?|screws?|pieces?|pcs|off|by|mm|cm|m|in|inch|ft|"
    r"n|kn|lbs?|kg|w|v|rpm|hz|k|c|°)(?![A-Za-z0-9]))",
    re.IGNORECASE,
)


def kind_before(text: str, start: int, family: str) -> tuple[int, Kind] | None:
    """Where the words of a kind begin that stand right before the family's name at ``start``, and the kind."""
    for kind, pattern in _BEFORE.items():
        found = pattern.search(text, max(0, start - 60), start) if kind.family == family else None
        if found:
            return found.start(), kind
    return None


def unknown_grade(text: str, start: int, end: int, family: str) -> tuple[int, int, str] | None:
    """The span, the family's name included, and the grade that stands right beside that name; None where none does."""
    if family not in NEAR:
        return None
    grade = _grade(family)
    before = re.search(rf"(?<![\w.,$€£-])(?P<name>{grade})[\s-]+$", text[:start])
    if before and not re.search(r"(?:[x×*=<>~±]|\bRAL|\bM)\s*$", text[: before.start()]):
        return before.start(), end, before["name"]
    after = re.match(rf"[\s-]+(?:(?:alloy|grade|type|AISI|SAE)\s+)?(?P<name>{grade})(?![\w.]*\w)", text[end:])
    if after and not _SIZED.match(text, end + after.end()):
        return start, end + after.end(), after["name"]
    return None


def _grade(family: str) -> str:
    """What a grade of the family looks like. Round numbers are sizes."""
    named = r"[Gg]rade\s+[A-Z]?\d{1,3}(?:\.\d)?[A-Z]?"
    other = r"(?!(?:M|IP|R|DN|PN|IPE|HEA|HEB|UNP|UPN|RAL|ISO|DIN)-?\d)"
    if family == "steel":
        return rf"{named}|{other}{_CODE}|(?!\d\d00)(?:1[0-5]|4[0-8]|5[01]|6[01]|8[16]|9[23])\d\d"
    if family == "stainless":
        return rf"{named}|{other}{_CODE}|(?:[2-6]\d[1-9]|[2-6][1-9]0)(?:[ABC]|Se|LN|Ti)?|2[0-9]0[1-9]"
    if family == "aluminium":
        return rf"{named}|{other}(?![TH]\d){_CODE}|(?!\d\d00)[1-8]\d{{3}}"
    return named
