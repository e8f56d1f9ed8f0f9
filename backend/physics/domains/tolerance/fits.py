"""ISO 286 standard tolerances and the deviations of common clearance shafts.

Standard tolerances: ISO 286-1:2010 table 1 for 3 to 500 mm, whose values round the formula i = 0.45 D^(1/3) + 0.001 D
(D the geometric mean of the step in mm, i in micrometres). The table itself is used, not the formula.
"""

from __future__ import annotations

_STEPS = (3, 6, 10, 18, 30, 50, 80, 120, 180, 250, 315, 400, 500)  # upper ends, mm
# IT5 .. IT11 in micrometres by step; IT12 .. IT18 are ten times IT7 .. IT13, in the table's own rounding.
_TABLE = {
    5: (4, 5, 6, 8, 9, 11, 13, 15, 18, 20, 23, 25, 27),
    6: (6, 8, 9, 11, 13, 16, 19, 22, 25, 29, 32, 36, 40),
    7: (10, 12, 15, 18, 21, 25, 30, 35, 40, 46, 52, 57, 63),
    8: (14, 18, 22, 27, 33, 39, 46, 54, 63, 72, 81, 89, 97),
    9: (25, 30, 36, 43, 52, 62, 74, 87, 100, 115, 130, 140, 155),
    10: (40, 48, 58, 70, 84, 100, 120, 140, 160, 185, 210, 230, 250),
    11: (60, 75, 90, 110, 130, 160, 190, 220, 250, 290, 320, 360, 400),
    12: (100, 120, 150, 180, 210, 250, 300, 350, 400, 460, 520, 570, 630),
}
# Upper deviations es in micrometres by step.
_UPPER = {
    6: (-6, -10, -13, -16, -20, -25, -30, -36, -43, -50, -56, -62, -68),
    7: (-2, -4, -5, -6, -7, -9, -10, -12, -14, -15, -17, -18, -20),
    8: (0,) * 13,
}


def _step(size: float) -> int:
    mm = size * 1e3
    for index, end in enumerate(_STEPS):
        if mm <= end * (1 + 1e-12):
            return index
    raise ValueError("the table ends at 500 mm")


def standard_tolerance(size: float, grade: float) -> float:
    """Standard tolerance in metres of a size (m) and grade 5 to 18."""
    step, number = _step(size), int(grade)
    if number <= 12:
        return _TABLE[number][step] * 1e-6
    # Each further five grades multiply by ten: IT13 = 10 IT8, IT17 = 100 IT7.
    return standard_tolerance(size, number - 5) * 10


def shaft_upper_deviation(size: float, letter: float) -> float:
    """Upper deviation in metres of shaft f (6), g (7) or h (8): ISO 286-1:2010, annex B and table 4."""
    return _UPPER[int(letter)][_step(size)] * 1e-6
