"""The WebSocket over a real server: many clients, replay, ping, slow ones told so."""

import asyncio
import contextlib
import json
import socket

import pytest
import uvicorn
import websockets

from backend.config.settings import Settings
from backend.main import create_app
from backend.websocket import _since, ws_manager


async def until(true):
    for _ in range(3000):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("waited 30 s in vain")


@pytest.fixture
async def server(tmp_path):
    own = socket.create_server(("127.0.0.1", 0))  # kept, so that nobody else gets its port meanwhile
    port = own.getsockname()[1]
    app = create_app(settings=Settings(brick_data_dir=tmp_path, brick_event_queue=50))
    running = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    task = asyncio.create_task(running.serve(sockets=[own]))
    await until(lambda: running.started)
    app.state.url = f"ws://127.0.0.1:{port}/ws/orchestrator"
    yield app
    running.should_exit = True
    await task


def bus(server):
    return server.state.services.bus


async def read(client, count):
    return [json.loads(await asyncio.wait_for(client.recv(), 30)) for _ in range(count)]


async def test_ping_is_answered_with_pong(server):
    async with websockets.connect(f"{server.state.url}/p") as client:
        await client.send("ping")
        assert await client.recv() == "pong"


async def test_all_clients_of_a_project_see_all_its_events_and_no_others(server):
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(websockets.connect(f"{server.state.url}/p")) for _ in range(20)]
        await until(lambda: len(ws_manager.connections["p"]) == 20)
        for i in range(10):
            bus(server).publish("p", "thought", agent="A", text=str(i))
            bus(server).publish("q", "thought", agent="A", text="other")
        for client in clients:
            events = await read(client, 10)
            assert [event["text"] for event in events] == [str(i) for i in range(10)]
            assert [event["seq"] for event in events] == list(range(1, 11))
    await until(lambda: not ws_manager.connections.get("p") and not bus(server)._watchers)


async def test_a_client_that_comes_back_gets_what_it_missed_without_a_gap(server):
    async with websockets.connect(f"{server.state.url}/p?since=0") as client:
        bus(server).publish("p", "status", text="one")
        (last,) = await read(client, 1)
    for text in ("two", "three"):
        bus(server).publish("p", "status", text=text)
    async with websockets.connect(f"{server.state.url}/p?since={last['seq']}") as client:
        bus(server).publish("p", "status", text="four")
        assert [event["text"] for event in await read(client, 3)] == ["two", "three", "four"]


async def test_a_client_may_ask_for_a_replay(server):
    for i in range(3):
        bus(server).publish("p", "status", text=str(i))
    async with websockets.connect(f"{server.state.url}/p") as client:
        await client.send("not json")
        await client.send(json.dumps({"since": 1}))
        assert [event["seq"] for event in await read(client, 2)] == [2, 3]


async def test_a_slow_client_is_told_and_others_are_not_held_up(server):
    async with (
        websockets.connect(f"{server.state.url}/p", compression=None) as slow,
        websockets.connect(f"{server.state.url}/p") as quick,
    ):
        await until(lambda: len(ws_manager.connections["p"]) == 2)
        slow.transport.pause_reading()
        blob = "x" * 100_000
        got = []
        for i in range(300):
            bus(server).publish("p", "thought", text=f"{i} {blob}")
            got += await read(quick, 1)
        assert [event["seq"] for event in got] == list(range(1, 301))
        slow.transport.resume_reading()
        kinds = []
        while True:
            (event,) = await read(slow, 1)
            kinds.append(event["kind"])
            if event["kind"] == "thought" and event["seq"] == 300:
                break
        assert "lagged" in kinds
        assert len(kinds) < 300


async def test_send_progress_reaches_the_projects_clients(server):
    async with websockets.connect(f"{server.state.url}/p") as client:
        await until(lambda: ws_manager.connections["p"])
        await ws_manager.send_progress("p", {"progress": 50})
        assert await read(client, 1) == [{"progress": 50}]


@pytest.mark.parametrize("query", ["since=-1", "since=abc"])
async def test_a_bad_cursor_is_refused(server, query):
    with pytest.raises(websockets.exceptions.InvalidStatus):
        await websockets.connect(f"{server.state.url}/p?{query}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"since": 3}', 3),
        ('{"since": -1}', None),
        ('{"since": true}', None),
        ('{"since": "3"}', None),
        ("[1]", None),
        ("", None),
        ('{"since": 3, "x": "' + "y" * 5000 + '"}', None),
    ],
)
def test_what_counts_as_a_request_for_replay(text, expected):
    assert _since(text) == expected
