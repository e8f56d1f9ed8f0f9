"""What the engine's tests do inside a worker process, where the kernel may be imported."""

from __future__ import annotations

import json
import uuid
from typing import Any


def _id(number: int) -> str:
    return str(uuid.UUID(int=number))


def _request(number: int, cmd: dict[str, Any]) -> dict[str, Any]:
    return {"cmd_id": _id(number), "cmd": cmd}


def _point(x: float, y: float, z: float = 0.0) -> dict[str, float]:
    return {"x": x, "y": y, "z": z}


def block(length: float = 5.0) -> list[dict[str, Any]]:
    """The commands of a 20 x 10 block: path 11, segments 13 to 16, body 11."""
    corners = [(20, 0), (20, 10), (0, 10), (0, 0)]
    plane = {
        "type": "make_plane",
        "origin": _point(0, 0),
        "x_axis": _point(1, 0),
        "y_axis": _point(0, 1),
        "size": 60.0,
        "clobber": False,
        "hide": True,
    }
    sketch_on = {
        "type": "enable_sketch_mode",
        "entity_id": _id(1),
        "ortho": False,
        "animated": False,
        "adjust_camera": False,
    }
    return [
        _request(1, plane),
        _request(10, sketch_on),
        _request(11, {"type": "start_path"}),
        _request(12, {"type": "move_path_pen", "path": _id(11), "to": _point(0, 0)}),
        *(
            _request(
                13 + place,
                {
                    "type": "extend_path",
                    "path": _id(11),
                    "segment": {"type": "line", "end": _point(x, y), "relative": False},
                },
            )
            for place, (x, y) in enumerate(corners)
        ),
        _request(17, {"type": "close_path", "path_id": _id(11)}),
        _request(18, {"type": "extrude", "target": _id(11), "distance": length}),
    ]


def converse(messages: list[dict[str, Any]]) -> list[Any]:
    """The replies of a fresh session to messages (each a request, or a list of requests as one batch)."""
    from backend.engine.protocol import dispatch
    from backend.engine.protocol.session import Session

    dispatch.load()
    session = Session()
    replies = []
    for message in messages:
        if isinstance(message, list):
            frame = {
                "type": "modeling_cmd_batch_req",
                "batch_id": _id(999),
                "requests": message,
                "responses": True,
            }
        elif "cmd" in message:
            frame = {"type": "modeling_cmd_req", **message}
        else:
            frame = message
        reply = session.answer(json.dumps(frame))
        assert reply is None or isinstance(reply, str)
        replies.append(None if reply is None else json.loads(reply))
    return replies


def supported(_: Any) -> list[str]:
    """Names of all commands that the engine knows."""
    from backend.engine.protocol import dispatch

    dispatch.load()
    return sorted(dispatch.COMMANDS)


def serve_with_token(_: Any) -> dict[str, Any]:
    """What a client without the right token and at another path is told."""
    import asyncio

    from websockets.asyncio.client import connect
    from websockets.exceptions import InvalidStatus

    from backend.engine.protocol.server import PATH, EngineServer

    server = EngineServer(token="secret").start()
    found: dict[str, Any] = {}

    async def knock(path: str, token: str | None) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            async with connect(f"ws://127.0.0.1:{server.port}{path}", additional_headers=headers) as socket:
                greeting = json.loads(await socket.recv())
                await socket.send('{"type": "ping"}')
                return [greeting["resp"]["type"], json.loads(await socket.recv())["resp"]["type"]]
        except InvalidStatus as error:
            return error.response.status_code

    async def visit() -> None:
        found["right"] = await knock(PATH + "?kcl_version=1.0", "secret")
        found["wrong"] = await knock(PATH, "guess")
        found["none"] = await knock(PATH, None)
        found["elsewhere"] = await knock("/", "secret")

    asyncio.run(visit())
    server.close()
    return found
