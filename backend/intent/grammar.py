"""Binds the scanned quantities to a family's parameters, loads and limits by the words around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backend.intent import units, vocabulary
from backend.intent.cues import Cue, cost, find_cues, misleads
from backend.intent.scanner import ScannedQuantity, with_unit

if TYPE_CHECKING:
    from backend.design.spec import FamilySpec, ListSpec, ParameterSpec

_ABOUT = r"(?:(?:about|around|roughly|approximately|approx\.?|circa|ca\.?|nominally|nominal)\s+|[~≈]\s*)?"
_CHAIN = re.compile(
    rf"\s*(?:(?:long|wide|high|deep)\s*)?(?:,\s*and|,|and|x|×|by|/|&|\+)\s*(?:of\s+)?{_ABOUT}", re.IGNORECASE
)


# "no thinner than 5 mm" speaks of what is "5 mm thick"
_COMPARED = {
    "thick>": ("thinner", "thicker"),
    "wide>": ("narrower", "wider"),
    "long>": ("shorter", "longer"),
    "tall>": ("taller",),
    "high>": ("lower", "higher"),
    "deep>": ("shallower", "deeper"),
}


@dataclass(frozen=True)
class Bound:
    """A quantity with what it was bound to. ``cue`` is None for members of lists and products."""

    target: str
    quantity: ScannedQuantity
    cue: Cue | None = None
    bare: bool = False  # a number without unit where a length belongs
    note: str = ""


@dataclass
class Reading:
    """What the grammar made of the quantities."""

    parameters: dict[str, Bound] = field(default_factory=dict)
    loads: list[Bound] = field(default_factory=list)  # target "load:<index in spec.loads>"
    limits: list[Bound] = field(default_factory=list)  # target "limit:<kind>"
    conflicts: list[tuple[str, Bound, Bound]] = field(default_factory=list)
    unread: list[ScannedQuantity] = field(default_factory=list)
    used: list[tuple[int, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def accepts(spec: ParameterSpec, q: ScannedQuantity) -> bool:
    """Whether a quantity can be a value of the parameter at all, its unit being written."""
    if q.form == "tolerance":
        return False
    if spec.dimension == "count":
        return q.dimension == "number" and q.form == "scalar" and q.value == int(q.value) and q.value >= 0
    if spec.dimension == "number":
        return q.dimension in ("number", "ratio") and q.form in ("scalar", "range")
    if spec.form == "thread":
        return q.form == "thread"
    if q.form == "thread":
        return False
    return q.dimension == spec.dimension


class Grammar:
    """One brief against one family."""

    def __init__(self, text: str, quantities: Sequence[ScannedQuantity], spec: FamilySpec) -> None:
        self.text = text
        self.quantities = list(quantities)
        self.spec = spec
        self.reading = Reading()
        self._taken: set[int] = set()

    def read(self) -> Reading:
        """Lists and products first, then single quantities by the cheapest cue."""
        for rule in self.spec.lists:
            if not rule.late:
                self._list(rule)
        self._products()
        self._singles()
        for rule in self.spec.lists:
            if rule.late and not any(name in self.reading.parameters for name in rule.parameters):
                self._list(rule)
        self._bare_threads()
        self._counted()
        self._bare_lengths()
        self.reading.unread = [q for i, q in enumerate(self.quantities) if i not in self._taken]
        return self.reading

    # --- lists: "legs 5 in and 2 in" --------------------------------------------------------------------------

    def _list(self, rule: ListSpec) -> None:
        dimension = self.spec.parameters[rule.parameters[0]].dimension
        for cue in find_cues(self.text, "list", rule.cues, (dimension,)):
            chain = self._chain_after(cue.end, dimension) or self._chain_before(cue.start, dimension)
            if not chain and dimension == "length":
                bare = self._chain_after(cue.end, "number")  # "legs 80 and 60", where the unit is said elsewhere
                chain = bare if len(bare) == len(rule.parameters) > 1 else []
            if not chain or len(chain) > len(rule.parameters):
                continue
            for i in chain:
                shared = units.UNITS.get(self.quantities[i].shared_unit)
                if shared and shared.dimension == dimension and self.quantities[i].dimension == "number":
                    self.quantities[i] = with_unit(self.quantities[i], self.quantities[i].shared_unit)
            values = [self.quantities[i] for i in chain]
            if len(chain) == 1:
                targets = rule.parameters if rule.single == "all" else rule.parameters[:1]
                for name in targets:
                    self._set(Bound(name, values[0], cue, note=rule.note))
            elif len(chain) == len(rule.parameters):
                if rule.order == "descending":
                    values = sorted(values, key=lambda q: -q.value)
                for name, q in zip(rule.parameters, values, strict=True):
                    self._set(Bound(name, q, cue, q.dimension == "number" and dimension == "length", rule.note))
            else:
                continue
            self._taken.update(chain)
            self.reading.used.append((cue.start, cue.end))
            if rule.note:
                self.reading.notes.append(rule.note)
            return

    def _chain_after(self, at: int, dimension: str) -> list[int]:
        first = next((i for i, q in enumerate(self.quantities) if q.start >= at), None)
        if first is None or not self._may_be(first, dimension) or first in self._taken:
            return []
        gap = self.text[at : self.quantities[first].start]
        if not re.fullmatch(rf"[\s:=(]*(?:(?:of|are|is|measuring|both)\s+)*{_ABOUT}", gap, re.IGNORECASE):
            return []
        chain = [first]
        while chain[-1] + 1 < len(self.quantities):
            nxt = self.quantities[chain[-1] + 1]
            between = self.text[self.quantities[chain[-1]].end : nxt.start]
            if not self._may_be(chain[-1] + 1, dimension) or not _CHAIN.fullmatch(between):
                break
            # "legs 5 in and 2 in, 6 in wide": a member that has a word of its own belongs to that word
            if "," in between and self._has_own_word(nxt):
                break
            chain.append(chain[-1] + 1)
        return chain

    def _chain_before(self, at: int, dimension: str) -> list[int]:
        last = next((i for i in range(len(self.quantities) - 1, -1, -1) if self.quantities[i].end <= at), None)
        if last is None or not self._may_be(last, dimension) or last in self._taken:
            return []
        if not re.fullmatch(r"[\s-]*(?:long\s+|equal\s+)?", self.text[self.quantities[last].end : at], re.IGNORECASE):
            return []
        chain = [last]
        while chain[0] > 0:
            before = self.quantities[chain[0] - 1]
            between = self.text[before.end : self.quantities[chain[0]].start]
            if not self._may_be(chain[0] - 1, dimension) or "," in between or not _CHAIN.fullmatch(between):
                break
            chain.insert(0, chain[0] - 1)
        return chain

    def _may_be(self, index: int, dimension: str) -> bool:
        """Whether a quantity is of the dimension, or a bare number whose neighbour in the list is."""
        q = self.quantities[index]
        if q.form in ("thread", "diameter", "radius"):
            return False  # "legs 80 and 60 mm, M5 bolts"
        shared = units.UNITS.get(q.shared_unit)
        return q.dimension == dimension or (shared is not None and shared.dimension == dimension)

    def _has_own_word(self, q: ScannedQuantity) -> bool:
        return bool(
            re.match(
                r"[\s-]*(?:wide|thick|tall|high|deep|long|holes?|fillet|width|thickness)\b",
                self.text[q.end :],
                re.IGNORECASE,
            )
        )

    # --- products: "900 x 300 x 18 mm" ------------------------------------------------------------------------

    def _products(self) -> None:
        groups: dict[int, list[int]] = {}
        for i, q in enumerate(self.quantities):
            if q.group is not None and i not in self._taken:
                groups.setdefault(q.group, []).append(i)
        plain_used = False
        for members in groups.values():
            values = [self.quantities[i] for i in members]
            best: tuple[float, int] | None = None
            for index, rule in enumerate(self.spec.products):
                if len(rule.parameters) != len(members):
                    continue
                if not all(self._fits(rule.dimension, q) for q in values):
                    continue
                if not rule.cues:
                    score = 3.0 if not plain_used else None
                else:
                    score = self._product_cost(rule.cues, rule.dimension, values)
                if score is not None and (best is None or score < best[0]):
                    best = (score, index)
            if best is None:
                continue
            rule = self.spec.products[best[1]]
            plain_used = plain_used or not rule.cues
            ordered = sorted(values, key=lambda q: -q.value) if rule.order == "descending" else values
            for name, q in zip(rule.parameters, ordered, strict=True):
                self._set(
                    Bound(name, q, None, bare=q.dimension == "number" and rule.dimension != "count", note=rule.note)
                )
            self._taken.update(members)
            if rule.note:
                self.reading.notes.append(rule.note)

    @staticmethod
    def _fits(dimension: str, q: ScannedQuantity) -> bool:
        if dimension == "count":
            return q.dimension == "number" and q.value == int(q.value)
        return q.dimension in (dimension, "number")

    def _product_cost(self, cues: Sequence[str], dimension: str, values: list[ScannedQuantity]) -> float | None:
        first, last = values[0], values[-1]
        scores = []
        for cue in find_cues(self.text, "product", cues, (dimension,)):
            for edge in (first, last):
                found = cost(self.text, cue, edge, self.quantities)
                if found is not None and found <= 2.6:
                    scores.append(found)
        return min(scores) if scores else None

    # --- single quantities ------------------------------------------------------------------------------------

    def _cues(self) -> list[Cue]:
        cues: list[Cue] = []
        for name, parameter in self.spec.parameters.items():
            cues += find_cues(self.text, name, parameter.cues, (parameter.dimension,))
            compared = [f"<{word} than" for cue in parameter.cues for word in _COMPARED.get(cue, ())]
            cues += find_cues(self.text, name, compared, (parameter.dimension,))
        for index, load in enumerate(self.spec.loads):
            cues += find_cues(self.text, f"load:{index}", load.cues, load.dimensions)
        for kind, (dimensions, words) in vocabulary.LIMITS.items():
            cues += find_cues(self.text, f"limit:{kind}", words, dimensions, base=0.15)
        return cues

    def _candidate(self, target: str, q: ScannedQuantity, dimensions: tuple[str, ...]) -> bool:
        if q.form == "tolerance":
            return False
        if target.startswith(("load:", "limit:")):
            return q.dimension in dimensions and q.form in ("scalar", "range")
        return accepts(self.spec.parameters[target], q)

    def _singles(self) -> None:
        options: list[tuple[float, int, Cue]] = []
        for cue in self._cues():
            for i, q in enumerate(self.quantities):
                if i in self._taken or not self._candidate(cue.target, q, cue.dimensions):
                    continue
                price = cost(self.text, cue, q, self.quantities)
                if price is not None and not misleads(self.text, cue, q, self.spec.id):
                    options.append((price, i, cue))
        options.sort(key=lambda o: (o[0], o[1], -o[2].words))
        used_cues: set[tuple[str, int]] = set()
        for price, i, cue in options:
            if i in self._taken:
                continue
            key = (cue.target, cue.start)
            if key in used_cues and not (cue.target.startswith("load:") and price <= 1.0):
                continue
            if cue.target in self.reading.parameters and price > 2.0:
                continue
            bound = Bound(cue.target, self.quantities[i], cue)
            if cue.target.startswith("load:"):
                self.reading.loads.append(bound)
            elif cue.target.startswith("limit:"):
                self.reading.limits.append(bound)
            else:
                self._set(bound)
            used_cues.add(key)
            self._taken.add(i)
            self.reading.used.append((cue.start, cue.end))
        self._unmistakable()

    def _counted(self) -> None:
        """The number before a thread or a diameter: "4x M6", "8x Ø6.6" are four bolts and eight holes."""
        count = next((n for n, s in self.spec.parameters.items() if s.dimension == "count" and "holes" in s.cues), None)
        for i, q in enumerate(self.quantities[:-1]):
            after = self.quantities[i + 1]
            if not q.count or after.form not in ("thread", "diameter", "scalar"):
                continue
            target = "bolt_size" if after.form == "thread" else "hole_diameter"
            if after.form == "diameter" and i + 1 not in self._taken and target in self.spec.parameters:
                self._set(Bound(target, after))
                self._taken.add(i + 1)
            bound = self.reading.parameters.get(target)
            if i in self._taken or count is None or bound is None or bound.quantity is not after:
                continue
            if not {count, "holes_each", "wall_hole_count", "shelf_hole_count"} & set(self.reading.parameters):
                self._set(Bound(count, q))
                self._taken.add(i)

    def _unmistakable(self) -> None:
        """Loads that need no word: nothing else in a brief is a power, a pressure or a force; of a mass it is said."""
        for index, load in enumerate(self.spec.loads):
            if not load.unmistakable or any(b.target == f"load:{index}" for b in self.reading.loads):
                continue
            for dimension in load.dimensions:
                found = [
                    i
                    for i, q in enumerate(self.quantities)
                    if i not in self._taken and q.dimension == dimension and q.form in ("scalar", "range")
                ]
                if not found:
                    continue
                q = self.quantities[found[0]]
                if dimension == "mass":
                    self.reading.notes.append(f"{q.text} is taken as the weight that the part carries")
                self.reading.loads.append(Bound(f"load:{index}", q))
                self._taken.add(found[0])
                break

    def _bare_threads(self) -> None:
        """A thread that stands alone ("…, M6") where the family has one place for a thread only."""
        places = [name for name, spec in self.spec.parameters.items() if spec.form == "thread"]
        if len(places) != 1 or places[0] in self.reading.parameters:
            return
        for i, q in enumerate(self.quantities):
            if i not in self._taken and q.form == "thread":
                self._set(Bound(places[0], q))
                self._taken.add(i)
                return

    def _bare_lengths(self) -> None:
        """Numbers without a unit right beside the word for a length: "width 150"."""
        for cue in self._cues():
            spec = self.spec.parameters.get(cue.target)
            if (
                spec is None
                or spec.dimension != "length"
                or spec.form == "thread"
                or cue.target in self.reading.parameters
            ):
                continue
            for i, q in enumerate(self.quantities):
                if i in self._taken or q.dimension != "number" or q.form != "scalar" or q.count:
                    continue
                price = cost(self.text, cue, q, self.quantities)
                gauge = self.text[cue.start : cue.end].lower() == "gauge"  # "10 gauge" is no length
                if price is not None and price <= 0.6 and not gauge:
                    self._set(Bound(cue.target, q, cue, bare=True))
                    self._taken.add(i)
                    self.reading.used.append((cue.start, cue.end))
                    break

    def _set(self, bound: Bound) -> None:
        earlier = self.reading.parameters.get(bound.target)
        if earlier is None:
            self.reading.parameters[bound.target] = bound
            return
        a, b = earlier.quantity.value, bound.quantity.value
        if abs(a - b) > 0.005 * max(abs(a), abs(b)):
            self.reading.conflicts.append((bound.target, earlier, bound))
