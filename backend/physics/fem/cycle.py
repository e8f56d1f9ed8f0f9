"""Values that swing: v(t) = Re(V exp(i w t)), and the largest of them within a cycle."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[Any]


def largest_length(vector: ComplexArray) -> FloatArray:
    """Largest |v(t)| of vectors (..., 3) within a cycle: the half axis of the ellipse that the tip runs on."""
    real, imag = vector.real, vector.imag
    return _peak((real * real).sum(-1), (imag * imag).sum(-1), (real * imag).sum(-1))


def largest_von_mises(stress: ComplexArray) -> FloatArray:
    """Largest von Mises stress within a cycle, of complex components (..., 6) in the order xx, xy, xz, yy, yz, zz.

    Its square is a quadratic form of the components, so it swings as mean + cos 2wt + sin 2wt terms.
    """
    real, imag = stress.real, stress.imag
    return _peak(_product(real, real), _product(imag, imag), _product(real, imag))


def _product(a: FloatArray, b: FloatArray) -> FloatArray:
    """The bilinear form whose square is von Mises' stress."""
    axial = a[..., 0] * b[..., 0] + a[..., 3] * b[..., 3] + a[..., 5] * b[..., 5]
    mixed = (
        a[..., 0] * (b[..., 3] + b[..., 5]) + a[..., 3] * (b[..., 0] + b[..., 5]) + a[..., 5] * (b[..., 0] + b[..., 3])
    )
    shear = a[..., 1] * b[..., 1] + a[..., 2] * b[..., 2] + a[..., 4] * b[..., 4]
    return np.asarray(axial - mixed / 2 + 3 * shear)


def _peak(rr: FloatArray, ii: FloatArray, ri: FloatArray) -> FloatArray:
    squared = (rr + ii) / 2 + np.sqrt(((rr - ii) / 2) ** 2 + ri**2)
    return np.asarray(np.sqrt(np.maximum(squared, 0.0)))
