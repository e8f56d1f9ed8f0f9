"""Which faces are meant: by name, by index, or by what they are and where they lie.

A selector is a name (``wall``), a tag of the program (``$outer``), a list of selectors (all of their faces), or a
mapping whose criteria must all hold::

    {normal: +Z, at: max}            the highest flat faces that look up; at is the coordinate along the axis
    {plane: Z, at: 10 mm}            flat faces in the plane z = 10 mm, whichever way they look
    {cylinder: {radius: 3.3 mm}}     cylinders of that radius; axis: Z and at: [x, y, z], a point on the axis, narrow it
    {name: bore, near: [0 mm, 0 mm, 5 mm]}   of the faces of that name the one closest to the point
    {tag: outer}                     faces of a tag: those that a tagged segment sweeps, or a tagged cap
    {area: {at_least: 50 mm2}, surface: plane, not: wall}

Every selector says how many faces it found; none is an error that lists what there is.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from backend.studies.errors import FaceSelectionError
from backend.studies.quantities import Area, Length, PositiveLength, parse_quantity

_ANGLE_COS = float(np.cos(np.radians(1.0)))  # directions within a degree are alike
_SHOWN = 12  # candidates that an error lists
_AXES = {"X": 0, "Y": 1, "Z": 2}

Face = Mapping[str, Any]
Place = tuple[Length, Length, Length]


def _direction(value: Any) -> tuple[float, float, float]:
    """A unit vector from ``+X`` … ``-Z`` or three numbers."""
    if isinstance(value, str):
        text = value.strip().upper()
        axis = _AXES.get(text.removeprefix("+").removeprefix("-"))
        if axis is not None:
            found = [0.0, 0.0, 0.0]
            found[axis] = -1.0 if text.startswith("-") else 1.0
            return (found[0], found[1], found[2])
    elif isinstance(value, Sequence) and len(value) == 3 and all(isinstance(v, int | float) for v in value):
        size = float(np.linalg.norm(np.array(value, dtype=float)))
        if size > 0:
            return (value[0] / size, value[1] / size, value[2] / size)
    text = f"is {value!r}; expected a direction: +X, -X, +Y, -Y, +Z, -Z or three numbers [x, y, z]"
    raise PydanticCustomError("direction", "{problem}", {"problem": text})


Direction = Annotated[tuple[float, float, float], BeforeValidator(_direction)]


def _end(value: Any) -> float | str:
    if value in ("max", "min"):
        return str(value)
    try:
        return parse_quantity(value, "mm")
    except ValueError as error:
        raise PydanticCustomError("quantity", "{problem}", {"problem": f"{error}, or max, or min"}) from None


End = Annotated[float | str, BeforeValidator(_end)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Range(_Strict):
    """Bounds of an area; either may be missing."""

    at_least: Area | None = None
    at_most: Area | None = None


class Cylinder(_Strict):
    """A cylindrical face: its radius or diameter, the direction of its axis, a point that the axis meets."""

    radius: PositiveLength | None = None
    diameter: PositiveLength | None = None
    axis: Direction | None = None
    at: Place | None = None
    inside: bool | None = None  # True: a hole, False: a shaft


class Criteria(_Strict):
    """All that is given must hold. ``plane`` is a direction along which ``at`` is measured, both ways of looking."""

    name: str | None = None
    tag: str | None = Field(None, pattern=r"^\$?[A-Za-z_]\w*$")
    index: int | list[int] | None = None
    surface: Literal["plane", "cylinder", "cone", "sphere", "torus", "bspline", "other"] | None = None
    normal: Direction | None = None
    plane: Direction | None = None
    at: End | None = None
    cylinder: Cylinder | None = None
    area: Area | Range | None = None
    near: Place | None = None
    box: tuple[Place, Place] | None = None
    body: int | None = None
    every: bool | None = Field(None, alias="all")
    without: Selector | None = Field(None, alias="not")

    @model_validator(mode="after")
    def _something(self) -> Criteria:
        if not self.model_fields_set:
            text = "is empty; expected a name, tag, index, normal, plane, cylinder, area, near, box, body or all: true"
            raise PydanticCustomError("selector", "{problem}", {"problem": text})
        if self.at is not None and self.normal is None and self.plane is None:
            text = "has 'at' without 'normal' or 'plane', along which it is measured"
            raise PydanticCustomError("selector", "{problem}", {"problem": text})
        return self


def _given(value: Any) -> Any:
    if isinstance(value, str):
        return {"tag": value} if value.startswith("$") else Criteria(name=value)
    if isinstance(value, bool) or value is None or isinstance(value, float):
        text = f"is {value!r}; expected a face name, a mapping of criteria, or a list of these"
        raise PydanticCustomError("selector", "{problem}", {"problem": text})
    if isinstance(value, int):
        return Criteria(index=value)
    if isinstance(value, list):
        if not value:
            raise PydanticCustomError("selector", "{problem}", {"problem": "is an empty list; name at least one face"})
        return tuple(
            Criteria.model_validate(_given(item)) if not isinstance(item, Criteria) else item for item in value
        )
    return Criteria.model_validate(value)


Selector = Annotated[Criteria | tuple[Criteria, ...], BeforeValidator(_given)]
Criteria.model_rebuild()


def tags_in(value: Any) -> set[str]:
    """The KCL tags, without their ``$``, that selectors anywhere in a study name."""
    if isinstance(value, Criteria):
        own = set() if value.tag is None else {value.tag.removeprefix("$")}
        return own | tags_in(value.without)
    if isinstance(value, BaseModel):
        return set().union(*(tags_in(getattr(value, name)) for name in type(value).model_fields))
    if isinstance(value, Mapping):
        return set().union(*(tags_in(item) for item in value.values()))
    if isinstance(value, list | tuple):
        return set().union(*(tags_in(item) for item in value))
    return set()


class Faces:
    """The faces of a model and their names, and how selectors find them."""

    def __init__(self, rows: Sequence[Face], names: Mapping[str, Sequence[int]], solids: Sequence[int] | None) -> None:
        self.rows = list(rows)
        self.names = {name: list(found) for name, found in names.items()}
        chosen = None if solids is None else set(solids)
        self.pool = [row for row in self.rows if chosen is None or chosen & set(row["solids"])]
        self.found: list[dict[str, Any]] = []
        low = np.array([row["low"] for row in self.rows]).min(axis=0) if self.rows else np.zeros(3)
        high = np.array([row["high"] for row in self.rows]).max(axis=0) if self.rows else np.zeros(3)
        self.tolerance_mm = 1e-5 * float(np.linalg.norm(high - low)) + 1e-6

    def select(self, selector: Selector, where: str) -> list[int]:
        """Indices of the faces that a selector means, ascending; what was found is kept in ``found``.

        Raises FaceSelectionError where it finds none.
        """
        parts = selector if isinstance(selector, tuple) else (selector,)
        indices: set[int] = set()
        for number, part in enumerate(parts):
            place = where if len(parts) == 1 else f"{where}[{number}]"
            indices |= set(self._one(part, place))
        result = sorted(indices)
        area = sum(float(self.rows[i]["area_mm2"]) for i in result)
        self.found.append({"where": where, "faces": result, "count": len(result), "area_mm2": area})
        return result

    def _one(self, part: Criteria, where: str) -> list[int]:
        rows = self.pool
        if part.name is not None:
            if part.name not in self.names:
                raise self._unknown_name(part.name, where)
            wanted = set(self.names[part.name])
            rows = [row for row in rows if row["index"] in wanted]
        if part.tag is not None:
            tagged = "$" + part.tag.removeprefix("$")
            if tagged not in self.names:
                raise self._none(f"{where}: the tag {tagged} has no face in the finished model", where)
            rows = [row for row in rows if row["index"] in self.names[tagged]]
        if part.index is not None:
            wanted = {part.index} if isinstance(part.index, int) else set(part.index)
            missing = sorted(wanted - {row["index"] for row in self.pool})
            if missing:
                raise self._none(f"{where} names face(s) {missing}", where)
            rows = [row for row in rows if row["index"] in wanted]
        rows = [row for row in rows if _matches(row, part)]
        if part.cylinder is not None:
            rows = [row for row in rows if self._cylinder(row, part.cylinder)]
        if part.without is not None:
            out = set(Faces(self.rows, self.names, None).select(part.without, f"{where}.not"))
            rows = [row for row in rows if row["index"] not in out]
        if part.at is not None:
            rows = self._at(rows, part)
        if part.box is not None:
            low, high = (np.array(corner) for corner in part.box)
            slack = self.tolerance_mm
            rows = [
                row
                for row in rows
                if (np.array(row["low"]) >= low - slack).all() and (np.array(row["high"]) <= high + slack).all()
            ]
        if part.near is not None and rows:
            distance = [_distance(row, part.near) for row in rows]
            least = min(distance)
            # Boxes overlap: of the faces whose box holds the point the one with the closest middle is meant.
            close = [row for row, d in zip(rows, distance, strict=True) if d <= least + self.tolerance_mm]
            rows = [min(close, key=lambda row: float(np.linalg.norm(np.array(row["centroid_mm"]) - part.near)))]
        if not rows:
            raise self._none(f"{where} finds no face: {_words(part)}", where)
        return [int(row["index"]) for row in rows]

    def _at(self, rows: list[Face], part: Criteria) -> list[Face]:
        direction = np.array(part.normal or part.plane)
        if float(np.abs(direction).max()) > 1 - 1e-12:
            direction = np.abs(direction)  # along an axis 'at' is the coordinate, whichever way the face looks
        height = [float(np.array(row["centroid_mm"]) @ direction) for row in rows]
        if not height:
            return []
        if isinstance(part.at, str):
            end = max(height) if part.at == "max" else min(height)
        else:
            assert part.at is not None
            end = float(part.at)
        slack = max(self.tolerance_mm, 1e-3 if not isinstance(part.at, str) else 0.0)
        return [row for row, value in zip(rows, height, strict=True) if abs(value - end) <= slack]

    def _cylinder(self, row: Face, wanted: Cylinder) -> bool:
        if row["surface"] != "cylinder":
            return False
        radius = float(row["radius_mm"])
        for given in (wanted.radius, None if wanted.diameter is None else wanted.diameter / 2):
            if given is not None and abs(radius - given) > max(1e-3, 1e-4 * given):
                return False
        axis = np.array(row["axis"])
        if wanted.axis is not None and abs(float(axis @ np.array(wanted.axis))) < _ANGLE_COS:
            return False
        if wanted.at is not None:
            # The axis passes the middle of the box of a full turn; of a part of one, within its radius.
            arm = np.array(wanted.at) - (np.array(row["low"]) + np.array(row["high"])) / 2
            if float(np.linalg.norm(arm - (arm @ axis) * axis)) > max(0.05 * radius, self.tolerance_mm):
                return False
        return wanted.inside is None or wanted.inside == bool(row.get("hole"))

    def _unknown_name(self, name: str, where: str) -> FaceSelectionError:
        close = difflib.get_close_matches(name, self.names, n=1)
        hint = f". Did you mean {close[0]!r}?" if close else ""
        return self._none(f"{where}: the model has no face named {name!r}{hint}", where)

    def _none(self, message: str, where: str) -> FaceSelectionError:
        named = "; ".join(f"{name} ({len(found)})" for name, found in self.names.items()) or "none"
        shown = [_describe(row) for row in sorted(self.pool, key=lambda row: -row["area_mm2"])[:_SHOWN]]
        more = f" and {len(self.pool) - _SHOWN} more" if len(self.pool) > _SHOWN else ""
        return FaceSelectionError(
            message if message.endswith("?") else message + ".",
            next_action=f"Named faces: {named}. Faces, largest first: {'; '.join(shown)}{more}.",
            where=where,
            named=sorted(self.names),
            candidates=[row["index"] for row in self.pool],
        )


def _matches(row: Face, part: Criteria) -> bool:
    if part.surface is not None and row["surface"] != part.surface:
        return False
    if part.body is not None and part.body not in row["solids"]:
        return False
    normal = row["normal"]
    if part.normal is not None and (normal is None or float(np.array(normal) @ np.array(part.normal)) < _ANGLE_COS):
        return False
    if part.plane is not None and (normal is None or abs(float(np.array(normal) @ np.array(part.plane))) < _ANGLE_COS):
        return False
    area = float(row["area_mm2"])
    if isinstance(part.area, float):
        return abs(area - part.area) <= 0.005 * part.area
    if part.area is not None:
        low, high = part.area.at_least, part.area.at_most
        return (low is None or area >= low * (1 - 1e-9)) and (high is None or area <= high * (1 + 1e-9))
    return True


def _distance(row: Face, point: Sequence[float]) -> float:
    """Distance of a point to the face's box, mm."""
    at = np.array(point, dtype=float)
    beyond = np.maximum(np.maximum(np.array(row["low"]) - at, at - np.array(row["high"])), 0.0)
    return float(np.linalg.norm(beyond))


def _words(part: Criteria) -> str:
    given = part.model_dump(exclude_none=True, by_alias=True)
    return ", ".join(f"{key}: {value}" for key, value in given.items())


def _describe(row: Face) -> str:
    middle = ", ".join(f"{round(value, 4) + 0.0:.4g}" for value in row["centroid_mm"])
    what = str(row["surface"])
    if row["normal"] is not None:
        what += " facing " + _facing(row["normal"])
    elif row["radius_mm"] is not None:
        what += f" of radius {row['radius_mm']:.4g} mm"
    return f"{row['index']}: {what}, {row['area_mm2']:.4g} mm² at ({middle})"


def _facing(normal: Sequence[float]) -> str:
    for name, axis in _AXES.items():
        if abs(normal[axis]) > _ANGLE_COS:
            return ("+" if normal[axis] > 0 else "-") + name
    return "(" + ", ".join(f"{value:.2f}" for value in normal) + ")"
