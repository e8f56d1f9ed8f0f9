"""Writing KCL: numbers in the user's unit, exact enough that nothing is lost, and the settings line."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from backend.schema import Scheme

MM_PER_INCH = 25.4
KCL_VERSION = "2.0"

LengthUnit = Literal["mm", "in"]


def unit_of(scheme: Scheme) -> LengthUnit:
    """The unit that a scheme's program is written in: inches where the brief was in inches."""
    return "in" if scheme.choices.get("length_unit") == "in" else "mm"


def settings(unit: LengthUnit) -> str:
    """The settings line of a program."""
    return f"@settings(defaultLengthUnit = {unit}, kclVersion = {KCL_VERSION})"


def number(value: float) -> str:
    """A plain decimal of at most nine digits after the point, without exponent or trailing zeros."""
    text = f"{value:.9f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def length(value_mm: float, unit: LengthUnit) -> str:
    """A length in mm, written in the program's unit."""
    return number(value_mm / MM_PER_INCH if unit == "in" else value_mm)


def show(value_mm: float, unit: LengthUnit) -> str:
    """A length for people: "9.5 mm", "3/8 in" where it is a fraction of an inch in 64ths, "0.412 in" elsewhere."""
    if unit == "mm":
        return f"{value_mm:.6g} mm"
    inches = value_mm / MM_PER_INCH
    fraction = Fraction(round(inches * 64), 64)
    if abs(float(fraction) - inches) < 1e-6 and fraction.denominator > 1:
        whole, rest = divmod(fraction.numerator, fraction.denominator)
        part = f"{rest}/{fraction.denominator}"
        return f"{whole} {part} in" if whole else f"{part} in"
    return f"{inches:.6g} in"


def annotation(name: str, text: str, faces: str) -> str:
    """A call that names faces: ``faces`` is a KCL expression for a list of them."""
    return f'gdt::annotation(annotation = "{text}", faces = {faces}, annotationName = "{name}")'


def formatted(code: str) -> str:
    """The program as the official formatter writes it. The interpreter's package is loaded on first use."""
    from backend.engine.check import format_kcl

    return format_kcl(code)
