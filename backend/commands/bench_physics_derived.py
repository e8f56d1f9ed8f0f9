"""References of ``./brick bench physics`` worked out from first principles, by another road than the kernel.

Each function takes the inputs of a case and returns what the equation should give. They use quadrature, spectral
series and root finding only; nothing of :mod:`backend.physics`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Given = Mapping[str, Any]


def curved_beam(given: Given) -> dict[str, float]:
    """Winkler: strain is (y/r)-linear; the neutral radius makes its force vanish, its moment is the load's."""
    inner, depth = float(given["inner_radius_mm"]), float(given["thickness_mm"])
    nodes, weights = np.polynomial.legendre.leggauss(60)
    r = inner + depth * (nodes + 1) / 2
    w = weights * depth / 2
    neutral = w.sum() / (w / r).sum()  # integral of (r - neutral)/r is zero
    per_moment = 1 / (w * (r - neutral) ** 2 / r).sum()
    return {"factor": float(per_moment * (neutral - inner) / inner * depth**2 / 6)}


def clamped_plate_point_load(given: Given) -> dict[str, float]:
    """Square clamped plate: r^2 ln r/(8 pi) of the point load, and biharmonic functions that clear the edges.

    By symmetry only Re z^4k and r^2 Re z^4k take part; deflection and slope vanish on one edge (least squares).
    """
    a = float(given["length_mm"])
    if float(given["width_mm"]) != a:
        raise ValueError("the derivation is that of a square")
    y = 0.5 * np.cos(np.linspace(0.0, math.pi / 2, 120))
    z, r2 = 0.5 + 1j * y, 0.25 + y**2
    slope_part = (np.log(r2) + 1) * 0.5 / (8 * math.pi)  # d/dx of r^2 ln(r^2)/2 at x = 1/2
    columns, slopes = [], []
    for k in range(9):
        power = (2 * z) ** (4 * k)
        turn = 4 * k * 2 * (2 * z) ** (4 * k - 1) if k else 0 * z
        columns += [power.real, r2 * power.real]
        slopes += [turn.real, 2 * 0.5 * power.real + r2 * turn.real]
    matrix = np.concatenate([np.array(columns).T, np.array(slopes).T])
    right = np.concatenate([-r2 * np.log(r2) / (16 * math.pi), -slope_part])
    found = np.linalg.lstsq(matrix, right, rcond=None)[0]
    stiffness = float(given["youngs_modulus_mpa"]) * float(given["thickness_mm"]) ** 3
    stiffness /= 12 * (1 - float(given["poisson_ratio"]) ** 2)
    return {"deflection_mm": float(found[0]) * float(given["force_n"]) * a**2 / stiffness}


def clamped_plate_frequency(given: Given) -> dict[str, float]:
    """Rayleigh and Ritz with (1 - x^2)^2 times Legendre polynomials of even degree, eight each way."""
    from numpy.polynomial import Legendre, Polynomial
    from scipy.linalg import eigh

    x, w = np.polynomial.legendre.leggauss(48)
    shapes = [Polynomial([1, 0, -1]) ** 2 * Legendre.basis(2 * k).convert(kind=Polynomial) for k in range(8)]
    plain, bent = np.array([p(x) for p in shapes]), np.array([p.deriv(2)(x) for p in shapes])
    mass, cross, stiff = (plain * w) @ plain.T, (bent * w) @ plain.T, (bent * w) @ bent.T
    a, b = float(given["length_m"]), float(given["width_m"])
    energy = (2 / a) ** 4 * np.kron(stiff, mass) + (2 / b) ** 4 * np.kron(mass, stiff)
    energy += (2 / a) ** 2 * (2 / b) ** 2 * (np.kron(cross, cross.T) + np.kron(cross.T, cross))
    least = float(eigh(energy, np.kron(mass, mass), eigvals_only=True)[0])
    thickness = float(given["thickness_mm"]) * 1e-3
    per_mass = float(given["youngs_modulus_gpa"]) * 1e9 * thickness**2 / float(given["density_kg_m3"])
    return {"frequency_hz": math.sqrt(least * per_mass / 12 / (1 - float(given["poisson_ratio"]) ** 2)) / 2 / math.pi}


def belleville_spring(given: Given) -> dict[str, float]:
    """The section turns as a rigid body (Almen and Laszlo); its hoop stress is integrated."""
    outer, inner = float(given["outer_diameter_mm"]) / 2, float(given["inner_diameter_mm"]) / 2
    thickness, wide = float(given["thickness_mm"]), outer - inner
    cone, turn = float(given["cone_height_mm"]) / wide, float(given["deflection_mm"]) / wide
    nodes, weights = np.polynomial.legendre.leggauss(40)
    r = (inner + wide * (nodes + 1) / 2)[:, None]
    y = (thickness / 2 * nodes)[None, :]
    area = np.outer(weights * wide / 2, weights * thickness / 2)
    centre = float(wide / np.log(outer / inner))  # where the hoop force is none
    x = centre - r
    strain = turn * (x * (cone - turn / 2) + y) / r
    stress = float(given["youngs_modulus_mpa"]) / (1 - float(given.get("poisson_ratio", 0.3)) ** 2) * strain
    moment = float((area * stress * (x * (cone - turn) + y)).sum())
    return {"force_n": 2 * math.pi * moment / wide}


def four_bar(given: Given) -> dict[str, float]:
    """The loop of links closed by root finding; speeds by central differences of its angles."""
    from scipy.optimize import fsolve

    ground, crank, coupler, rocker = (float(given[f"{link}_mm"]) for link in ("ground", "crank", "coupler", "rocker"))
    at, speed = math.radians(float(given["crank_angle_deg"])), float(given["crank_speed_rad_s"])

    def angles(theta: float) -> FloatArray:
        def gap(unknown: FloatArray) -> list[float]:
            three, four = unknown
            return [
                crank * math.cos(theta) + coupler * math.cos(three) - rocker * math.cos(four) - ground,
                crank * math.sin(theta) + coupler * math.sin(three) - rocker * math.sin(four),
            ]

        return np.asarray(fsolve(gap, [0.3, 1.0], xtol=1e-13))

    step = 1e-4
    rate = (angles(at + step) - angles(at - step)) / (2 * step) * speed
    here = np.degrees(angles(at))
    return {
        "coupler_angle_deg": float(here[0]), "rocker_angle_deg": float(here[1]),
        "coupler_speed_rad_s": float(rate[0]), "rocker_speed_rad_s": float(rate[1]),
    }  # fmt: skip


def crossflow_unmixed(given: Given) -> dict[str, float]:
    """Nusselt's exact double series (as Mason sums it) for both streams unmixed."""
    low, high = sorted((float(given["capacity_1_w_k"]), float(given["capacity_2_w_k"])))
    units, ratio = float(given["ua_w_k"]) / low, low / high

    def part(z: float, terms: int) -> float:
        return 1 - math.exp(-z) * sum(z**m / math.factorial(m) for m in range(terms + 1))

    total = sum(part(units, n) * part(ratio * units, n) for n in range(60))
    return {"effectiveness": total / (ratio * units)}


def microstrip_in_air(given: Given) -> dict[str, float]:
    """Charge on a strip over its mirror image: Chebyshev polynomials over the root that an edge has, by collocation."""
    if float(given["relative_permittivity"]) != 1:
        raise ValueError("the derivation is that of a line in air")
    half, gap, terms = float(given["width_mm"]) / 2, 2 * float(given["height_mm"]), 10
    turn = (np.arange(200) + 0.5) * math.pi / 200
    x = np.cos((np.arange(terms) + 0.5) * math.pi / (2 * terms))
    columns = []
    for k in range(0, 2 * terms, 2):
        own = -math.pi / k * np.cos(k * np.arccos(x)) if k else np.full(terms, math.pi * math.log(half / 2))
        distance = (half * (x[:, None] - np.cos(turn)[None])) ** 2 + gap**2
        image = math.pi * np.mean(0.5 * np.log(distance) * np.cos(k * turn), axis=1)
        columns.append((image - own) * half / (2 * math.pi))
    charge = float(np.linalg.solve(np.array(columns).T, np.ones(terms))[0]) * math.pi * half  # over epsilon_0, at 1 V
    return {"effective_permittivity": 1.0, "impedance_ohm": 376.730313668 / charge}


DERIVED: dict[str, Callable[[Given], dict[str, float]]] = {
    function.__name__: function
    for function in (
        curved_beam, clamped_plate_point_load, clamped_plate_frequency, belleville_spring, four_bar, crossflow_unmixed,
        microstrip_in_air,
    )
}  # fmt: skip
