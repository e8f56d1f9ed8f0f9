"""Looking into parts over the real application and engine: topology, measuring, provenance, sliders, imports."""

import math

import pytest

from backend.config.settings import Settings
from tests.integration.test_api import Server

# A plate 40 x 30 x 10 with a hole of radius 4: its lengths, areas and distances are known by hand.
PLATE = """@settings(defaultLengthUnit = mm)

plate = startSketchOn(XY)
  |> startProfile(at = [0, 0])
  |> xLine(length = 40)
  |> yLine(length = 30)
  |> xLine(length = -40)
  |> close()
  |> extrude(length = 10)
hole = startSketchOn(plate, face = END)
  |> circle(center = [20, 15], radius = 4)
  |> extrude(length = -10)
"""
BRIEF = (
    "An aluminium 6061-T6 shelf bracket, 6 in wide, legs 5 in and 2 in, holds 300 lb at 12 in from the wall, "
    "factor of safety 1.2, four 1/2 in holes"
)


@pytest.fixture
async def server(tmp_path):
    async with Server(Settings(brick_data_dir=tmp_path / "data")) as server:
        yield server


async def look(server, code=PLATE):
    answer = await server.http.post("/api/geometry/look", json={"kcl_code": code})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_faces_and_edges_measure_what_they_are(server):
    found = await look(server)
    assert found["compiled"]["volume_mm3"] == pytest.approx(40 * 30 * 10 - math.pi * 16 * 10, rel=1e-9)
    topology = (await server.http.get(f"/api/geometry/looks/{found['look_id']}/topology")).json()
    faces, edges = topology["faces"], topology["edges"]
    assert len(faces) == 7
    wall = next(face for face in faces if face["surface"] == "cylinder")
    assert wall["radius_mm"] == pytest.approx(4)
    assert wall["area_mm2"] == pytest.approx(2 * math.pi * 4 * 10, rel=1e-9)
    assert sorted(round(e["length_mm"], 6) for e in edges if e["kind"] == "line").count(40) == 4
    rims = [edge for edge in edges if edge["kind"] == "circle"]
    assert {round(edge["length_mm"], 6) for edge in rims} == {round(8 * math.pi, 6)}
    # the triangles cover the planes exactly and the cylinder nearly
    for face in faces:
        assert triangle_area(face["triangles"]) == pytest.approx(face["area_mm2"], rel=2e-2)
    # the model is served like any other
    glb = await server.http.get(f"/api/geometry/model/{found['model_id']}")
    assert glb.content[:4] == b"glTF"


def triangle_area(numbers):
    total = 0.0
    for at in range(0, len(numbers), 9):
        a, b, c = (numbers[at + 3 * k : at + 3 * k + 3] for k in range(3))
        u, v = ([q - p for p, q in zip(a, other, strict=True)] for other in (b, c))
        cross = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]
        total += math.hypot(*cross) / 2
    return total


async def test_distances_and_angles_are_exact(server):
    found = await look(server)
    url = f"/api/geometry/looks/{found['look_id']}"
    faces = (await server.http.get(f"{url}/topology")).json()["faces"]
    left, right, front = (
        next(f["index"] for f in faces if f["normal"] == pytest.approx(n, abs=1e-9))
        for n in ([-1, 0, 0], [1, 0, 0], [0, -1, 0])
    )
    wall = next(f["index"] for f in faces if f["surface"] == "cylinder")

    async def between(a, b):
        answer = await server.http.post(f"{url}/measure", json={"a": a, "b": b})
        assert answer.status_code == 200, answer.text
        return answer.json()

    across = await between({"face": left}, {"face": right})
    assert across["distance_mm"] == pytest.approx(40)
    assert [abs(x) for x in across["components_mm"]] == pytest.approx([40, 0, 0])
    assert across["parallel"] is True
    assert across["angle_deg"] == pytest.approx(0)
    assert (await between({"face": left}, {"face": front}))["angle_deg"] == pytest.approx(90)
    assert (await between({"face": left}, {"face": wall}))["distance_mm"] == pytest.approx(16)
    corner = {"point_mm": [0, 0, 0]}
    assert (await between(corner, {"face": right}))["distance_mm"] == pytest.approx(40)
    assert (await between(corner, {"point_mm": [3, 4, 0]}))["distance_mm"] == pytest.approx(5)
    refused = await server.http.post(f"{url}/measure", json={"a": {"face": 99}, "b": {"face": 0}})
    assert (refused.status_code, refused.json()["code"]) == (422, "measure_failed")
    assert "the part has 7" in refused.json()["message"]


async def test_each_face_knows_the_words_that_made_it(server):
    found = await look(server)
    url = f"/api/geometry/looks/{found['look_id']}"
    faces = (await server.http.get(f"{url}/topology")).json()["faces"]
    sources = (await server.http.get(f"{url}/sources")).json()
    assert sources["complete"]
    lines = PLATE.splitlines()

    def words(index):
        return [lines[place["line"] - 1].strip() for place in sources["faces"][index]["places"]]

    by_normal = {tuple(round(x) for x in f["normal"]): f["index"] for f in faces if f["normal"]}
    assert words(by_normal[(1, 0, 0)]) == ["|> yLine(length = 30)", "|> extrude(length = 10)"]
    assert words(by_normal[(-1, 0, 0)])[0] == "|> close()"
    assert words(by_normal[(0, 0, 1)]) == ["|> extrude(length = 10)"]
    wall = next(f["index"] for f in faces if f["surface"] == "cylinder")
    assert words(wall) == ["|> circle(center = [20, 15], radius = 4)", "|> extrude(length = -10)"]


SKETCHED = """@settings(defaultLengthUnit = mm, kclVersion = 2.0)

profile = sketch(on = XY) {
  front = line(start = [0, 0], end = [40, 0])
  right = line(start = [40, 0], end = [40, 30])
  back = line(start = [40, 30], end = [0, 0])
}
plate = extrude(region(point = [30, 10], sketch = profile), length = 10)
"""


async def test_faces_of_a_sketch_block_know_their_line(server):
    found = await look(server, SKETCHED)
    url = f"/api/geometry/looks/{found['look_id']}"
    faces = (await server.http.get(f"{url}/topology")).json()["faces"]
    sources = (await server.http.get(f"{url}/sources")).json()["faces"]
    right = next(f["index"] for f in faces if f["normal"] and round(f["normal"][0]) == 1)
    assert [place["line"] for place in sources[right]["places"]] == [5, 8]


async def test_an_error_of_the_program_has_its_line(server):
    answer = await server.http.post("/api/geometry/look", json={"kcl_code": PLATE.replace("radius = 4", "radius = r")})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["details"]["line"]) == (200, "kcl_failed", 11)
    lost = await server.http.get("/api/geometry/looks/look-0/topology")
    assert (lost.status_code, lost.json()["code"]) == (404, "look_expired")


async def test_files_become_projects(server):
    """A program dropped on the page, its STEP file dropped again: the same solid."""
    answer = await server.http.post("/api/projects/import?name=plate.kcl", content=PLATE.encode())
    assert answer.status_code == 200, answer.text
    first = answer.json()
    assert first["verdict"] == "not verified"
    step = (await server.http.get(f"/api/artifacts/{first['files']['step']}")).content
    second = (await server.http.post("/api/projects/import?name=plate.step", content=step)).json()
    states = [(await server.http.get(f"/api/state/{p['project_id']}")).json() for p in (first, second)]
    volumes = [state["geometry"]["compiled"]["volume_mm3"] for state in states]
    assert volumes[0] == pytest.approx(volumes[1], rel=1e-9)
    assert states[1]["geometry"]["kcl_code"] == ""
    seen = await server.http.post("/api/geometry/look", json={"artifact_id": second["files"]["step"]})
    assert len((await server.http.get(f"/api/geometry/looks/{seen.json()['look_id']}/topology")).json()["faces"]) == 7
    for name, content, code in (("a.exe", b"x", "bad_input"), ("a.step", b"not a step file", "import_failed")):
        refused = await server.http.post(f"/api/projects/import?name={name}", content=content)
        assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_a_program_that_was_taken_in_is_edited_and_kept(server):
    """Nothing was asked of it, so there is nothing to prove; the edit is a revision, and can be undone."""
    taken = await server.http.post("/api/projects/import?name=plate.kcl", content=PLATE.encode())
    project = taken.json()["project_id"]
    thicker = PLATE.replace("length = 10", "length = 20").replace("length = -10", "length = -20")
    assert thicker != PLATE
    answer = (await server.http.post("/api/design/kcl", json={"project_id": project, "kcl_code": thicker})).json()
    assert (answer["verdict"], answer["revision"]["number"]) == ("not verified", 2), answer
    assert answer["diff"]["volume_mm3"]["new"] == pytest.approx(2 * answer["diff"]["volume_mm3"]["old"], rel=1e-9)
    broken = {"project_id": project, "kcl_code": thicker + "x = = 1", "revision": "1"}
    refused = await server.http.post("/api/design/kcl", json=broken)
    assert (refused.status_code, refused.json()["code"]) == (422, "kcl_failed")
    head = (await server.http.get(f"/api/state/{project}")).json()
    assert head["geometry"]["kcl_code"] == thicker, "what is refused changes nothing"
    await server.http.post(f"/api/projects/{project}/undo", json={})
    assert (await server.http.get(f"/api/state/{project}")).json()["geometry"]["kcl_code"] == PLATE


@pytest.mark.slow
async def test_sliders_size_and_compile_without_a_run(server):
    """Other sizes are held against the closed forms at once; what can't hold says why; nothing is kept."""
    project = (await server.run(user_intent=BRIEF, mode="plan")).json()["project_id"]
    found = (await server.http.get(f"/api/projects/{project}/parameters")).json()
    by_name = {parameter["name"]: parameter for parameter in found["parameters"]}
    assert by_name["thickness"]["free"]
    assert by_name["width"]["value"] == pytest.approx(152.4)
    assert found["loads"][0]["value"] == pytest.approx(1334.47, rel=1e-4)

    async def preview(**answers):
        return await server.http.post(f"/api/projects/{project}/preview", json={"answers": answers})

    thicker = (await preview(thickness="12 mm")).json()
    assert "scheme" in thicker, thicker
    assert thicker["scheme"]["parameters"]["thickness"]["value"] == pytest.approx(12)
    # two legs and a corner of one thickness: mass grows about in proportion
    assert thicker["mass_g"] / found_mass(await preview()) == pytest.approx(12 / by_name["thickness"]["value"], rel=0.1)
    assert all(check["status"] == "pass" for check in thicker["checks"] if check["id"] == "corner_bending")
    assert (await server.http.get(f"/api/geometry/model/{thicker['model_id']}")).content[:4] == b"glTF"
    thin = await preview(thickness="3 mm")
    assert thin.json()["error"]["code"] == "no_feasible_design"
    assert (await preview(nonsense="1")).json()["error"]["code"] == "unknown_answer"
    revisions = (await server.http.get(f"/api/projects/{project}/revisions")).json()["revisions"]
    assert len(revisions) == 1


def found_mass(answer):
    return answer.json()["mass_g"]


async def test_materials_with_their_sources(server):
    found = (await server.http.get("/api/materials", params={"where": ["yield>250 MPa", "density<3 g/cm3"]})).json()
    assert found["materials"]
    assert all(m["yield_strength_mpa"] > 250 and m["density_kg_m3"] < 3000 for m in found["materials"])
    one = (await server.http.get(f"/api/materials/{found['materials'][0]['id']}")).json()
    assert all(entry["source"] and entry["basis"] for entry in one["entries"])
    ranked = (await server.http.get("/api/materials/ranking/stiff_beam")).json()["ranking"]
    assert ranked == sorted(ranked, key=lambda row: -row["index"])
    assert (await server.http.get("/api/materials", params={"where": ["yield"]})).json()["code"] == "bad_filter"
    assert (await server.http.get("/api/materials/unobtainium")).status_code == 404
