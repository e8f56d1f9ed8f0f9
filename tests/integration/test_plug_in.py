"""A plug-in package adds an agent: a real wheel, installed by pip into a folder, found by its entry point."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PLATE = "An aluminium 6061-T6 plate 200 x 150 mm, 6 mm thick, simply supported, pressure 10 kPa, factor of safety 2"

MODULE = """
from backend.agent_registry import AgentSpec
from backend.agents.base import BaseAgent


class WeightAgent(BaseAgent):
    async def run(self, params, **kwargs):
        if "mass_g" in params:
            return {"status": "success", "summary": "weighed", "weight_n": params["mass_g"] * 9.80665e-3}
        weight = params["compiled"]["volume_mm3"] * 2.7e-6 * 9.80665
        check = {"id": "weight", "title": "What it weighs", "status": "fail", "value": weight, "unit": "N",
                 "limit": 1.0,
                 "sense": "<=", "margin": 1.0 - weight, "method": "density times volume"}
        return {"status": "failure", "summary": "too heavy", "checks": [check]}


SPEC = AgentSpec("WeightAgent", "brick_weight", "WeightAgent", "What a part weighs.", ("mass_g",), ("weight_n",),
                 ("weight",), 5.0, 1, "physics")
"""


def wheel(folder, module=MODULE, entry="brick_weight:SPEC"):
    """A wheel of one module, as any build tool makes it."""
    info = "brick_weight-1.0.dist-info"
    files = {
        "brick_weight.py": module,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: brick-weight\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[brick_os.agents]\nweight = {entry}\n",
    }
    rows = []
    for name, text in files.items():
        digest = urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(text.encode())}")
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,"]) + "\n"
    path = folder / "brick_weight-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.fixture
def installed(tmp_path):
    def install(**how):
        target = tmp_path / "site"
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--quiet", "--target", str(target),
             str(wheel(tmp_path, **how))],
            check=True, capture_output=True,
        )  # fmt: skip
        return {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{target}", "BRICK_LOG_DIR": str(tmp_path)}

    return install


def brick(environment, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "backend.cli", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )


def test_a_plug_in_is_listed_shown_and_run(installed):
    environment = installed()
    listed = json.loads(brick(environment, "agents", "list", "--json").stdout)["agents"]
    assert [row["purpose"] for row in listed if row["name"] == "WeightAgent"] == ["What a part weighs."]
    shown = json.loads(brick(environment, "agents", "show", "WeightAgent", "--json").stdout)
    assert (shown["timeout_s"], shown["retries"], shown["loaded"]) == (5.0, 1, True)
    code = (
        "import asyncio; from backend.agent_registry import registry; registry.initialize(); "
        "print(asyncio.run(registry.get_agent('WeightAgent').run({'mass_g': 1000}))['weight_n'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert float(done.stdout) == pytest.approx(9.80665)


def test_a_plug_in_that_joins_physics_takes_part_in_a_design(installed, tmp_path):
    environment = {**installed(), "BRICK_DATA_DIR": str(tmp_path / "data")}
    out = tmp_path / "out"
    done = brick(environment, "design", PLATE, "--out", str(out), "--json", "--no-input")
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["verdict"]["failed"] == ["weight"]
    state = json.loads((out / "design.json").read_text())
    report = state["physics"]["sub_agent_reports"]["weight"]
    assert (report["agent"], report["summary"]) == ("WeightAgent", "too heavy")
    assert report["checks"][0]["value"] > 1.0
    assert any("WEIGHT_FAILURE" in reason for reason in state["validation"]["flags"]["reasons"])
    assert "What it weighs" in (out / "report.html").read_text()


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"module": "import nothing_of_that_name\n"}, "nothing_of_that_name"),
        ({"entry": "brick_weight:MISSING"}, "MISSING"),
        ({"module": "SPEC = 3\n"}, "expected an AgentSpec"),
    ],
)
def test_a_plug_in_that_cannot_be_loaded_is_loud(installed, how, words):
    done = brick(installed(**how), "agents", "list")
    assert done.returncode != 0
    assert words in done.stderr
    assert "weight" in done.stderr
    assert "Traceback" not in done.stderr
