"""The Materials Project over real HTTP, against a stand-in on this machine."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from backend.cli import app
from backend.errors import InputError, NotFoundError
from backend.materials.materials_project import SourceError, look_up

KEY = "s3cret-key-of-a-test"
# The form of the summary route; corundum's own numbers (K 232, G 147 GPa, 3.87 g/cm3: the project's, from memory).
ROWS = [
    {"material_id": "mp-2", "formula_pretty": "Al2O3", "density": 3.5, "energy_above_hull": 0.02, "band_gap": 5.0,
     "symmetry": {"crystal_system": "Monoclinic"}, "bulk_modulus": {"vrh": -12.0}, "shear_modulus": None},
    {"material_id": "mp-1143", "formula_pretty": "Al2O3", "density": 3.87, "energy_above_hull": 0.0, "band_gap": 5.85,
     "symmetry": {"crystal_system": "Trigonal"}, "bulk_modulus": {"vrh": 232.0}, "shear_modulus": {"vrh": 147.0},
     "homogeneous_poisson": 0.24},
]  # fmt: skip


class StandIn(BaseHTTPRequestHandler):
    seen: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        path, key = self.path, self.headers.get("X-API-KEY")
        self.seen.append((path, key))
        query = parse_qs(urlsplit(path).query)
        asked = (query.get("formula") or query.get("material_ids") or [""])[0]
        if asked == "Si":
            time.sleep(3)
        status, body = {
            "Al2O3": (200, json.dumps({"data": ROWS}).encode()),
            "mp-1143": (200, json.dumps({"data": ROWS[1:]}).encode()),
            "Xe": (200, b'{"data": []}'),
            "Fe": (429, b"slow down"),
            "Cu": (500, b"oops"),
            "Au": (200, b"<html>not json</html>"),
            "Ag": (200, b'{"data": 3}'),
            "Pb": (200, b'{"data": "' + b"x" * 5_000_000 + b'"}'),
        }.get(asked, (200, b'{"data": []}'))
        if key != KEY:
            status, body = 403, b"no"
        if asked == "W":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the client had enough
            self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def ask(url: str, formula: str, key: str = KEY, timeout_s: float = 10.0) -> Any:
    return look_up(formula, key=SecretStr(key), url=url, timeout_s=timeout_s)


def test_the_most_stable_comes_first_in_our_units(url: str) -> None:
    first, second = ask(url, "Al2O3")
    assert (first.material_id, first.density_kg_m3, first.bulk_modulus_mpa) == ("mp-1143", 3870.0, 232_000.0)
    assert first.youngs_modulus_mpa == pytest.approx(9 * 232e3 * 147e3 / (3 * 232e3 + 147e3))
    assert first.basis == "computed"
    # A modulus that the calculation got wrong is unknown, never a value.
    assert (second.bulk_modulus_mpa, second.youngs_modulus_mpa) == (None, None)
    path, key = StandIn.seen[-1]
    assert key == KEY
    assert KEY not in path
    assert ask(url, "mp-1143")[0].formula == "Al2O3"


@pytest.mark.parametrize(
    ("formula", "words"),
    [("Fe", "too many requests"), ("Cu", "status 500"), ("Au", "format"), ("Ag", "format"), ("Pb", "too long"),
     ("W", "status 302")],
)  # fmt: skip
def test_a_bad_answer_is_an_error_that_says_so(url: str, formula: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        ask(url, formula)


def test_the_key_is_refused_missing_or_never_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceError, match="refused the key") as caught:
        ask(url, "Al2O3", key="wrong-key-xyz")
    assert "wrong-key-xyz" not in f"{caught.value} {caught.value.as_dict()}"
    monkeypatch.delenv("MATERIALS_PROJECT_API_KEY", raising=False)
    with pytest.raises(InputError, match="needs a key") as missing:
        look_up("Al2O3", url=url)
    assert missing.value.code == "materials_project_key"


def test_what_is_unknown_slow_or_absent(url: str) -> None:
    with pytest.raises(NotFoundError):
        ask(url, "Xe")
    with pytest.raises(SourceError, match=r"within 0\.3 s"):
        ask(url, "Si", timeout_s=0.3)
    with pytest.raises(SourceError, match="can't be reached"):
        ask("http://127.0.0.1:9", "Al2O3")
    for bad in ("", "hello world", "Al2O3&x=1", "../etc"):
        with pytest.raises(InputError):
            ask(url, bad)
    with pytest.raises(InputError, match="https"):
        ask("http://example.org", "Al2O3")


def test_the_command_line(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from backend.config.settings import get_settings

    monkeypatch.setenv("MATERIALS_PROJECT_API_KEY", KEY)
    monkeypatch.setenv("MATERIALS_PROJECT_URL", url)
    get_settings.cache_clear()
    try:
        done = CliRunner().invoke(app, ["materials", "project", "Al2O3", "--json"])
        assert done.exit_code == 0, done.output
        rows = json.loads(done.output)
        assert [row["material_id"] for row in rows] == ["mp-1143", "mp-2"]
        assert KEY not in done.output
    finally:
        get_settings.cache_clear()
