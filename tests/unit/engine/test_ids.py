"""Ids of what the engine makes: the same origin and role give the same id, in every run."""

from __future__ import annotations

import uuid

from backend.engine.ids import derive


def test_an_id_follows_from_its_parts_alone() -> None:
    one = derive("cmd", "wall", "segment")
    assert one == derive("cmd", "wall", "segment")
    assert uuid.UUID(one).version == 5


def test_other_parts_give_other_ids() -> None:
    ids = {derive("cmd", role, place) for role in ("wall", "start", "end") for place in range(5)}
    assert len(ids) == 15
