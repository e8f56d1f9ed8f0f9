"""The kernel's equations, as the families call them. Loaded on first use."""

from __future__ import annotations

from typing import Any


def calculate(equation: str, *, domain: str = "structures", **quantities: float) -> Any:
    """One equation of the physics kernel at plain numbers with unit suffixes; see ``./brick physics list``.

    Raises the kernel's PhysicsError where a quantity is out of the equation's validity.
    """
    from backend.physics.kernel import get_physics_kernel

    return get_physics_kernel().calculate(domain, equation, **quantities)
