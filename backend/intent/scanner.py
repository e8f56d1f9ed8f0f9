"""Finds the quantities in a text: value, unit, exact span, and the form in which each was written.

The scanner knows no part family and binds nothing; it says "here stands 300 lb". What a number means is the grammar's
business (:mod:`backend.intent.grammar`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from backend.intent import numbers, units

Form = Literal["scalar", "range", "tolerance", "thread", "diameter", "radius", "ip_code"]


@dataclass(frozen=True)
class ScannedQuantity:
    """A quantity found in a text; ``text_of_brief[start:end] == text``.

    ``value`` (and ``high``, the upper end of a range) are in ``unit``, the working unit of ``dimension``. A bare number
    has dimension "number". ``user_unit`` names the unit written. ``group`` numbers the members of one product of
    dimensions ("900 x 300 x 18 mm"), ``position`` their place in it. ``pitch_mm`` and ``length_mm`` belong to threads.
    ``inherited`` marks a unit taken from a neighbour ("5 x 2 in": the 5); ``shared_unit`` one that it may take if it
    turns out to be a member of a list ("5 and 2 in").
    """

    value: float
    dimension: str
    unit: str
    user_unit: str
    start: int
    end: int
    text: str
    form: Form = "scalar"
    high: float | None = None
    group: int | None = None
    position: int = 0
    pitch_mm: float | None = None
    length_mm: float | None = None
    inherited: bool = False
    shared_unit: str = ""
    number: float = 0.0  # as written, in ``user_unit``
    count: bool = False  # "4x M6": the 4
    said: tuple[int, int] | None = None  # where its own words are, if it stands in another's place

    @property
    def place(self) -> tuple[int, int]:
        """Where its words are in the text."""
        return self.said or (self.start, self.end)

    @property
    def system(self) -> str:
        """ "us", "si" or "" by the unit written."""
        row = units.UNITS.get(self.user_unit)
        return row.system if row else ""


_UNIT = re.compile(r"[\s-]?\s?(?P<unit>" + "|".join(re.escape(s).replace(r"\ ", r"\s") for s in units.SPELLINGS) + r")")
_UNIT_FOLDED = re.compile(_UNIT.pattern, re.IGNORECASE)
_FIGURES = re.compile(numbers.FIGURES)
_WHOLE = re.compile(r"\d+")
_WORDS = re.compile(numbers.WORDS + r"(?![A-Za-z])", re.IGNORECASE)
_ARTICLE_UNIT = re.compile(
    r"(?:an?|one)\s+(?=(?:inch|ton|tonne|pound|kilo|kilogram|metre|meter|newton|kilonewton|horsepower)(?![A-Za-z-]))"
    r"|a\s+(?=foot\s+(?:wide|long|deep|tall|high|thick|square|from|out)\b)",
    re.IGNORECASE,
)
_METRIC_THREAD = re.compile(
    r"M(?P<d>\d+(?:\.\d+)?)(?![\w])(?:\s?[x×]\s?(?P<second>\d+(?:\.\d+)?)(?:\s?mm)?(?![\w/]))?"
    r"|M(?P<d2>\d+(?:\.\d+)?)[x×](?P<second2>\d+(?:\.\d+)?)(?:\s?mm)?(?![\w/])"
)
_INCH_THREAD = re.compile(r"(?P<num>\d+)/(?P<den>\d+)[\"″”]?-(?P<tpi>\d{1,2})(?:\s?(?:UNC|UNF|UNEF))?(?![\w/])")
_THREAD_ENDS = r"(?=[\s,.;)]|$)(?!\s*(?:mm|cm|m|in|inch(?:es)?|N|kN|kg|lbs?|°|deg|bar|psi|MPa|holes)\b)"
_NUMBER_THREAD = re.compile(
    r"(?:#|No\.?\s?)(?P<no>\d{1,2})(?:-(?P<tpi>\d{2}))?(?:\s?UN[CF])?" + _THREAD_ENDS, re.IGNORECASE
)
_BARE_THREAD = re.compile(r"(?P<no>2|4|5|6|8|10|12)-(?P<tpi>56|40|32|24)(?:\s?UN[CF])?" + _THREAD_ENDS)
_IP = re.compile(r"IP\s?-?(?P<code>[0-6][0-9])(?![\w])", re.IGNORECASE)
_PRICE = re.compile(r"[$]\s?(?P<num>" + numbers.FIGURES + ")")
_MARK = re.compile(r"(?:(?P<dia>[Øø⌀∅])|(?P<rad>R)(?=[\d.]))\s?", re.IGNORECASE)
_CROSS = re.compile(r"\s*(?:[x×*](?![a-zA-Z])|by(?=\s))\s*", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:-|–|—|\.\.\.?|…|\bto\b|\band\b)\s*(?=[\d.+−-])", re.IGNORECASE)
_PLUS_MINUS = re.compile(r"\s*(?:±|\+/-|\+-|plus or minus)\s*", re.IGNORECASE)

_TWO_SIDED = re.compile(r"\s*\+\s?(?P<up>\d*\.?\d+)\s?/\s?[-−–]\s?(?=[\d.])")

_PREPOSITION_AFTER_IN = re.compile(
    r"\s+(?:the|each|every|a|an|both|all|total|one|two|this|that|these|our|its|order|place|stock|which|series|parallel|"
    r"between|tension|compression|bending|shear|service|use|air|water|it)\b",
    re.IGNORECASE,
)
_SHOCK_AFTER = re.compile(
    r"\s*(?:of\s+)?(?:peak\s+|half-sine\s+|random\s+)?(?:shocks?|acceleration|vibration|impact|load\s+factor|quasi-static|"
    r"lateral|axial|launch)\b",
    re.IGNORECASE,
)
_SHOCK_BEFORE = re.compile(
    r"(?:shocks?|acceleration|vibration|impact)\s+(?:load\s+)?(?:of|at|up\s+to)?\s*$", re.IGNORECASE
)
_COUNTED = re.compile(
    r"\s*(?:(?!(?:on|with|for|and|from|at|in|of|by|to)\b)[\w-]+\s+){0,2}?(?:holes?|bolts?|screws?|standoffs?|stand-offs?|bosses|boss|inserts?|fasteners?|rivets?|studs?)\b",
    re.IGNORECASE,
)
# "2k lb", "10K N"; "300 K" alone is a temperature
_THOUSAND = re.compile(r"k(?![A-Za-z])|K(?=\s*(?:N|newtons?|lbs?f?|pounds?|kg|psi|Pa)\b)")
_GAP_OK = re.compile(r"[A-Za-z0-9]")

# numerator, denominator, threads per inch of the coarse and fine series (ASME B1.1); anything else is a range
_INCH_THREADS = {
    *((1, 4, n) for n in (20, 28, 32)),
    *((5, 16, n) for n in (18, 24, 32)),
    *((3, 8, n) for n in (16, 24, 32)),
    *((7, 16, n) for n in (14, 20, 28)),
    *((1, 2, n) for n in (13, 20, 28)),
    *((9, 16, n) for n in (12, 18, 24)),
    *((5, 8, n) for n in (11, 18, 24)),
    *((3, 4, n) for n in (10, 16, 20)),
    *((7, 8, n) for n in (9, 14, 20)),
}
_US_NUMBER_SCREW_MM = {
    0: 1.524,
    1: 1.854,
    2: 2.184,
    3: 2.515,
    4: 2.845,
    5: 3.175,
    6: 3.505,
    8: 4.166,
    10: 4.826,
    12: 5.486,
}


@dataclass(frozen=True)
class _Atom:
    """A number with an optional unit, before grouping."""

    number: float
    unit: units.Unit | None
    start: int
    end: int
    in_words: bool = False
    form: Form = "scalar"


class Scanner:
    """One pass over one text. ``masked`` are (start, end) pieces that hold no quantities, e.g. "6061-T6"."""

    def __init__(self, text: str, masked: Iterable[tuple[int, int]] = ()) -> None:
        self.text = text
        self.masked = sorted(masked)
        self._groups = 0
        lengths = re.findall(r"\d\s?(mm|cm|m|inch|inches|\"|″)(?![A-Za-z])", text)
        self._metric_only = any(u in ("mm", "cm", "m") for u in lengths) and not any(
            u in ("inch", "inches", '"', "″") for u in lengths
        )

    def scan(self) -> list[ScannedQuantity]:
        """All quantities, in the order of the text, without overlaps."""
        out: list[ScannedQuantity] = []
        i = 0
        while i < len(self.text):
            end = self._masked_until(i)
            if end:
                i = end
                continue
            found = self._at(i) if self._may_start(i) else None
            if found:
                out.extend(found)
                i = max(q.end for q in found)
            else:
                i += 1
        return _share_units(self.text, out)

    # --- where a quantity may start ---------------------------------------------------------------------------

    def _masked_until(self, i: int) -> int | None:
        for start, end in self.masked:
            if start <= i < end:
                return end
        return None

    def _may_start(self, i: int) -> bool:
        before = self.text[i - 1] if i else " "
        here = self.text[i]
        if here.isdigit() or here in numbers.VULGAR or here == ".":
            return not (before.isalnum() or before in "._" or (before == "-" and i > 1 and self.text[i - 2].isalpha()))
        return not (before.isalnum() or before == "_")

    # --- one quantity or group --------------------------------------------------------------------------------

    def _at(self, i: int) -> list[ScannedQuantity] | None:
        special = self._special(i)
        if special:
            return [special]
        first = self._atom(i, allow_sign=True)
        if first is None:
            return None
        counted = self._count_times_thread(first)
        if counted:
            return counted
        group = self._product(first)
        if group:
            return group
        ranged = self._range(first)
        if ranged:
            return [ranged]
        compound = self._compound(first)
        return self._with_tolerance(compound)

    def _special(self, i: int) -> ScannedQuantity | None:
        text = self.text
        if text[i] == "M" and (m := _METRIC_THREAD.match(text, i)):
            diameter = float(m["d"] or m["d2"])
            second = m["second"] or m["second2"]
            pitch = float(second) if second and float(second) < max(1.6, diameter / 2.5) else None
            length = float(second) if second and pitch is None else None
            if second and length is not None and _CROSS.match(text, m.end()):
                return None
            return self._thread(m.start(), m.end(), diameter, "mm", pitch, length)
        if (
            text[i].isdigit()
            and (m := _INCH_THREAD.match(text, i))
            and (int(m["num"]), int(m["den"]), int(m["tpi"])) in _INCH_THREADS
        ):
            return self._thread(
                m.start(), m.end(), 25.4 * int(m["num"]) / int(m["den"]), "in", 25.4 / int(m["tpi"]), None
            )
        number = _NUMBER_THREAD.match(text, i) if text[i] in "#nN" else _BARE_THREAD.match(text, i)
        if (m := number) and int(m["no"]) in _US_NUMBER_SCREW_MM and (text[i] == "#" or m["tpi"]):
            pitch = 25.4 / int(m["tpi"]) if m["tpi"] else None
            return self._thread(m.start(), m.end(), _US_NUMBER_SCREW_MM[int(m["no"])], "in", pitch, None)
        if text[i] in "iI" and (m := _IP.match(text, i)):
            code = float(m["code"])
            return ScannedQuantity(code, "ip_code", "IP", "", i, m.end(), m.group(), form="ip_code", number=code)
        if text[i] == "$" and (m := _PRICE.match(text, i)):
            value = _value(m["num"])
            if value is not None:
                return ScannedQuantity(value, "price", "USD", "USD", i, m.end(), m.group(), number=value)
        if (m := _MARK.match(text, i)) and (m["dia"] or text[i] == "R"):
            atom = self._atom(m.end())
            if atom:
                form: Form = "diameter" if m["dia"] else "radius"
                return self._quantity(replace(atom, start=i, form=form))
        return None

    def _thread(
        self, start: int, end: int, diameter_mm: float, user_unit: str, pitch: float | None, length: float | None
    ) -> ScannedQuantity:
        text = self.text[start:end]
        return ScannedQuantity(
            diameter_mm,
            "length",
            "mm",
            user_unit,
            start,
            end,
            text,
            form="thread",
            pitch_mm=pitch,
            length_mm=length,
            number=units.from_working(diameter_mm, user_unit),
        )

    def _atom(self, i: int, *, allow_sign: bool = False) -> _Atom | None:
        text, start = self.text, i
        sign = 1.0
        if (
            allow_sign
            and i < len(text)
            and text[i] in "-−+"
            and i + 1 < len(text)
            and (text[i + 1].isdigit() or text[i + 1] == ".")
        ):
            before = text[i - 1] if i else " "
            if before.isspace() or before in "(:=,;<>≤≥":
                sign = -1.0 if text[i] in "-−" else 1.0
                i += 1
            else:
                return None
        in_words = False
        if (m := _FIGURES.match(text, i)) and (m := _no_ratio(m)):
            value = _value(m.group())
        elif m := _WORDS.match(text, i):
            value, in_words = numbers.parse_words(m.group()), True
        elif m := _ARTICLE_UNIT.match(text, i):
            value, in_words = 1.0, True
        else:
            return None
        if value is None:
            return None
        end = m.start() + len(m.group().rstrip())
        if not in_words and (k := _THOUSAND.match(text, end)):
            value, end = value * 1000, end + k.end() - k.start()
        elif not in_words and (many := numbers.MULTIPLIER.match(text, end)):
            value, end = value * numbers.multiplier(many["word"]), many.end()
        unit, after = self._unit(end, text[i:end])
        if unit is None and not in_words and end < len(text) and (text[end].isalpha() or text[end] == "_"):
            rest = text[end : end + 2].lower()
            if not (rest[0] in "x×" and not rest[1:2].isalpha()):  # "3D", "2020-series": not a quantity
                return None
        if in_words and unit is None and re.search(r"\b(?:half|quarter|third)s?\b", text[i:end].lower()):
            return None  # "half of the plate", "cut in half"
        if in_words and unit is None and text[i:end].lower() == "a":
            return None
        return _Atom(sign * value, unit, start, after if unit else end, in_words)

    def _unit(self, i: int, number: str) -> tuple[units.Unit | None, int]:
        """The unit written at ``i``, and where it ends. Longest spelling first; words end at a word boundary."""
        # the exact spelling first ("mPa" is no "MPa"), unless case-blind reading takes in more ("°" of "°C")
        matches = [m for m in (_UNIT.match(self.text, i), _UNIT_FOLDED.match(self.text, i)) if m]
        for m in sorted(matches, key=lambda m: -m.end()):
            end, spelling = m.end(), m["unit"]
            unit = units.lookup(spelling)
            # the alternation gives the longest spelling; where that is no whole word, try shorter ones
            while unit is None or not self._whole(end, spelling):
                shorter = [
                    s for s in units.SPELLINGS if len(s) < len(spelling) and spelling.lower().startswith(s.lower())
                ]
                if not shorter:
                    unit = None
                    break
                end -= len(spelling) - len(shorter[0])
                spelling = spelling[: len(shorter[0])]
                unit = units.lookup(spelling)
            if unit is None:
                continue
            gap = self.text[i : end - len(spelling)]
            if spelling in ("'", "’", "′", '"', "″", "”", "''", "#") and gap:
                continue
            if "-" in gap and not spelling[0].isalpha():
                continue
            if unit.name == "in" and spelling.lower() == "in" and self._is_preposition(end, gap):
                continue
            if re.search(r"\sin$", spelling, re.IGNORECASE) and _PREPOSITION_AFTER_IN.match(self.text, end):
                end -= 3  # "300 lb in the middle" is no moment
                spelling = spelling[:-3]
                unit = units.lookup(spelling)
                if unit is None:
                    continue
            if spelling.endswith(".") and (end >= len(self.text) or re.match(r"\s+[A-Z]|\s*$", self.text[end:])):
                end -= 1  # a full stop, not part of the unit
            if unit.name == "g" and (
                _SHOCK_AFTER.match(self.text, end) or _SHOCK_BEFORE.search(self.text[: i - len(number)])
            ):
                unit = units.UNITS["gee"]
            if unit.name == "gee" and spelling == "G" and re.match(r"\w", self.text[end:]):
                continue
            return unit, end
        return None, i

    def _whole(self, end: int, spelling: str) -> bool:
        if not (spelling[-1].isalnum()):
            return True
        if end >= len(self.text):
            return True
        after = self.text[end]
        if after in "²³^/·*" and not (after == "/" and self.text[end + 1 : end + 2].isspace()):
            return False  # part of a longer unit that this table doesn't hold: "mm/rev"
        return not (after.isalnum() or after == "_")

    def _is_preposition(self, end: int, gap: str) -> bool:
        if gap == "-":
            return False
        if _PREPOSITION_AFTER_IN.match(self.text, end):
            return True
        if not gap:
            return False
        return self._metric_only and bool(
            re.match(
                r"\s+(?:[\w-]+\s+)?(?:steel|aluminium|aluminum|plastic|abs|pla|petg|brass|titanium|nylon|\d{3,4})\b",
                self.text[end:],
                re.IGNORECASE,
            )
        )

    # --- groups -----------------------------------------------------------------------------------------------

    def _count_times_thread(self, first: _Atom) -> list[ScannedQuantity] | None:
        cross = _CROSS.match(self.text, first.end)
        if first.unit is not None or first.number != int(first.number) or first.number < 1:
            return None
        if not cross:
            return None
        at = cross.end()
        special = self._special(at) if at < len(self.text) else None
        glued = not self.text[first.end].isspace() and self.text[at - 1].isspace()
        if special is None:
            nxt = self._atom(at)
            if nxt is None or _CROSS.match(self.text, nxt.end):
                return None
            if not glued and not (nxt.unit is not None and first.number <= 40 and _COUNTED.match(self.text, nxt.end)):
                return None
            special = self._quantity(nxt)
        if special.form not in ("thread", "diameter", "scalar"):
            return None
        return [replace(self._quantity(first), count=True), special]

    def _product(self, first: _Atom) -> list[ScannedQuantity] | None:
        atoms = [first]
        while cross := _CROSS.match(self.text, atoms[-1].end):
            if self.text[cross.end() : cross.end() + 1] in "Øø⌀":
                break
            nxt = self._atom(cross.end())
            if nxt is None:
                break
            atoms.append(nxt)
        if len(atoms) < 2:
            return None
        times = (
            atoms[0].unit is None and atoms[1].unit is not None and atoms[1].unit.dimension not in ("length", "number")
        )
        if len(atoms) == 2 and times and first.number == int(first.number):  # "2 x 100 N" is no size
            return [replace(self._quantity(first), count=True), self._quantity(atoms[1])]
        self._groups += 1
        last = atoms[-1].unit or next((a.unit for a in atoms if a.unit), None)
        out = []
        for position, atom in enumerate(atoms):
            inherited = atom.unit is None and last is not None
            following = next((a.unit for a in atoms[position:] if a.unit), last)
            q = self._quantity(replace(atom, unit=atom.unit or following))
            q = replace(q, inherited=inherited, group=self._groups, position=position)
            out.append(q)
        return out

    def _range(self, first: _Atom) -> ScannedQuantity | None:
        link = _RANGE.match(self.text, first.end)
        if not link:
            return None
        word = link.group().strip().lower()
        if word == "and" and not re.search(r"\bbetween\s+$", self.text[: first.start], re.IGNORECASE):
            return None
        second = self._atom(link.end(), allow_sign=word in ("to", "and"))
        if second is None or second.in_words != first.in_words:
            return None
        unit = second.unit or first.unit
        if first.unit and second.unit and first.unit.dimension != second.unit.dimension:
            return None
        if word == "-" and unit is None:
            return None  # "1-2": as likely a name as a range
        low = _working(first.number, first.unit or unit)
        high = _working(second.number, second.unit or unit)
        if high <= low:
            return None
        whole = replace(first, end=second.end, unit=first.unit or unit, form="range")
        return replace(self._quantity(whole), high=high)

    def _compound(self, first: _Atom) -> ScannedQuantity:
        q = self._quantity(first)
        smaller = {"ft": "in", "lb": "oz", "m": "cm"}.get(first.unit.name if first.unit else "")
        if smaller:
            m = re.compile(r"\s?-?\s?").match(self.text, first.end)
            at = m.end() if m else first.end
            second = self._atom(at) if at < len(self.text) and self.text[at].isdigit() else None
            # 5'6" and 5' 6: the second unit may be missing after the sign for feet
            if second and (second.unit and second.unit.name == smaller):
                value = q.value + _working(second.number, second.unit)
                end = second.end
                return replace(
                    q,
                    value=value,
                    end=end,
                    text=self.text[first.start : end],
                    number=units.from_working(value, q.user_unit),
                )
        return q

    def _with_tolerance(self, q: ScannedQuantity) -> list[ScannedQuantity]:
        m = _PLUS_MINUS.match(self.text, q.end)
        tolerance = self._atom(m.end()) if m else None
        if sided := _TWO_SIDED.match(self.text, q.end):
            m, tolerance = sided, self._atom(sided.end())
            tolerance = replace(tolerance, number=max(float(sided["up"]), tolerance.number)) if tolerance else None
        if m is None or tolerance is None:
            return [q]
        start = m.start() + len(m.group()) - len(m.group().lstrip())
        unit = tolerance.unit or (units.UNITS.get(q.user_unit))
        if q.dimension == "number" and tolerance.unit is not None:  # "10 ±0.1 mm"
            row = tolerance.unit
            q = replace(
                q,
                value=_working(q.number, row),
                dimension=row.dimension,
                unit=units.WORKING_UNIT[row.dimension],
                user_unit=row.name,
                inherited=True,
            )
        return [q, self._quantity(replace(tolerance, unit=unit, start=start, form="tolerance"))]

    def _quantity(self, atom: _Atom) -> ScannedQuantity:
        dimension = atom.unit.dimension if atom.unit else "number"
        return ScannedQuantity(
            value=_working(atom.number, atom.unit),
            dimension=dimension,
            unit=units.WORKING_UNIT[dimension],
            user_unit=atom.unit.name if atom.unit else "",
            start=atom.start,
            end=atom.end,
            text=self.text[atom.start : atom.end],
            form=atom.form,
            number=atom.number,
        )


def _no_ratio(figures: re.Match[str]) -> re.Match[str] | None:
    """The figures, or only the first of two that are no fraction: "150/100 mm" are two sizes, "5/4 in" is one."""
    two = re.fullmatch(r"(\d+)/(\d+)", figures.group())
    if two and int(two[1]) >= int(two[2]) > 0 and int(two[2]) not in (2, 3, 4, 8, 16, 32, 64):
        return _WHOLE.match(figures.string, figures.start())
    return figures


def _value(text: str) -> float | None:
    try:
        return numbers.parse_figures(text)
    except ValueError:
        return None


def _working(number: float, unit: units.Unit | None) -> float:
    return number if unit is None else number * unit.factor + unit.offset


def with_unit(q: ScannedQuantity, unit_name: str) -> ScannedQuantity:
    """A bare number read in a unit that it takes from elsewhere."""
    unit = units.UNITS[unit_name]
    return replace(
        q,
        value=_working(q.number, unit),
        dimension=unit.dimension,
        unit=units.WORKING_UNIT[unit.dimension],
        user_unit=unit_name,
        inherited=True,
    )


def _share_units(text: str, found: list[ScannedQuantity]) -> list[ScannedQuantity]:
    """Marks a bare number with the unit of its list: the 5 of "legs 5 and 2 in".

    Only a mark: "safety factor 2 and 5 mm thick" reads alike. Whether the number belongs to a list is the grammar's
    business.
    """
    out = list(found)
    for i in range(len(out) - 2, -1, -1):
        q, nxt = out[i], out[i + 1]
        unit = nxt.shared_unit or nxt.user_unit
        if q.dimension != "number" or q.form != "scalar" or q.count or unit not in units.UNITS:
            continue
        if nxt.form != "scalar" or nxt.group is not None or q.group is not None or not q.text[0].isdigit():
            continue
        if re.fullmatch(r"\s*(?:,|and|or|/|&|,\s*and)\s*", text[q.end : nxt.start], re.IGNORECASE):
            out[i] = replace(q, shared_unit=unit)
    return out


def scan(text: str, masked: Iterable[tuple[int, int]] = ()) -> list[ScannedQuantity]:
    """All quantities of ``text`` in order. ``masked``: pieces to leave alone, as (start, end)."""
    return Scanner(text, masked).scan()
