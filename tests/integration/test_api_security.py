"""Who is let in: this machine without a token, others with one, and no page of another site."""

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient, WebSocketDenialResponse

from backend.api.security import Gatekeeper


async def inner(scope, receive, send):
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "in"})
        await send({"type": "websocket.close"})
        return
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    await PlainTextResponse(f"in {len(body)}")(scope, receive, send)


def client(base="http://127.0.0.1:8000", peer="127.0.0.1", **options):
    app = Gatekeeper(inner, token=options.pop("token", None), **options)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app, client=(peer, 1)), base_url=base)


@pytest.mark.parametrize("base", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
async def test_this_machine_needs_no_token(base):
    assert (await client(base).get("/api/state/x")).status_code == 200


async def test_another_machine_is_refused_without_a_token_on_the_server():
    response = await client(peer="192.168.1.7").get("/api/state/x")
    assert (response.status_code, response.json()["code"]) == (403, "no_access")


async def test_a_name_that_someone_points_at_this_machine_is_refused():
    response = await client("http://evil.example:8000").get("/api/state/x")
    assert (response.status_code, response.json()["code"]) == (421, "wrong_host")
    assert (await client("http://brick.lan", allowed_hosts=["brick.lan"]).get("/")).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": "Basic s3cret-token"}, 401),
        ({"authorization": "Bearer s3cret-token"}, 200),
        ({"authorization": "bearer s3cret-token"}, 200),
    ],
)
@pytest.mark.parametrize("peer", ["127.0.0.1", "192.168.1.7"])
async def test_with_a_token_everyone_needs_it(headers, status, peer):
    response = await client(token="s3cret-token", peer=peer).get("/api/state/x", headers=headers)
    assert response.status_code == status


async def test_a_token_in_the_address_of_a_request_does_not_count():
    response = await client(token="s3cret-token").get("/api/state/x?token=s3cret-token")
    assert response.status_code == 401  # addresses end up in logs


async def test_health_needs_no_token():
    assert (await client(token="s3cret-token").get("/api/health")).status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:8000", 200),
        ("http://localhost:5173", 200),
        ("https://evil.example", 403),
        ("null", 403),
        ("https://app.example", 200),
    ],
)
async def test_a_page_of_another_site_may_not_post(origin, status):
    response = await client(allowed_origins=["https://app.example"]).post("/x", headers={"origin": origin})
    assert response.status_code == status


async def test_reading_is_left_to_the_browsers_own_rule():
    assert (await client().get("/x", headers={"origin": "https://evil.example"})).status_code == 200


async def test_a_large_body_is_refused():
    response = await client(max_body=100).post("/x", content=b"x" * 101)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert (await client(max_body=100).post("/x", content=b"x" * 100)).text == "in 100"


def websocket(path="/ws", headers=None, **options):
    app = Gatekeeper(inner, **{"token": None, **options})
    browser = TestClient(app, client=("127.0.0.1", 1))
    with browser.websocket_connect(f"ws://127.0.0.1{path}", headers=headers or {}) as socket:
        return socket.receive_text()


def test_a_websocket_of_this_machine_is_let_in():
    assert websocket() == "in"


@pytest.mark.parametrize(
    ("headers", "status"), [({"origin": "https://evil.example"}, 403), ({"host": "evil.example"}, 421)]
)
def test_a_websocket_from_another_site_is_refused(headers, status):
    with pytest.raises(WebSocketDenialResponse) as caught:
        websocket(headers=headers)
    assert caught.value.status_code == status


def test_a_websocket_gives_its_token_in_the_address_or_the_header():
    assert websocket("/ws?token=t0ken", token="t0ken") == "in"
    assert websocket("/ws", headers={"authorization": "Bearer t0ken"}, token="t0ken") == "in"
    with pytest.raises(WebSocketDenialResponse) as caught:
        websocket("/ws?token=wrong", token="t0ken")
    assert caught.value.status_code == 401


async def test_the_page_comes_without_a_token_and_what_it_asks_for_does_not():
    async with client(token="s3cret-token") as http:
        for path in ("/", "/p/some-project", "/assets/index.js"):
            assert (await http.get(path)).status_code == 200
        for path in ("/api/projects", "/metrics", "/openapi.json", "/docs"):
            assert (await http.get(path)).status_code == 401
        assert (await http.post("/p/some-project")).status_code == 401


async def test_a_cookie_carries_the_token():
    async with client(token="s3cret-token") as http:
        assert (await http.get("/api/projects", headers={"cookie": "brick_token=s3cret-token"})).status_code == 200
        assert (await http.get("/api/projects", headers={"cookie": "brick_token=wrong"})).status_code == 401


async def test_a_session_is_opened_with_the_token_and_closed_again(tmp_path):
    from backend.config.settings import Settings
    from backend.main import create_app

    app = create_app("a-token-of-some-length", Settings(brick_data_dir=tmp_path))
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http:
        wrong = await http.post("/api/session", json={"token": "guess"})
        assert (wrong.status_code, wrong.json()["code"]) == (401, "no_access")
        assert (await http.get("/api/agents")).status_code == 401
        right = await http.post("/api/session", json={"token": "a-token-of-some-length"})
        cookie = right.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert (await http.get("/api/agents")).status_code == 200
        await http.delete("/api/session")
        assert (await http.get("/api/agents")).status_code == 401
