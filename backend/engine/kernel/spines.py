"""Paths to sweep along, made exact: lines and arcs of a solved sketch are tangent only to the solver's accuracy."""

from __future__ import annotations

import math
from typing import Any

from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeEdge, BRepBuilderAPI_MakeWire
from OCP.GC import GC_MakeArcOfCircle
from OCP.GeomAbs import GeomAbs_CurveType
from OCP.gp import gp_Pnt, gp_Vec

from backend.engine.kernel import shapes

_MOST_OFF_RAD = 0.02
_LINE, _CIRCLE = GeomAbs_CurveType.GeomAbs_Line, GeomAbs_CurveType.GeomAbs_Circle


def tangent(spine: Any) -> Any | None:
    """The path with each arc between two lines laid anew: of its radius, touching both lines exactly.

    The lines stay where they are; their ends move by about the radius times the angle that was off. None where the
    path is not made of lines with single arcs between them.
    """
    edges = shapes.ordered_edges(spine)
    curves = [BRepAdaptor_Curve(edge) for edge in edges]
    kinds = [curve.GetType() for curve in curves]
    if len(edges) < 3 or len(edges) % 2 == 0 or spine.Closed():
        return None
    if any(kind != (_CIRCLE if place % 2 else _LINE) for place, kind in enumerate(kinds)):
        return None
    points = [shapes.edge_ends(edges[0])[0]]
    middles: list[Any] = []
    for place in range(1, len(edges), 2):
        corner = _corner(edges[place - 1], edges[place + 1])
        if corner is None:
            return None
        sweep = curves[place].LastParameter() - curves[place].FirstParameter()
        turn = shapes.edge_tangent(edges[place - 1]).Angle(shapes.edge_tangent(edges[place + 1]))
        if abs(sweep - turn) > _MOST_OFF_RAD:  # an arc of more than half a turn touches its lines elsewhere
            return None
        start, end, middle = _touching(corner, edges[place - 1], edges[place + 1], curves[place].Circle().Radius())
        points += [start, end]
        middles.append(middle)
    points.append(shapes.edge_ends(edges[-1])[1])
    maker = BRepBuilderAPI_MakeWire()
    for place in range(len(edges)):
        first, last = points[place], points[place + 1]
        if place % 2:
            arc = GC_MakeArcOfCircle(first, middles[place // 2], last)
            maker.Add(BRepBuilderAPI_MakeEdge(arc.Value()).Edge())
        else:
            heading = gp_Vec(*shapes.edge_ends(edges[place]))
            if gp_Vec(first, last).Dot(heading) <= 0:  # the arcs on both sides leave nothing of the line
                return None
            maker.Add(BRepBuilderAPI_MakeEdge(first, last).Edge())
    return maker.Wire() if maker.IsDone() else None


def _corner(one: Any, two: Any) -> Any | None:
    """Where two lines would meet: the middle of their shortest link. None for parallel lines."""
    a, b = shapes.edge_ends(one)[0], shapes.edge_ends(two)[0]
    u, v = shapes.edge_tangent(one), shapes.edge_tangent(two)
    link = gp_Vec(a, b)
    dot = u.Dot(v)
    det = 1 - dot * dot
    if det < 1e-9:
        return None
    along = (link.Dot(u) - link.Dot(v) * dot) / det
    back = (link.Dot(u) * dot - link.Dot(v)) / det
    first, second = a.Translated(u.Multiplied(along)), b.Translated(v.Multiplied(back))
    return gp_Pnt(*((p + q) / 2 for p, q in zip(first.Coord(), second.Coord(), strict=True)))


def _touching(corner: Any, one: Any, two: Any, radius: float) -> tuple[Any, Any, Any]:
    """Start, end and middle of the arc of a radius that touches both lines at a corner."""
    u, v = shapes.edge_tangent(one), shapes.edge_tangent(two)
    half = u.Angle(v) / 2
    reach = radius * math.tan(half)
    start, end = corner.Translated(u.Multiplied(-reach)), corner.Translated(v.Multiplied(reach))
    inwards = (v - u).Normalized()
    return start, end, corner.Translated(inwards.Multiplied(radius / math.cos(half) - radius))
