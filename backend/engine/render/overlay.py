"""What is written over the picture: legend, marks, axes cross, title. Drawn three times as large, then made smaller."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.engine.render.camera import Camera
from backend.engine.render.colormap import colormap_table

_FINE = 3
_INK = (34, 38, 45, 255)
_SOFT_INK = (96, 103, 114, 255)
# Pillow's built-in font (Aileron) has no more than Latin-1 in part: write what it lacks with what it has
_SUBSTITUTES = {
    "−": "-",
    "–": "-",
    "—": "-",
    "×": "x",
    "µ": "u",
    "μ": "u",
    "≤": "<=",
    "≥": ">=",
    "Ø": "D",
    "σ": "s",
    "ß": "ss",
}


@dataclass(frozen=True)
class Legend:
    """A colour bar: title, unit, ends of the scale, scale's name, number of flat steps, extremes of the field."""

    title: str
    unit: str
    limits: tuple[float, float]
    colormap: str
    bands: int | None = None
    extremes: tuple[float, float] | None = None


@dataclass(frozen=True)
class Mark:
    """A labelled place of the picture, in pixels; hollow where it is hidden behind the part."""

    pixel: tuple[float, float]
    label: str
    visible: bool = True
    color: Sequence[float] | None = None


def number(value: float, digits: int = 4) -> str:
    """A number for a person: four significant digits, no exponent between 1e-3 and 1e6."""
    value = float(value)
    if value == 0.0 or not math.isfinite(value):
        return "0" if value == 0.0 else str(value)
    size = abs(value)
    if size >= 1e6 or size < 1e-3:
        mantissa, exponent = f"{value:.{digits - 2}e}".split("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    decimals = max(0, digits - 1 - math.floor(math.log10(size)))
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain_text(text: str) -> str:
    """The text in characters that the built-in font can draw."""
    for given, drawn in _SUBSTITUTES.items():
        text = text.replace(given, drawn)
    plain = []
    for character in text:
        if ord(character) < 127 or character in "°±·":
            plain.append(character)
        else:
            bare = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
            plain.append(bare or "?")
    return "".join(plain)


def nice_ticks(low: float, high: float, count: int = 6) -> list[float]:
    """Round values (1, 2, 2.5 or 5 times a power of ten apart) strictly inside low..high."""
    span = high - low
    if not span > 0 or not math.isfinite(span):
        return []
    rough = span / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((factor * power for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * power >= rough * 0.999), rough)
    first = math.floor(low / step) + 1
    ticks = []
    while first * step < high - 1e-9 * span:
        if first * step > low + 1e-9 * span:
            ticks.append(round(first * step, 12))
        first += 1
    return ticks


def margins(legend: bool, title: bool, caption: bool, width: int, height: int) -> tuple[float, float, float, float]:
    """Parts of the picture to keep free at left, top, right and bottom."""
    unit = _unit(width, height)
    return (
        0.05,
        0.05 + (34 * unit / height if title else 0.0),
        0.05 + (118 * unit / width if legend else 0.0),
        0.05 + (26 * unit / height if caption else 0.0),
    )


def _unit(width: int, height: int) -> float:
    """One design pixel: texts and bars grow with the picture."""
    return max(0.55, min(width / 800, height / 600))


def draw(
    picture: Any,
    camera: Camera,
    *,
    marks: Sequence[Mark] = (),
    legend: Legend | None = None,
    triad: bool = True,
    title: str = "",
    caption: str = "",
) -> Any:
    """The picture (``PIL.Image``) with everything written over it, as a new image of the same size and mode."""
    if not (marks or legend or triad or title or caption):
        return picture
    from PIL import Image, ImageDraw

    width, height = picture.size
    layer = Image.new("RGBA", (width * _FINE, height * _FINE), (255, 255, 255, 0))
    pen = ImageDraw.Draw(layer)
    unit = _unit(width, height) * _FINE
    if triad:
        _draw_triad(pen, camera, unit, layer.size)
    if legend is not None:
        _draw_legend(layer, pen, legend, unit)
    if title:
        pen.text((18 * unit, 14 * unit), plain_text(title), font=_font(17 * unit), fill=_INK)
    if caption:
        pen.text(
            (layer.width / 2, layer.height - 12 * unit),
            plain_text(caption),
            font=_font(12 * unit),
            fill=_SOFT_INK,
            anchor="ms",
        )
    _draw_marks(pen, marks, unit, layer.size)
    # colours weighted by opacity (RGBa), so that no light fringe appears around the ink
    small = layer.convert("RGBa").reduce(_FINE).convert("RGBA")
    result = picture.convert("RGBA")
    result.alpha_composite(small)
    return result if picture.mode == "RGBA" else result.convert("RGB")


def _font(size: float) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _draw_triad(pen: Any, camera: Camera, unit: float, size: tuple[int, int]) -> None:
    origin = np.array([46 * unit, size[1] - 46 * unit])
    axes = [("X", (214, 62, 53), 0), ("Y", (58, 150, 62), 1), ("Z", (44, 104, 208), 2)]
    # the axis that points away from the viewer is drawn first
    for name, color, axis in sorted(axes, key=lambda item: -float(camera.forward[item[2]])):
        direction = np.array([camera.right[axis], -camera.up[axis]])
        length = float(np.hypot(*direction))
        if length < 0.08:
            radius = 3.5 * unit
            pen.ellipse([*(origin - radius), *(origin + radius)], fill=(*color, 255))
            pen.text(
                tuple(origin + np.array([10, 10]) * unit), name, font=_font(12 * unit), fill=(*color, 255), anchor="mm"
            )
            continue
        tip = origin + direction * 28 * unit
        along = direction / length
        across = np.array([-along[1], along[0]])
        pen.line([*origin, *(tip - along * 3 * unit)], fill=(*color, 255), width=round(2.2 * unit))
        head = [tip, tip - along * 7 * unit + across * 3.2 * unit, tip - along * 7 * unit - across * 3.2 * unit]
        pen.polygon([tuple(point) for point in head], fill=(*color, 255))
        pen.text(tuple(tip + along * 9 * unit), name, font=_font(12 * unit), fill=(*color, 255), anchor="mm")
    radius = 2.0 * unit
    pen.ellipse([*(origin - radius), *(origin + radius)], fill=_SOFT_INK)


def _draw_legend(layer: Any, pen: Any, legend: Legend, unit: float) -> None:
    from PIL import Image

    low, high = legend.limits
    bar_width, top, bottom = 20 * unit, 92 * unit, layer.height - 92 * unit
    right = layer.width - 84 * unit
    left = right - bar_width
    rows = max(int(bottom - top), 2)
    share = np.linspace(1.0, 0.0, rows)
    if legend.bands:
        share = (np.minimum(np.floor(share * legend.bands), legend.bands - 1) + 0.5) / legend.bands
    table = colormap_table(legend.colormap)
    strip = table[np.rint(share * (len(table) - 1)).astype(int)]
    pixels = np.repeat(np.rint(strip * 255).astype(np.uint8)[:, None, :], int(bar_width), axis=1)
    layer.paste(Image.fromarray(pixels, "RGB").convert("RGBA"), (int(left), int(top)))
    pen.rectangle([left, top, left + int(bar_width), top + rows], outline=_INK, width=max(1, round(0.8 * unit)))

    title = plain_text(legend.title)
    unit_text = plain_text(legend.unit)
    anchor_x = left + bar_width / 2 + 22 * unit
    pen.text((anchor_x, top - 44 * unit), title, font=_fit(pen, title, 14 * unit, 128 * unit), fill=_INK, anchor="mm")
    if unit_text:
        pen.text((anchor_x, top - 26 * unit), unit_text, font=_font(12 * unit), fill=_SOFT_INK, anchor="mm")

    def height_of(value: float) -> float:
        return float(bottom - (value - low) / (high - low) * (bottom - top)) if high > low else float(bottom)

    ends = [(high, True), (low, True)]
    edges = [low + (high - low) * step / legend.bands for step in range(1, legend.bands)] if legend.bands else None
    inner = edges if edges is not None and len(edges) <= 12 else nice_ticks(low, high, 6)
    room = 13 * unit
    for value, strong in [*ends, *((tick, False) for tick in inner)]:
        y = height_of(value)
        if not strong and (y - height_of(high) < room or height_of(low) - y < room):
            continue
        pen.line([right, y, right + 5 * unit, y], fill=_INK, width=max(1, round(0.8 * unit)))
        text = number(value)
        if strong and legend.extremes is not None:
            beyond = (
                legend.extremes[1] > high * (1 + 1e-9) + 1e-12 if value == high else legend.extremes[0] < low - 1e-12
            )
            text = (">" if value == high else "<") + text if beyond else text
        pen.text((right + 9 * unit, y), text, font=_font(12.5 * unit), fill=_INK if strong else _SOFT_INK, anchor="lm")


def _fit(pen: Any, text: str, size: float, room: float) -> Any:
    font = _font(size)
    width = pen.textlength(text, font=font)
    return font if width <= room else _font(max(size * room / width, size * 0.5))


def _draw_marks(pen: Any, marks: Sequence[Mark], unit: float, size: tuple[int, int]) -> None:
    taken: list[tuple[float, float, float, float]] = []
    for mark in marks:
        x, y = mark.pixel[0] * _FINE, mark.pixel[1] * _FINE
        color = (*(round(255 * value) for value in mark.color[:3]), 255) if mark.color else _INK
        halo, radius = 6.0 * unit, 4.2 * unit
        pen.ellipse([x - halo, y - halo, x + halo, y + halo], fill=(255, 255, 255, 235))
        if mark.visible:
            pen.ellipse([x - radius, y - radius, x + radius, y + radius], fill=color)
        else:
            pen.ellipse([x - radius, y - radius, x + radius, y + radius], outline=color, width=round(1.6 * unit))
        if not mark.label:
            continue
        text = plain_text(mark.label) + ("" if mark.visible else " (behind)")
        font = _font(13 * unit)
        wide, high = pen.textlength(text, font=font) + 14 * unit, 23 * unit
        box = _place_label(x, y, wide, high, 14 * unit, size, taken)
        taken.append(box)
        anchor = (min(max(x, box[0]), box[2]), min(max(y, box[1]), box[3]))
        pen.line([x, y, *anchor], fill=color, width=round(1.2 * unit))
        pen.ellipse(
            [x - radius, y - radius, x + radius, y + radius],
            fill=color if mark.visible else (255, 255, 255, 255),
            outline=color,
            width=round(1.6 * unit),
        )
        pen.rounded_rectangle(box, radius=5 * unit, fill=(255, 255, 255, 236), outline=color, width=round(1.1 * unit))
        pen.text(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), text, font=font, fill=_INK, anchor="mm")


def _place_label(
    x: float,
    y: float,
    wide: float,
    high: float,
    gap: float,
    size: tuple[int, int],
    taken: Sequence[tuple[float, float, float, float]],
) -> tuple[float, float, float, float]:
    """The first of eight places around the point that is inside the picture and free of other labels."""
    for across, down in ((1, -1), (-1, -1), (1, 1), (-1, 1), (1, -2.4), (-1, -2.4), (1, 2.4), (-1, 2.4)):
        left = x + gap if across > 0 else x - gap - wide
        top = y + gap * down if down > 0 else y + gap * down - high
        box = (left, top, left + wide, top + high)
        inside = box[0] >= 4 and box[1] >= 4 and box[2] <= size[0] - 4 and box[3] <= size[1] - 4
        clear = all(box[2] < o[0] or box[0] > o[2] or box[3] < o[1] or box[1] > o[3] for o in taken)
        if inside and clear:
            return box
    left = min(max(x + gap, 4.0), size[0] - wide - 4.0)
    top = min(max(y - gap - high, 4.0), size[1] - high - 4.0)
    return (left, top, left + wide, top + high)
