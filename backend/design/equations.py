"""The kernel's equations, as the families call them. Loaded on first use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def calculate(equation: str, quantities: Mapping[str, float], *, domain: str = "structures") -> Any:
    """One equation of the physics kernel at plain numbers with unit suffixes; see ``./brick physics list``.

    Raises the kernel's PhysicsError where a quantity is out of the equation's validity.
    """
    from backend.physics.kernel import get_physics_kernel

    return get_physics_kernel().calculate(domain, equation, **dict[str, Any](quantities))
