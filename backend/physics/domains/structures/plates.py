"""Thin rectangular plates by exact series, for any aspect ratio and Poisson ratio.

Simply supported: Navier's double series with one of the two sums in closed form (M. Levy). Clamped: the same plate
with edge moments chosen so that every edge slope vanishes (S. Timoshenko, S. Woinowsky-Krieger, Theory of Plates
and Shells, 2nd edition, sections 30 to 34 and 44). The closed sums over odd n, with u = pi*c/2:

    S0 = sum 1/(n^2+c^2)^2   = pi*tanh(u)/(8c^3) - pi^2/(16 c^2 cosh^2 u)
    S2 = sum n^2/(n^2+c^2)^2 = pi*tanh(u)/(8c)   + pi^2/(16 cosh^2 u)
    A1 = sum s n/(n^2+c^2)^2 = pi^2 tanh(u)/(16 c cosh u),                      s = (-1)^((n-1)/2)
    A3 = sum s n^3/(n^2+c^2)^2 = pi/(4 cosh u) - pi^2 c tanh(u)/(16 cosh u)
    B0 = sum s/(n (n^2+c^2)^2) = pi/(4c^4) - pi/(4c^4 cosh u) - pi^2 tanh(u)/(16 c^3 cosh u)

All lengths are scaled by the short side; coefficients depend on the ratio short/long only and are cached.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import cosh, log, pi, sqrt, tanh

_TERMS = 24  # edge-moment terms a side: five digits for the uniform load, more for a central one


def _sech(u: float) -> float:
    return 1 / cosh(u) if u < 300 else 0.0


def _s0(c: float) -> float:
    u = pi * c / 2
    return pi * tanh(u) / (8 * c**3) - pi**2 * _sech(u) ** 2 / (16 * c**2)


def _s2(c: float) -> float:
    u = pi * c / 2
    return pi * tanh(u) / (8 * c) + pi**2 * _sech(u) ** 2 / 16


def _a1(c: float) -> float:
    u = pi * c / 2
    return pi**2 * tanh(u) * _sech(u) / (16 * c)


def _a3(c: float) -> float:
    u = pi * c / 2
    return pi * _sech(u) / 4 - pi**2 * c * tanh(u) * _sech(u) / 16


def _b0(c: float) -> float:
    u = pi * c / 2
    return pi / (4 * c**4) * (1 - _sech(u)) - pi**2 * tanh(u) * _sech(u) / (16 * c**3)


def _odd() -> list[tuple[int, int]]:
    return [(m, -1 if (m // 2) % 2 else 1) for m in range(1, 2 * _TERMS, 2)]


# Results per load as (w D / (Q L^2)) style coefficients: short side 1, long side b = 1/ratio, D = 1, unit pressure or
# force.
Coefficients = tuple[float, float, float, float]  # deflection, curvature across the short span, along it, edge moment


def _supported_uniform(b: float) -> tuple[float, float, float]:
    """Centre deflection and curvatures for unit pressure: q_mn = 16/(pi^2 m n)."""
    w = kx = ky = 0.0
    for m, s in _odd_long():
        c = m * b
        factor = 16 / pi**6 * s / m * b**4
        w += factor * _b0(c)
        kx += factor * (m * pi) ** 2 * _b0(c)
        # sum over n of s_n n /(n^2+c^2)^2 for the curvature along the long side
        ky += factor * (pi / b) ** 2 * _a1(c)
    return w, kx, ky


def _odd_long() -> list[tuple[int, int]]:
    return [(m, -1 if (m // 2) % 2 else 1) for m in range(1, 400, 2)]


def _supported_point(b: float) -> tuple[float, float, float]:
    """Centre deflection for unit force; curvatures without the strip's part, which holds the logarithm.

    For the strip: M_x = [(1+nu) ln(2/(pi r)) + 1] / 4pi across, and (1-nu)/4pi less along.
    """
    w = kx = ky = 0.0
    for m, _ in _odd_long():
        c = m * b
        factor = 4 / (b * pi**4) * b**4
        u = pi * c / 2
        w += factor * _s0(c)
        if u < 40:
            kx += factor * (m * pi) ** 2 * (_s0(c) - pi / (8 * c**3))
            ky += factor * (pi / b) ** 2 * (_s2(c) - pi / (8 * c))
    return w, kx, ky


def _edge_moments(
    b: float, slope_long: Callable[[int], float], slope_short: Callable[[int], float]
) -> tuple[list[float], list[float]]:
    """Moments that undo the edge slopes of a simply supported plate 1 x b.

    E_m: amplitude of cos(m pi x) along y = +-b/2 (the short edges, length 1); F_n: of cos(n pi y/b) along x = +-1/2.
    Mode (m, n) under both: w_mn = 4/(b pi^4 k^2) (E_m n pi s_n / b + F_n m pi b s_m), k = m^2 + n^2/b^2.
    ``slope_long(n)`` is the given load's sum over m of w_mn m pi s_m, ``slope_short(m)`` its sum over n of w_mn (n
    pi/b) s_n.
    """
    odd = _odd()
    size = len(odd)
    matrix = [[0.0] * (2 * size) for _ in range(2 * size)]
    right = [0.0] * (2 * size)
    scale = 4 / (b * pi**4)
    for i, (m, sm) in enumerate(odd):
        matrix[i][i] = scale * pi**2 / b**2 * b**4 * _s2(m * b)
        right[i] = -slope_short(m)
        for j, (n, sn) in enumerate(odd):
            k = m * m + n * n / b**2
            # F_n's share of the slope at y = b/2, and E_m's at x = 1/2
            matrix[i][size + j] = scale * (m * pi * b * sm) * (n * pi / b * sn) / k**2
            matrix[size + j][i] = scale * (n * pi / b * sn) * (m * pi * sm) / k**2
    for j, (n, _) in enumerate(odd):
        matrix[size + j][size + j] = scale * b * pi**2 * _s2(n / b)
        right[size + j] = -slope_long(n)
    solution = _solve(matrix, right)
    return solution[:size], solution[size:]


def _solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gaussian elimination with pivoting; the system is small and numpy's import would cost more."""
    size = len(right)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda r: abs(rows[r][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        head = rows[column]
        for row in rows[column + 1 :]:
            factor = row[column] / head[column]
            if factor:
                for k in range(column, size + 1):
                    row[k] -= factor * head[k]
    answer = [0.0] * size
    for i in reversed(range(size)):
        answer[i] = (rows[i][size] - sum(rows[i][j] * answer[j] for j in range(i + 1, size))) / rows[i][i]
    return answer


def _edge_effect(b: float, e: list[float], f: list[float]) -> tuple[float, float, float]:
    """Centre deflection and curvatures due to the edge moments."""
    w = kx = ky = 0.0
    scale = 4 / (b * pi**4)
    for (m, _), moment in zip(_odd(), e, strict=True):
        # sum over n of s_n n / k^2, k^2 = (n^2 + c^2)^2 / b^4
        c = m * b
        base = scale * moment * pi / b * b**4
        w += base * _a1(c)
        kx += base * (m * pi) ** 2 * _a1(c)
        ky += base * (pi / b) ** 2 * _a3(c)
    for (n, _), moment in zip(_odd(), f, strict=True):
        c = n / b
        base = scale * moment * pi * b
        w += base * _a1(c)
        kx += base * pi**2 * _a3(c)
        ky += base * (n * pi / b) ** 2 * _a1(c)
    return w, kx, ky


@lru_cache(maxsize=512)
def _coefficients(kind: str, load: str, ratio: float) -> Coefficients:
    """(deflection, kx, ky, edge moment) for ``kind`` supported|clamped and ``load`` uniform|point at short/long =
    ratio.

    The edge moment is the one at the middle of the long edge (hogging, so negative).
    """
    # A long plate is a strip: to four digits from 1:5 when clamped (where the edge terms must still be resolved),
    # 1:20 when not.
    b = 1 / max(ratio, 0.05 if kind == "supported" else 0.2)
    w, kx, ky = _supported_uniform(b) if load == "uniform" else _supported_point(b)
    if kind == "supported":
        return w, kx, ky, 0.0
    odd = dict(_odd())
    if load == "uniform":
        # w_mn = 16 s_m s_n /(pi^6 m n k^2): slopes at the edges
        def long_edge(n: int) -> float:
            return 16 / pi**6 * odd[n] / n * pi * _s0(n / b)

        def short_edge(m: int) -> float:
            return 16 / pi**6 * odd[m] / m * pi / b * b**4 * _s0(m * b)
    else:
        # w_mn = 4/(b pi^4 k^2)
        def long_edge(n: int) -> float:
            return 4 / (b * pi**4) * pi * _a1(n / b)

        def short_edge(m: int) -> float:
            return 4 / (b * pi**4) * pi / b * b**4 * _a1(m * b)

    e, f = _edge_moments(b, long_edge, short_edge)
    dw, dkx, dky = _edge_effect(b, e, f)
    return w + dw, kx + dkx, ky + dky, sum(f)


def _sides(length: float, width: float) -> tuple[float, float]:
    return min(length, width), max(length, width)


def _uniform(
    kind: str,
    pressure: float,
    length: float,
    width: float,
    thickness: float,
    youngs_modulus: float,
    poisson_ratio: float,
) -> dict[str, float]:
    short, long = _sides(length, width)
    w, kx, ky, edge = _coefficients(kind, "uniform", round(short / long, 6))
    rigidity = youngs_modulus * thickness**3 / (12 * (1 - poisson_ratio**2))
    center = max(abs(kx + poisson_ratio * ky), abs(ky + poisson_ratio * kx))
    to_stress = 6 * pressure * short**2 / thickness**2
    return {
        "stress": to_stress * max(center, abs(edge)),
        "center_stress": to_stress * center,
        "edge_stress": to_stress * abs(edge),
        "deflection": w * pressure * short**4 / rigidity,
    }


def _center_load(
    kind: str,
    force: float,
    patch_radius: float,
    length: float,
    width: float,
    thickness: float,
    youngs_modulus: float,
    poisson_ratio: float,
) -> dict[str, float]:
    short, long = _sides(length, width)
    w, kx, ky, edge = _coefficients(kind, "point", round(short / long, 6))
    rigidity = youngs_modulus * thickness**3 / (12 * (1 - poisson_ratio**2))
    radius = equivalent_radius(patch_radius, thickness)
    strip = ((1 + poisson_ratio) * log(2 * short / (pi * radius)) + 1) / (4 * pi)
    center = max(strip + kx + poisson_ratio * ky, strip - (1 - poisson_ratio) / (4 * pi) + ky + poisson_ratio * kx)
    to_stress = 6 * force / thickness**2
    return {
        "stress": to_stress * max(center, abs(edge)),
        "center_stress": to_stress * center,
        "edge_stress": to_stress * abs(edge),
        "deflection": w * force * short**2 / rigidity,
    }


def equivalent_radius(patch_radius: float, thickness: float) -> float:
    """Westergaard's radius for a load on a small circle: under it, plate theory misses the spread through the
    thickness.

    Roark's Formulas for Stress and Strain, 7th edition, Table 11.4, notation: r0' = sqrt(1.6 r0^2 + t^2) - 0.675 t
    when r0 < 0.5 t, else r0.
    """
    if patch_radius < 0.5 * thickness:
        return sqrt(1.6 * patch_radius**2 + thickness**2) - 0.675 * thickness
    return patch_radius


def simply_supported_pressure(**q: float) -> dict[str, float]:
    """SI inputs of ``structures.plate_simply_supported_pressure`` -> its outputs."""
    return _uniform("supported", **q)


def clamped_pressure(**q: float) -> dict[str, float]:
    """SI inputs of ``structures.plate_clamped_pressure`` -> its outputs."""
    return _uniform("clamped", **q)


def simply_supported_center_load(**q: float) -> dict[str, float]:
    """SI inputs of ``structures.plate_simply_supported_center_load`` -> its outputs."""
    return _center_load("supported", **q)


def clamped_center_load(**q: float) -> dict[str, float]:
    """SI inputs of ``structures.plate_clamped_center_load`` -> its outputs."""
    return _center_load("clamped", **q)
