"""Operations on shapes, with their history, through the cache. Needs OCP.

An operation is a function of shapes and plain arguments. Its input travels as bytes (the key is made of them), the
function gets a copy that was read from these bytes, and what it makes goes to bytes and is read back before anybody
sees it. So nothing that an operation does to its input (OCCT widens tolerances in place) reaches the caller, and the
result has the same bits whether it was computed now, in this process before, or in another one.

The history is kept as numbers: the place of each face and edge of the input, and the places of what became of it.
"""

from __future__ import annotations

import json
import struct
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backend.engine.cache import memo
from backend.engine.cache.shape_bytes import KINDS, Places, from_bytes, has_bare_triangles, note_surfaced, to_bytes
from backend.engine.clock import kernel_work
from backend.engine.errors import EngineError
from backend.engine.kernel import shapes

Images = Callable[[Any], list[Any]]
_HISTORY_KINDS = (0, 1)  # faces and edges
_UNTOUCHED = 1 << 30


@dataclass
class Made:
    """What an operation made: its shape, what became of the input's faces and edges, what it made of which part.

    ``generated`` is asked for the picked parts of the input.
    ``parts`` are named lists of sub-shapes of the result (caps); ``sound`` says that the result passed BRepCheck.
    """

    shape: Any
    images: Images | None = None
    generated: Callable[[Any], Iterable[Any]] | None = None
    parts: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    sound: bool = False


class History:
    """A history by numbers: calling it with a part of the input gives its images in the result.

    A part that was no part of the input has itself for an image, as OCCT's builders have it.
    """

    def __init__(self, before: Places, after: Places, table: _Table, foreign: bool) -> None:
        self._before, self._after, self._table, self._foreign = before, after, table, foreign

    def __call__(self, part: Any) -> list[Any]:
        row = self._row(part)
        if row is None:
            return [part] if self._foreign else []
        return [self._after.part(reference) for reference in row[1]]

    def leads_to(self, shape: Any) -> bool:
        """Whether the result is this shape (whose sub-shapes then have the places that :meth:`places` gives)."""
        return bool(self._after.shape.IsSame(shape))

    def named(self, named: Mapping[str, Sequence[Any]]) -> Iterator[tuple[str, Iterable[int]]]:
        """For each name its parts' images: places (from 1) among the result's distinct sub-shapes of the part's kind.

        Faces or edges, all of one kind. This is what most of a boolean's bookkeeping is, hence the plain loop.
        """
        kind = next((self._before.kind(part) for parts in named.values() for part in parts), None)
        first = None if kind is None else self._table.kinds.get(kind)
        if kind is None or first is None:
            yield from ((name, ()) for name in named)
            return
        place_of, rows, values = self._before.map(kind).FindIndex, self._table.rows, self._table.values
        for name, parts in named.items():
            found: dict[int, None] = {}
            for part in parts:
                place = place_of(part)
                if place:
                    number = first + place - 1
                    for reference in values[rows[number] & ~_UNTOUCHED : rows[number + 1] & ~_UNTOUCHED]:
                        if reference & 3 == kind:
                            found[reference >> 4] = None
            yield name, found

    def untouched(self, part: Any) -> bool:
        """Whether the operation left the part as it was."""
        row = self._row(part)
        return self._foreign if row is None else row[0]

    def _row(self, part: Any) -> tuple[bool, Sequence[int]] | None:
        reference = self._before.reference(part)
        return None if reference is None else self._table.row(reference & 3, reference >> 4)


class _Table:
    """For each sub-shape of some kinds a row of references; rows follow one another in ``values``."""

    def __init__(self, kinds: Mapping[int, int]) -> None:
        self.kinds = dict(kinds)  # kind -> number of its first row
        self.rows = array("i", [0])
        self.values = array("i")

    def add(self, references: Iterable[int], untouched: bool) -> None:
        self.values.extend(references)
        self.rows.append(len(self.values) | (_UNTOUCHED if untouched else 0))

    def row(self, kind: int, place: int) -> tuple[bool, Sequence[int]] | None:
        first = self.kinds.get(kind)
        if first is None:
            return None
        number = first + place - 1
        end = self.rows[number + 1]
        return bool(end & _UNTOUCHED), self.values[self.rows[number] & ~_UNTOUCHED : end & ~_UNTOUCHED]


@dataclass
class Replayed:
    """The result of an operation as the caller gets it: see :class:`Made`."""

    shape: Any
    images: Images
    generated: Images
    parts: dict[str, list[Any]]


def operation(
    name: str,
    arguments: Mapping[str, Any],
    inputs: Sequence[Any],
    compute: Callable[[list[Any], list[Any]], Made],
    picks: Sequence[Any] = (),
) -> Replayed:
    """Carries out ``compute(inputs, picks)``, or recalls what it made.

    ``arguments`` are JSON data that together with the inputs, the ``picks`` (sub-shapes of the inputs) and the engine's
    version decide the result. ``compute`` must keep to them: it sees copies of inputs and picks, in the same order.
    """
    cache = memo.active()
    started = time.perf_counter()
    whole = shapes.compound(inputs)
    before = Places(whole)
    chosen = [reference for part in picks if (reference := before.reference(part)) is not None]
    if len(chosen) < len(picks) or has_bare_triangles(whole):
        return _plain(kernel_work(compute)(list(inputs), list(picks)))
    data = to_bytes(whole)
    key = memo.key_of(name, arguments, (array("q", [len(inputs), *chosen]).tobytes(), data))
    packed = cache.get(key)
    spent = 0.0
    if packed is None:
        copy = from_bytes(data)
        there = Places(copy)
        if there.extents() != before.extents():
            return _plain(
                kernel_work(compute)(list(inputs), list(picks))
            )  # a shape that doesn't survive the way through bytes
        parts = [there.part(reference) for reference in chosen]
        computing = time.perf_counter()
        made = kernel_work(compute)(shapes.children(copy), parts)
        spent = time.perf_counter() - computing
        packed = _pack(made, there, parts, spent)
        cache.account.misses += 1
        cache.account.computed_s += spent
        result = _unpack(packed, before)
        if result is None:
            return _plain(kernel_work(compute)(list(inputs), list(picks)))
        cache.put(key, packed)
    else:
        result = _unpack(packed, before)
        if result is None:
            raise EngineError(f"the cached result of {name} can't be read", code="internal_engine")
        cache.account.saved_s += _seconds(packed)
    note_surfaced(result.shape)
    cache.account.overhead_s += time.perf_counter() - started - spent
    return result


def _plain(made: Made) -> Replayed:
    if made.sound:
        shapes.note_sound(made.shape)
    identity: Images = lambda part: [part]  # noqa: E731
    generated = made.generated
    return Replayed(
        made.shape,
        made.images or identity,
        (lambda part: shapes.listed(generated(part))) if generated is not None else (lambda part: []),
        {name: list(found) for name, found in made.parts.items()},
    )


def _pack(made: Made, before: Places, picks: list[Any], seconds: float) -> bytes:
    after = Places(made.shape)
    head: dict[str, Any] = {"seconds": round(seconds, 6), "sound": made.sound, "extents": after.extents()}
    arrays: list[array[int]] = []

    def keep(table: _Table) -> dict[str, Any]:
        arrays.extend((table.rows, table.values))
        return {"kinds": list(table.kinds.items()), "rows": len(table.rows), "values": len(table.values)}

    if made.images is not None:
        head["images"] = keep(_images(made.images, before, after))
    if made.generated is not None:
        head["generated"] = keep(_generated(made.generated, before, after, picks))
    named = {name: [after.reference(part) for part in found] for name, found in made.parts.items()}
    head["parts"] = {name: [item for item in found if item is not None] for name, found in named.items()}
    told = json.dumps(head, separators=(",", ":")).encode()
    blobs = b"".join(item.tobytes() for item in arrays)
    return struct.pack("<II", len(told), len(blobs)) + told + blobs + to_bytes(made.shape)


def _images(images: Images, before: Places, after: Places) -> _Table:
    table = _Table(_first_rows(before, _HISTORY_KINDS))
    reference = after.reference
    for kind in _HISTORY_KINDS:
        found = before.map(kind)
        for place in range(1, found.Extent() + 1):
            part = found.FindKey(place)
            became = images(part)
            kept = [number for item in became if (number := reference(item)) is not None]
            table.add(kept, len(became) == 1 and (became[0] is part or became[0].IsSame(part)))
    return table


def _generated(
    generated: Callable[[Any], Iterable[Any]], before: Places, after: Places, picks: Sequence[Any]
) -> _Table:
    picked = {(reference & 3, reference >> 4): part for part in picks if (reference := before.reference(part))}
    kinds = sorted({kind for kind, _ in picked})
    table = _Table(_first_rows(before, kinds))
    for kind in kinds:
        found = before.map(kind)
        for place in range(1, found.Extent() + 1):
            part = picked.get((kind, place))
            if part is None:
                table.add((), False)
                continue
            try:
                new = shapes.listed(generated(part))
            except Exception:  # OCCT raises on a part that the sweep made nothing of
                new = []
            table.add((reference for item in new if (reference := after.reference(item)) is not None), False)
    return table


def _first_rows(places: Places, kinds: Iterable[int]) -> dict[int, int]:
    first, rows = 0, {}
    for kind in kinds:
        rows[kind] = first
        first += places.map(kind).Extent()
    return rows


def _seconds(packed: bytes) -> float:
    size, _ = struct.unpack_from("<II", packed)
    return float(json.loads(packed[8 : 8 + size])["seconds"])


def _unpack(packed: bytes, before: Places) -> Replayed | None:
    """The result in an entry; None where its shape doesn't come back from bytes with the same parts."""
    told, blobs = struct.unpack_from("<II", packed)
    head = json.loads(packed[8 : 8 + told])
    shape = from_bytes(packed[8 + told + blobs :])
    after = Places(shape)
    if after.extents() != tuple(head["extents"]):
        return None
    at = 8 + told

    def table(described: dict[str, Any]) -> _Table:
        nonlocal at
        result = _Table(dict(described["kinds"]))
        sizes = described["rows"] * 4, described["values"] * 4
        result.rows, result.values = array("i"), array("i")
        result.rows.frombytes(packed[at : at + sizes[0]])
        result.values.frombytes(packed[at + sizes[0] : at + sum(sizes)])
        at += sum(sizes)
        return result

    images = History(before, after, table(head["images"]), True) if "images" in head else None
    generated = History(before, after, table(head["generated"]), False) if "generated" in head else None
    if head["sound"]:
        shapes.note_sound(shape)
    return Replayed(
        shape,
        images or (lambda part: [part]),
        generated or (lambda part: []),
        {name: [after.part(reference) for reference in found] for name, found in head["parts"].items()},
    )


__all__ = ["KINDS", "History", "Images", "Made", "Replayed", "operation"]
