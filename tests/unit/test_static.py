"""The built page behind the API: what is found, what is not, and under which policy."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from backend.api import errors, static
from backend.errors import NotFoundError


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>BRICK OS</title>")
    (folder / "assets" / "index-abc.js").write_text("export {};")
    (folder / "theme.js").write_text("0;")
    (tmp_path / "secret.txt").write_text("not yours")
    return folder


@pytest.fixture
def client(dist: Path) -> TestClient:
    app = FastAPI()
    errors.install(app)

    @app.get("/api/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    static.install(app, dist)
    return TestClient(app)


@pytest.mark.parametrize("path", ["/", "/new", "/p/p-12ab", "/p/p-12ab?rev=3"])
def test_every_address_of_the_page_answers_with_the_page(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "BRICK OS" in answer.text
    assert answer.headers["cache-control"] == "no-cache"


def test_page_may_load_nothing_from_elsewhere_and_run_nothing_inline(client: TestClient) -> None:
    policy = dict(
        part.split(" ", 1) for part in client.get("/").headers["content-security-policy"].split("; ") if " " in part
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert not any("http" in value or "unsafe" in value for value in policy.values())


def test_assets_are_kept_and_have_their_type(client: TestClient) -> None:
    answer = client.get("/assets/index-abc.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert client.get("/theme.js").headers["cache-control"] == "no-cache"
    assert client.head("/assets/index-abc.js").status_code == 200


def test_assets_of_an_earlier_build_are_not_the_page(client: TestClient) -> None:
    answer = client.get("/assets/index-old.js")
    assert answer.status_code == 404
    assert answer.json()["next_action"] == "Reload the page."


@pytest.mark.parametrize("path", ["/api/nothing", "/ws/nothing", "/metrics/x", "/api"])
def test_api_keeps_its_own_addresses(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_api_comes_first(client: TestClient) -> None:
    assert client.get("/api/health").json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["../secret.txt", "assets/../../secret.txt", "%2e%2e/secret.txt", "/etc/passwd"])
def test_nothing_outside_the_build_is_found(dist: Path, path: str) -> None:
    assert static.find(path, dist) == dist / "index.html"


def test_without_a_build_it_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        static.answer("p/p-1", tmp_path / "none")
    assert caught.value.code == "page_not_built"
    assert "npm run build" in caught.value.next_action


def test_application_serves_it_after_all_other_routes() -> None:
    from backend.main import create_app

    here = TestClient(create_app(), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 50000))
    assert here.get("/openapi.json").json()["info"]["title"] == "BRICK OS"
    assert here.get("/api/nothing").json()["code"] == "not_found"
    page = here.get("/p/p-12ab")
    if page.status_code == 200:  # built on this machine
        assert page.headers["content-type"].startswith("text/html")
        assert page.headers["content-security-policy"] == static.CONTENT_SECURITY_POLICY
    else:
        assert page.json()["code"] == "page_not_built"
