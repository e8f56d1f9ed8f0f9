"""Studies over the real application, engine and solver: a bar in tension has a known stress and stretch."""

import asyncio

import pytest

from backend.config.settings import Settings
from tests.integration.test_api import Server

BAR = """@settings(defaultLengthUnit = mm)

bar = startSketchOn(YZ)
  |> startProfile(at = [0, 0])
  |> xLine(length = 10)
  |> yLine(length = 10)
  |> xLine(length = -10)
  |> close()
  |> extrude(length = 100)
"""
# 10 x 10 x 100 mm of aluminium 6061-T6 (E = 68.3 GPa in the library's MIL-HDBK-5J row), pulled by 5 kN.
STUDY = {
    "title": "Bar in tension",
    "material": {"name": "aluminium 6061-T6", "temperature": "20 degC"},
    "analysis": {"type": "static"},
    "supports": [
        {"type": "frictionless", "faces": {"normal": "-X"}},
        {"type": "displacement", "faces": {"normal": "-Y"}, "y": "0 mm"},
        {"type": "displacement", "faces": {"normal": "-Z"}, "z": "0 mm"},
    ],
    "loads": [{"type": "force", "faces": {"normal": "+X"}, "vector": ["5 kN", "0 N", "0 N"]}],
    "results": [{"type": "von_mises", "at_most": "60 MPa"}, {"type": "displacement", "at_most": "0.05 mm"}],
}


@pytest.fixture
async def server(tmp_path):
    async with Server(Settings(brick_data_dir=tmp_path / "data")) as server:
        yield server


async def project_of(server):
    made = await server.http.post("/api/projects/import?name=bar.kcl", content=BAR.encode())
    return made.json()["project_id"]


@pytest.mark.slow
async def test_a_study_is_solved_kept_and_holds_the_closed_form(server):
    project = await project_of(server)
    url = f"/api/projects/{project}/studies"
    begun = (await server.http.post(url, json={"study": STUDY})).json()
    assert begun["status"] == "running"
    for _ in range(600):
        row = (await server.http.get(f"{url}/{begun['id']}")).json()
        if row["status"] != "running":
            break
        await asyncio.sleep(0.2)
    assert row["status"] == "done", row["error"]
    assert any(line.startswith("solved") for line in row["lines"])
    # 5 kN over 100 mm2
    assert row["result"]["result"]["von_mises_mpa"]["value"] == pytest.approx(50.0, rel=1e-3)
    modulus = next(
        p["value"]
        for p in row["result"]["materials"]["all"]["properties"]
        if p["property"].startswith("youngs_modulus")
    )
    # stretch F L / (E A), and the sides draw in by nu times the strain over 10 mm: well below a hundredth of it
    assert row["result"]["result"]["displacement_mm"]["value"] == pytest.approx(50.0 * 100.0 / modulus, rel=0.01)
    status = {check["title"]: check["status"] for check in row["verdict"]["checks"]}
    assert "fail" in status.values()  # 0.073 mm is more than 0.05 mm
    assert row["verdict"]["status"] == "fail"
    report = await server.http.get(f"/api/artifacts/{row['files']['report']}")
    assert "Bar in tension" in report.text
    assert [r["id"] for r in (await server.http.get(url)).json()["studies"]] == [begun["id"]]


async def test_what_a_study_says_wrongly_is_told_at_its_place(server):
    project = await project_of(server)
    wrong = {**STUDY, "loads": [{"type": "force", "faces": {"normal": "+X"}, "vector": [5, 0, 0]}]}
    answer = (await server.http.post(f"/api/projects/{project}/studies", json={"study": wrong})).json()
    assert answer["error"]["code"] == "study_file"
    assert "loads[0]" in answer["error"]["message"]
    lost = await server.http.get(f"/api/projects/{project}/studies/s-0")
    assert lost.status_code == 404


@pytest.mark.slow
async def test_a_study_can_be_stopped(server):
    project = await project_of(server)
    url = f"/api/projects/{project}/studies"
    begun = (await server.http.post(url, json={"study": STUDY})).json()
    stopped = (await server.http.post(f"{url}/{begun['id']}/cancel")).json()
    assert stopped["status"] == "stopped"
    again = await server.http.post(f"{url}/{begun['id']}/cancel")
    assert again.status_code == 409
