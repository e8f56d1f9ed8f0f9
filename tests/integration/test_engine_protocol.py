"""The modeling protocol as a client meets it: replies, refusals, ids, sessions. The kernel runs in a worker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from backend.compute import WorkPool
from tests.integration import engine_probe
from tests.integration.engine_probe import _id, _request, block

PROBE = "tests.integration.engine_probe"


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkPool]:
    workers = WorkPool()
    yield workers
    workers.close()


def converse(pool: WorkPool, messages: list[Any]) -> list[Any]:
    replies: list[Any] = pool.run_sync(f"{PROBE}:converse", messages, kind="geometry")
    return replies


VOLUME = {"type": "volume", "entity_ids": [], "output_unit": "mm3"}


def data_of(reply: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = reply["resp"]["data"]["modeling_response"]["data"]
    return data


def test_a_batch_builds_and_a_request_measures(pool: WorkPool) -> None:
    batch, volume = converse(pool, [block(), _request(90, VOLUME)])
    responses = batch["resp"]["data"]["responses"]
    assert responses[_id(18)]["response"]["type"] in ("empty", "extrude")
    assert data_of(volume) == {"volume": pytest.approx(1000.0), "output_unit": "mm3"}


def test_faces_have_an_id_for_each_segment_and_cap(pool: WorkPool) -> None:
    ask = _request(91, {"type": "solid3d_get_extrusion_face_info", "object_id": _id(11), "edge_id": _id(13)})
    _, reply = converse(pool, [block(), ask])
    faces = data_of(reply)["faces"]
    assert [face["curve_id"] for face in faces if face["cap"] == "none"] == [_id(n) for n in range(13, 17)]
    assert {face["cap"] for face in faces} == {"none", "top", "bottom"}
    assert len({face["face_id"] for face in faces}) == 6


def test_ids_are_the_same_in_every_run_and_after_an_edit_elsewhere(pool: WorkPool) -> None:
    ask = _request(91, {"type": "solid3d_get_extrusion_face_info", "object_id": _id(11)})
    edges = _request(92, {"type": "entity_get_all_child_uuids", "entity_id": _id(11)})
    first = converse(pool, [block(5.0), ask, edges])
    again = converse(pool, [block(5.0), ask, edges])
    edited = converse(pool, [block(7.0), ask, edges])
    assert first[1:] == again[1:] == edited[1:]


def test_a_batch_stops_at_its_first_failure_and_leaves_the_rest_out(pool: WorkPool) -> None:
    commands = block()
    commands[-1]["cmd"]["target"] = _id(77)
    commands.append(_request(19, VOLUME))
    (reply,) = converse(pool, [commands])
    responses = reply["resp"]["data"]["responses"]
    assert responses[_id(18)]["errors"][0]["error_code"] == "bad_request"
    assert _id(19) not in responses


@pytest.mark.parametrize(
    ("cmd", "words"),
    [
        ({"type": "fly_to_the_moon"}, "'fly_to_the_moon' is not supported"),
        ({"type": "extrude", "target": _id(11), "distance": 5.0, "wobble": 3}, "extrude: the field 'wobble'"),
        ({"type": "extrude", "target": _id(11), "distance": "far"}, "extrude.distance: expected a finite number"),
        ({"type": "extrude", "target": _id(11)}, "extrude: the field 'distance' is missing"),
        ({"type": "extrude", "target": "eleven", "distance": 5.0}, "extrude.target: expected a UUID"),
        ({"type": "extrude", "target": _id(11), "distance": 1e12}, "beyond"),
        ({"type": "close_path", "path_id": _id(5)}, "no path with id"),
        ({"type": "volume", "entity_ids": [], "output_unit": "barrels"}, "volume unit 'barrels'"),
    ],
)
def test_what_is_not_supported_is_refused_by_name_and_never_ignored(
    pool: WorkPool, cmd: dict[str, Any], words: str
) -> None:
    *_, reply = converse(pool, [block(), _request(95, cmd)])
    assert reply["success"] is False
    assert reply["request_id"] == _id(95)
    assert words in reply["errors"][0]["message"]


def test_a_default_that_a_newer_client_sends_along_is_no_obstacle(pool: WorkPool) -> None:
    commands = block()
    commands[-1]["cmd"]["novelty"] = None
    commands[-1]["cmd"]["flourish"] = False
    _, volume = converse(pool, [commands, _request(90, VOLUME)])
    assert volume["success"]


def test_odd_messages_get_an_answer_each(pool: WorkPool) -> None:
    replies = converse(pool, [{"type": "ping"}, {"type": "sing"}, {"type": "headers", "headers": {}}])
    assert replies[0]["resp"]["type"] == "pong"
    assert replies[1]["success"] is False
    assert replies[2] is None


def test_a_tag_made_before_a_cut_is_good_after_it(pool: WorkPool) -> None:
    """The front wall of a block keeps its id when a second block is cut out of it."""
    second = [
        {"cmd_id": _id(100 + int(request["cmd_id"][-4:], 16)), "cmd": dict(request["cmd"])} for request in block()[1:]
    ]
    renumber = {_id(n): _id(100 + n) for n in range(10, 30)}
    for request in second:
        for key in ("path", "path_id", "target"):
            if key in request["cmd"]:
                request["cmd"][key] = renumber[request["cmd"][key]]
        if request["cmd"]["type"] in ("extend_path", "move_path_pen"):
            spot = request["cmd"].get("to") or request["cmd"]["segment"]["end"]
            moved = {"x": spot["x"] / 4 + 5, "y": spot["y"] / 4 - 1, "z": 0.0}
            if "to" in request["cmd"]:
                request["cmd"]["to"] = moved
            else:
                request["cmd"]["segment"] = {**request["cmd"]["segment"], "end": moved}
    ask = _request(91, {"type": "solid3d_get_extrusion_face_info", "object_id": _id(11)})
    front = next(
        face["face_id"] for face in data_of(converse(pool, [block(), ask])[1])["faces"] if face["curve_id"] == _id(13)
    )
    cut = _request(
        300, {"type": "boolean_subtract", "target_ids": [_id(11)], "tool_ids": [_id(111)], "tolerance": 1e-7}
    )
    planar = _request(301, {"type": "face_is_planar", "object_id": front})
    *_, reply, volume = converse(pool, [block(), second, cut, planar, _request(90, VOLUME)])
    assert data_of(reply)["z_axis"] == {"x": 0.0, "y": -1.0, "z": 0.0}
    assert data_of(volume)["volume"] == pytest.approx(1000 - 5 * 1.5 * 5)


def test_a_server_with_a_token_lets_nobody_else_in(pool: WorkPool) -> None:
    found = pool.run_sync(f"{PROBE}:serve_with_token", None, kind="geometry")
    assert found == {"right": ["modeling_session_data", "pong"], "wrong": 401, "none": 401, "elsewhere": 404}


def test_the_documented_commands_are_those_that_the_engine_knows(pool: WorkPool) -> None:
    """docs/engine.md lists every command of the registry as done, and none that is not there."""
    from pathlib import Path

    known = set(pool.run_sync(f"{PROBE}:supported", None, kind="geometry"))
    text = (Path(engine_probe.__file__).parents[2] / "docs" / "engine.md").read_text()
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| `")]
    done = {row[1].strip().strip("`") for row in rows if row[2].strip() in ("done", "partly", "seen only")}
    assert done == known
