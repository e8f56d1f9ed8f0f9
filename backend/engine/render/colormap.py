"""Colour scales whose equal steps look equal, computed from OKLab instead of tables.

OKLab: B. Ottosson, "A perceptual color space for image processing" (2020), the matrices below. Each scale is a curve
through OKLab with lightness rising evenly, re-sampled so that neighbouring entries differ by the same OKLab distance;
hue carries a second cue and lightness alone stays readable in grey print and to the colour-blind.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LAB_TO_LMS = np.array(
    [[1.0, 0.3963377774, 0.2158037573], [1.0, -0.1055613458, -0.0638541728], [1.0, -0.0894841775, -1.2914855480]]
)
_LMS_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)

# (lightness 0..1, chroma, hue deg) at even stations; chroma is reduced where sRGB has no such colour
_SCALES: dict[str, list[tuple[float, float, float]]] = {
    # violet - blue - teal - green - yellow: for fields from nothing to much
    "dawn": [
        (0.33, 0.13, 298.0),
        (0.43, 0.14, 272.0),
        (0.53, 0.12, 235.0),
        (0.64, 0.12, 175.0),
        (0.76, 0.17, 138.0),
        (0.88, 0.18, 110.0),
        (0.955, 0.17, 104.0),
    ],
    # dark - red - orange - pale yellow: for temperatures
    "ember": [
        (0.18, 0.03, 310.0),
        (0.33, 0.12, 350.0),
        (0.48, 0.18, 20.0),
        (0.62, 0.19, 38.0),
        (0.76, 0.16, 65.0),
        (0.88, 0.13, 90.0),
        (0.97, 0.06, 100.0),
    ],
    # blue - pale - red: for signed fields, zero in the middle
    "balance": [
        (0.36, 0.16, 262.0),
        (0.60, 0.13, 250.0),
        (0.82, 0.06, 240.0),
        (0.95, 0.005, 100.0),
        (0.82, 0.07, 50.0),
        (0.60, 0.17, 32.0),
        (0.38, 0.16, 26.0),
    ],
}
DEFAULT = "dawn"


def _oklab_to_linear(lab: Floats) -> Floats:
    rgb: Floats = (lab @ _LAB_TO_LMS.T) ** 3 @ _LMS_TO_RGB.T
    return rgb


def _from_polar(lightness: Floats, chroma: Floats, hue: Floats) -> Floats:
    return np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1)


def encode_srgb(linear: Any) -> Floats:
    """Linear light to sRGB (IEC 61966-2-1), clipped to 0..1."""
    value = np.clip(np.asarray(linear, dtype=np.float64), 0.0, 1.0)
    return np.where(value <= 0.0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - 0.055)


def decode_srgb(encoded: Any) -> Floats:
    """sRGB to linear light."""
    value = np.clip(np.asarray(encoded, dtype=np.float64), 0.0, 1.0)
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _in_gamut(lightness: Floats, chroma: Floats, hue: Floats) -> Floats:
    """Largest share of the chroma that sRGB can show, by bisection; a smooth envelope keeps the curve smooth."""
    low, high = np.zeros_like(chroma), np.ones_like(chroma)
    for _ in range(24):
        middle = 0.5 * (low + high)
        rgb = _oklab_to_linear(_from_polar(lightness, chroma * middle, hue))
        fits = np.all((rgb >= -1e-4) & (rgb <= 1.0001), axis=-1)
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    kernel = np.hanning(65)
    kernel /= kernel.sum()
    padded = np.pad(low, 32, mode="edge")
    smallest = np.array([padded[i : i + 65].min() for i in range(len(low))])
    smooth: Floats = np.convolve(np.pad(smallest, 32, mode="edge"), kernel, mode="valid")
    return np.minimum(smooth, low)


@cache
def colormap_table(name: str = DEFAULT, size: int = 256) -> Floats:
    """(size, 3) sRGB colours 0..1 of the scale ``dawn``, ``ember`` or ``balance``.

    Raises ValueError for another name.
    """
    if name not in _SCALES:
        raise ValueError(f"colour scale {name!r} is not known: use one of {', '.join(_SCALES)}")
    stations = np.array(_SCALES[name])
    hue = np.unwrap(np.radians(stations[:, 2]))
    lab_stations = _from_polar(stations[:, 0], stations[:, 1], hue)
    # a curve through OKLab with continuous slope, dense enough to measure distances along it
    at = np.linspace(0.0, 1.0, len(stations))
    fine = np.linspace(0.0, 1.0, 1025)
    lab = np.stack([_smooth_curve(at, lab_stations[:, column], fine) for column in range(3)], axis=1)
    chroma, angle = np.hypot(lab[:, 1], lab[:, 2]), np.arctan2(lab[:, 2], lab[:, 1])
    lab = _from_polar(lab[:, 0], chroma * _in_gamut(lab[:, 0], chroma, angle), angle)
    walked = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(lab, axis=0), axis=1))])
    even = np.linspace(0.0, walked[-1], size)
    lab = np.stack([np.interp(even, walked, lab[:, column]) for column in range(3)], axis=1)
    return encode_srgb(_oklab_to_linear(lab))


def _smooth_curve(x: Floats, y: Floats, at: Floats) -> Floats:
    """Cubic Hermite interpolation with centred slopes (Catmull-Rom on an even grid)."""
    slope = np.gradient(y, x)
    cell = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(x) - 2)
    width = x[cell + 1] - x[cell]
    t = (at - x[cell]) / width
    return np.asarray(
        y[cell] * (1 + 2 * t) * (1 - t) ** 2
        + slope[cell] * width * t * (1 - t) ** 2
        + y[cell + 1] * t**2 * (3 - 2 * t)
        + slope[cell + 1] * width * t**2 * (t - 1)
    )


def colors_of(values: Any, value_range: tuple[float, float], name: str = DEFAULT) -> Floats:
    """(n, 3) sRGB colours 0..1 for values (n,); values outside the range take the end colours."""
    low, high = value_range
    span = high - low
    place = (np.asarray(values, dtype=np.float64) - low) / span if span > 0 else np.zeros(np.shape(values))
    table = colormap_table(name)
    index = np.clip(np.rint(place * (len(table) - 1)), 0, len(table) - 1).astype(np.int64)
    result: Floats = table[index]
    return result
