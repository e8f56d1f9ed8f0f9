"""``./brick engine`` as its clients meet it: sessions, limits, tokens, a kernel that dies, a clean stop."""

from __future__ import annotations

import asyncio
import base64
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.integration.engine_probe import _id, block
from tests.integration.engine_server import ROOT, Engine, batch, reply, request

VOLUME = {"type": "volume", "entity_ids": [], "output_unit": "mm3"}
TOKEN = "correct-horse-battery-staple"
# about a minute of work for the kernel, without end for a test
HUGE = {
    "type": "entity_linear_pattern_transform",
    "entity_id": _id(11),
    "transform": [],
    "transforms": [[{"translate": {"x": 30.0 * n, "y": 0.0, "z": 0.0}, "replicate": True}] for n in range(1, 19000)],
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine("--sessions", "2", "--waiting", "1", "--timeout-s", "20") as running:
        yield running


async def volume(socket: Any) -> float:
    await socket.send(request(VOLUME))
    told = await reply(socket)
    return float(told["resp"]["data"]["modeling_response"]["data"]["volume"])


async def until_free(engine: Engine, busy: int = 0) -> None:
    for _ in range(200):
        if (await asyncio.to_thread(engine.health))["sessions"]["busy"] <= busy:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("a session was never given back")


async def test_sessions_at_once_have_a_scene_each_and_a_third_waits(engine: Engine) -> None:
    async with engine.connect() as one, engine.connect() as two:
        await one.send(batch(block(5.0)))
        await two.send(batch(block(7.0)))
        await reply(one), await reply(two)
        assert (await volume(one), await volume(two)) == (pytest.approx(1000), pytest.approx(1400))
        async with engine.connect() as third:
            await third.send(request(VOLUME))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(third.recv(), 0.5)
            async with engine.connect() as fourth:  # the line holds one
                refusal = await reply(fourth)
                assert refusal["success"] is False
                assert "all 2 sessions of the engine are taken" in refusal["errors"][0]["message"]
                with pytest.raises(ConnectionClosed):
                    await fourth.recv()
                assert fourth.close_code == 1013
                assert "sessions" in str(fourth.close_reason)
            await one.close()
            refusal = await asyncio.wait_for(reply(third), 20)  # it has a scene of its own: an empty one
            assert "no bodies" in refusal["errors"][0]["message"]
    await until_free(engine)


async def test_a_killed_worker_costs_one_session_and_its_client_is_told_the_command(engine: Engine) -> None:
    async with engine.connect() as other, engine.connect() as socket:
        await other.send(batch(block()))
        await reply(other)
        before = {worker.pid for worker in engine.workers()}
        await socket.send(batch(block()))
        await reply(socket)
        await socket.send(request(HUGE, _id(500)))
        await asyncio.sleep(1.0)
        busiest = max(engine.workers(), key=lambda worker: worker.cpu_times().user)
        assert busiest.pid in before
        busiest.kill()
        told = await asyncio.wait_for(reply(socket), 10)
        assert told["success"] is False
        assert told["request_id"] == _id(500)
        words = told["errors"][0]["message"]
        assert "crashed in entity_linear_pattern_transform (signal SIGKILL)" in words
        await asyncio.wait_for(socket.recv(), 60)
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 60)
        assert socket.close_code == 1011
        assert "crashed" in str(socket.close_reason)
        assert await volume(other) == pytest.approx(1000)  # the neighbour goes on
    await until_free(engine)
    async with engine.connect() as again:
        await again.send(batch(block()))
        await reply(again)
        assert await volume(again) == pytest.approx(1000)


async def test_a_ping_is_answered_while_the_kernel_works(engine: Engine) -> None:
    await until_free(engine)
    async with engine.connect() as socket:
        await socket.send(batch(block()))
        await reply(socket)
        await socket.send(request(HUGE))
        await socket.send('{"type": "ping"}')
        told = await asyncio.wait_for(reply(socket), 3)
        assert told["resp"]["type"] == "pong"
    await until_free(engine)  # the client left: nothing goes on computing for nobody


async def test_time_memory_and_silence_have_limits() -> None:
    with Engine("--sessions", "1", "--timeout-s", "1.5", "--idle-s", "2", "--memory-mb", "450") as engine:
        async with engine.connect() as socket:
            await socket.send(batch(block()))
            await reply(socket)
            await socket.send(request(HUGE, _id(501)))
            told = await asyncio.wait_for(reply(socket), 20)
            words = told["errors"][0]["message"]
            assert "entity_linear_pattern_transform" in words
            assert "after 1.5 s, the limit for one request" in words or "(limit 450 MB)" in words
        async with engine.connect() as socket:
            for _ in range(3):  # a session that talks is not silent
                await socket.send(request(VOLUME))
                await asyncio.wait_for(reply(socket), 20)
                await asyncio.sleep(1.0)
            told = await asyncio.wait_for(reply(socket), 10)
            assert "was silent for 2 s" in told["errors"][0]["message"]
            with pytest.raises(ConnectionClosed):
                await socket.recv()
            assert "was silent" in str(socket.close_reason)


async def test_a_swelling_session_is_stopped_at_its_memory_limit() -> None:
    with Engine("--sessions", "1", "--timeout-s", "60", "--memory-mb", "400") as engine:
        async with engine.connect() as socket:
            await socket.send(batch(block()))
            await reply(socket)
            await socket.send(request(HUGE, _id(501)))
            told = await asyncio.wait_for(reply(socket), 60)
            assert "(limit 400 MB)" in told["errors"][0]["message"]


async def test_only_who_has_the_token_comes_in_and_it_is_never_logged() -> None:
    with Engine("--host", "127.0.0.1", BRICK_ENGINE_TOKEN=TOKEN) as engine:
        for wrong in (None, "guess", TOKEN[:-1], TOKEN + "x", "tökén"):
            with pytest.raises((InvalidStatus, UnicodeEncodeError)) as refused:
                async with engine.connect(wrong):
                    pass
            if isinstance(refused.value, InvalidStatus):
                assert refused.value.response.status_code == 401
        async with engine.connect(TOKEN) as socket:
            await socket.send('{"type": "ping"}')
            assert (await reply(socket))["resp"]["type"] == "pong"
        page = (await asyncio.to_thread(httpx.get, engine.address)).text
        said = engine.stop()
        assert TOKEN not in said + page
        assert "The KCL engine runs" in page


async def test_a_page_of_another_origin_can_not_use_an_engine_without_a_token(engine: Engine) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with engine.connect(Origin="https://example.org"):
            pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--host", "0.0.0.0"], "no token of at least 16 characters"),
        (["--host", "::", "--token", "short"], "no token of at least 16 characters"),
        (["--host", "0.0.0.0", "--token", "a token with some spaces in it"], "can't travel in a header"),
        (["--sessions", "0"], "0 sessions at once"),
        (["--memory-mb", "50"], "too little"),
        (["--timeout-s", "0"], "timeout_s = 0"),
        (["--host", "no.such.host.invalid", "--token", TOKEN], "can't be bound"),
    ],
)
def test_a_server_that_can_not_be_is_refused_with_words(arguments: list[str], says: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "backend.cli", "engine", "--port", "0", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_bad_input(engine: Engine) -> None:
    port = engine.address.rsplit(":", 1)[1]
    done = subprocess.run(
        [sys.executable, "-m", "backend.cli", "engine", "--port", port],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Address already in use" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stop_tells_the_clients_and_leaves_no_process(number: int) -> None:
    with Engine("--sessions", "2") as engine:
        async with engine.connect() as busy, engine.connect() as quiet:
            for socket in (busy, quiet):
                await socket.send(batch(block()))
                await reply(socket)
            await busy.send(request(HUGE))
            await asyncio.sleep(0.5)
            workers = engine.workers()
            assert len(workers) >= 2
            engine.process.send_signal(number)
            for socket in (busy, quiet):
                assert "stopping" in (await asyncio.wait_for(reply(socket), 60))["errors"][0]["message"]
                with pytest.raises(ConnectionClosed):
                    await asyncio.wait_for(socket.recv(), 60)
                assert socket.close_code == 1001
        began = time.monotonic()
        said = await asyncio.to_thread(engine.stop)
        assert time.monotonic() - began < 19  # it waits for no client; at 20 s it is ended by force
        assert engine.process.returncode == 0, said
        assert "Traceback" not in said
        assert psutil.wait_procs(workers, timeout=60)[1] == []


async def test_a_server_that_is_killed_takes_its_workers_along() -> None:
    with Engine() as engine:
        async with engine.connect() as socket:
            await socket.send(batch(block()))
            await reply(socket)
            workers = engine.workers()
            engine.process.kill()
            assert psutil.wait_procs(workers, timeout=60)[1] == []


def test_the_process_that_listens_loads_no_kernel(engine: Engine) -> None:
    maps = Path(f"/proc/{engine.process.pid}/maps").read_text()
    assert "libTK" not in maps
    assert "OCP" not in maps


async def test_odd_frames_get_an_answer_and_the_session_goes_on(engine: Engine) -> None:
    await until_free(engine)
    async with engine.connect() as socket:
        for frame in ("", "null", "[" * 100_000, '{"type": 3}', b"", b"\xc1", b"\x81" * 50, '{"type": "x"}'):
            await socket.send(frame)
            told = await asyncio.wait_for(reply(socket), 10)
            assert told["success"] is False
            assert len(told["errors"][0]["message"]) > 20
        await socket.send(batch(block()))
        await reply(socket)
        assert await volume(socket) == pytest.approx(1000)


def test_a_page_and_a_health_line_tell_a_person(engine: Engine) -> None:
    page = httpx.get(engine.address)
    assert page.status_code == 200
    assert f"export ZOO_HOST={engine.address}" in page.text
    told = engine.health()
    assert told["status"] == "ok"
    assert told["sessions"]["limit"] == 2
    lost = httpx.get(f"{engine.address}/elsewhere")
    assert lost.status_code == 404
    assert "/ws/modeling/commands" in lost.json()["message"]


async def test_a_selection_is_kept_and_looked_at(engine: Engine) -> None:
    await until_free(engine)

    async def ask(socket: Any, cmd: dict[str, Any]) -> dict[str, Any]:
        await socket.send(request(cmd))
        told: dict[str, Any] = await asyncio.wait_for(reply(socket), 20)
        return told

    async with engine.connect() as socket:
        await socket.send(batch(block()))
        await reply(socket)
        await ask(socket, {"type": "select_replace", "entities": [_id(11)]})
        await ask(socket, {"type": "select_add", "entities": [_id(11), _id(500)]})
        await ask(socket, {"type": "select_remove", "entities": [_id(500)]})
        told = await ask(socket, {"type": "select_get"})
        assert told["resp"]["data"]["modeling_response"]["data"] == {"entity_ids": [_id(11)]}
        told = await ask(socket, {"type": "default_camera_center_to_selection"})
        assert told["resp"]["data"]["modeling_response"]["type"] == "default_camera_center_to_selection"
        told = await ask(socket, {"type": "default_camera_get_settings"})
        center = told["resp"]["data"]["modeling_response"]["data"]["settings"]["center"]
        assert center == pytest.approx({"x": 10.0, "y": 5.0, "z": 2.5})  # of the 20 x 10 x 5 block


def test_files_over_http_are_measured_converted_or_refused(engine: Engine) -> None:
    corners = ((0, 0, 0), (6, 0, 0), (0, 6, 0), (0, 0, 6))  # a tetrahedron of volume 36
    faces = ((0, 2, 1), (0, 1, 3), (0, 3, 2), (1, 2, 3))
    stl = "solid t\n" + "".join(
        "facet normal 0 0 0\nouter loop\n"
        + "".join("vertex {} {} {}\n".format(*corners[number]) for number in face)
        + "endloop\nendfacet\n"
        for face in faces
    )
    stl += "endsolid t\n"

    def post(path: str, content: str | bytes = stl) -> httpx.Response:
        return httpx.post(f"{engine.address}/file/{path}", content=content, timeout=60)

    told = post("volume?src_format=stl&output_unit=cm3")
    assert told.status_code == 201
    assert told.json()["volume"] == pytest.approx(0.036)
    assert told.json()["status"] == "completed"
    mass = post("mass?src_format=stl&output_unit=g&material_density=1000&material_density_unit=kg:m3")
    assert mass.json()["mass"] == pytest.approx(0.036)
    outputs = post("conversion/stl/step").json()["outputs"]
    assert base64.b64decode(outputs["output.step"]).startswith(b"ISO-10303-21")
    for path, content, status, words in [
        ("volume?src_format=stl", b"no model", 422, "not an STL file"),
        ("volume?src_format=dwg", b"AC1032", 422, "can't be imported"),
        ("volume", stl, 422, "format of the file is not told"),
        ("volume?src_format=stl&output_unit=pints", stl, 422, "volume unit 'pints'"),
        ("mass?src_format=stl", stl, 422, "material_density"),
        ("weight?src_format=stl", stl, 422, "'weight' is not measured"),
        ("conversion/stl/dwg", stl, 422, "can't be converted to 'dwg'"),
    ]:
        refused = post(path, content)
        assert refused.status_code == status, path
        assert words in refused.json()["message"]


CLIENT = """
import asyncio, json, os, sys, kcl

async def main():
    run = await kcl.new_kcl_session_code(sys.stdin.read(), geometry_only=True)
    files = await run.export(kcl.FileExportFormat.Step)
    await run.close()
    return {"files": [[file.name, bytes(file.contents)[:20].decode()] for file in files]}

try:
    told = asyncio.run(main())
except kcl.KclError as error:
    told = {"error": str(error.args[0] if error.args else error)}
print(json.dumps(told), flush=True)
os._exit(0)
"""


def official_client(engine: Engine, code: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", CLIENT], input=code, capture_output=True, text=True, timeout=60, check=True,
        env={"PATH": "/usr/bin", "ZOO_HOST": engine.address, "ZOO_API_TOKEN": "any"},
    )  # fmt: skip
    told: dict[str, Any] = json.loads(done.stdout)
    if "error" in told:  # the report breaks lines and draws bars beside them
        told["error"] = " ".join(told["error"].replace("│", " ").split())
    return told


PLATE = "startSketchOn(XY) |> circle(center = [0, 0], radius = 5) |> extrude(length = 2)"


async def test_the_official_client_in_a_process_of_its_own_exports(engine: Engine) -> None:
    await until_free(engine)
    assert official_client(engine, PLATE)["files"] == [["output.step", "ISO-10303-21;\nHEADER"]]


async def test_the_official_client_shows_an_error_at_its_line(engine: Engine) -> None:
    await until_free(engine)
    disc = (
        "disc = startSketchOn(XY)\n  |> circle(center = [0, 0], radius = 5)\n  |> extrude(length = 2, tagEnd = $top)\n"
    )
    told = official_client(engine, disc + "shell(disc, faces = [top], thickness = 30)\n")
    assert "shell(disc" in told["error"]
    assert "Solid3dShellFace" in told["error"]
