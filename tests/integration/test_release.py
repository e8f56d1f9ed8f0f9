"""Approval at release: nothing is handed over before a person's word, and only what that word was given for."""

import asyncio
from pathlib import Path

import pytest

from backend.config.settings import Settings
from backend.orchestration.release import question
from backend.orchestrator import run_design
from tests.integration.scripted import BRACKET, Fixed, fe_check, install
from tests.integration.test_api import Document, Server


@pytest.fixture
def settings(tmp_path):
    return Settings(brick_data_dir=tmp_path / "data")


@pytest.fixture
def agents(monkeypatch):
    return install(monkeypatch, DocumentAgent=Document())


def handed_over(agents):
    return agents["ManufacturingAgent"].calls, agents["DocumentAgent"].calls


async def test_a_release_waits_for_a_person_and_can_be_looked_at(settings, agents):
    async with Server(settings) as server:
        body = (await server.run(user_intent=BRACKET, project_id="p", approve_release=True)).json()
        assert (body["status"], body["approval_required"]) == ("waiting", True)
        assert body["release"]["status"] == "waiting"
        assert len(body["release"]["hashes"]["kcl_code"]) == 64
        assert handed_over(agents) == (0, 0)
        assert (await server.http.get(body["model_url"])).content == b"glTF1"  # the model that is to be released
        stays = await server.run(project_id="p", mode="execute")  # approves a plan, never a release
        assert (stays.status_code, stays.json()["code"]) == (409, "conflict")
        assert "release" in stays.json()["message"]
        body = (await server.run(project_id="p", approval="approved")).json()
        assert (body["status"], body["release"]["status"]) == ("done", "approved")
        assert handed_over(agents) == (1, 1)
        events = (await server.http.get("/api/projects/p/events")).json()["events"]
        assert [event["stage"] for event in events if event["kind"] == "approval"] == ["release"]


def told(status, *checks):
    return question(
        {"status": status, "checks": [dict(zip(("title", "status", "requirement_id"), c, strict=True)) for c in checks]}
    )


def test_the_question_says_what_is_not_proven():
    passed, extra = ("Mass", "pass", "mass"), ("Corrosion", "not verified", None)
    assert told("pass", passed, extra) == "Every check passed. Release it?"
    stress = ("Stress (finite elements)", "not verified", "safety")
    sag = ("Sag (finite elements)", "not verified", "sag")
    text = told("not verified", passed, stress, sag, sag, extra)
    assert text == "Not verified: 2 requirements (Stress (finite elements); Sag (finite elements)). Release anyway?"
    many = [(f"check {i}", "not verified", f"r{i}") for i in range(9)]
    assert told("not verified", *many).endswith("check 5 and 3 more). Release anyway?")
    assert told("fail", passed, stress, ("Width", "fail", None)) == "Failed: 1 check (Width). Release anyway?"
    assert told("not verified") == "Not verified. Release anyway?"


async def test_a_fast_design_that_waits_for_release_says_that_it_is_not_verified(settings, agents):
    open_ = fe_check(1.5) | {"status": "not verified", "value": None, "margin": None, "reason": "fast"}
    agents["StructuralAgent"].run = Fixed("", {"status": "not_verified", "summary": "fast", "checks": [open_]}).run
    async with Server(settings) as server:
        body = (await server.run(user_intent=BRACKET, project_id="p", approve_release=True, depth="fast")).json()
        assert (body["status"], body["release"]["verdict"]) == ("waiting", "not verified")
        asked = body["release"]["question"]
        assert asked.startswith("Not verified: ")
        assert asked.endswith("Release anyway?")
        assert open_["title"] in asked
        events = (await server.http.get("/api/projects/p/events")).json()["events"]
        (said,) = [event["text"] for event in events if event["stage"] == "release" and asked in event["text"]]
        assert "Ready" not in said


async def test_plan_and_release_are_two_approvals(settings, agents):
    async with Server(settings) as server:
        asked = {"user_intent": BRACKET, "project_id": "p", "mode": "plan", "approve_release": True}
        assert (await server.run(**asked)).json()["release"] is None
        body = (await server.run(project_id="p", approval="approved")).json()
        assert (body["status"], body["release"]["status"]) == ("waiting", "waiting")
        state = (await server.http.get("/api/state/p")).json()
        assert state["user_approval"] is None
        body = (await server.run(project_id="p", approval="approved")).json()
        assert body["status"] == "done"


async def test_the_word_for_a_plan_releases_nothing_after_a_restart(settings, agents):
    agents["StructuralAgent"].delay_s = 2.0
    async with Server(settings) as first:
        await first.run(user_intent=BRACKET, project_id="p", mode="plan", approve_release=True)
        await first.run(project_id="p", approval="approved", wait=False)
        for _ in range(500):
            if agents["StructuralAgent"].calls:
                break
            await asyncio.sleep(0.02)
    agents["StructuralAgent"].delay_s = 0.0
    async with Server(settings) as second:
        await second.until("p", "waiting")
    assert handed_over(agents) == (0, 0)
    async with Server(settings) as third:  # the wait itself survives too
        assert (await third.run(project_id="p", approval="approved")).json()["status"] == "done"
    assert handed_over(agents) == (1, 1)
    assert agents["GeometryAgent"].calls == 1


async def test_a_refused_release_ends_with_the_reason_and_keeps_the_design(settings, agents):
    async with Server(settings) as server:
        await server.run(user_intent=BRACKET, project_id="p", approve_release=True)
        body = (await server.run(project_id="p", approval="rejected", reason="too heavy")).json()
        assert (body["status"], body["release"]["reason"]) == ("rejected", "too heavy")
        assert handed_over(agents) == (0, 0)
        assert (await server.http.get(body["model_url"])).content == b"glTF1"
        assert len((await server.http.get(f"/api/artifacts/{body['files']['kcl']}")).content) > 100
        revisions = (await server.http.get("/api/projects/p/revisions")).json()["revisions"]
        assert revisions[-1]["label"] == "release rejected: too heavy"
        assert body["checks"]
        assert str(settings.data_dir) not in str(body)


async def test_a_model_changed_between_approval_and_handing_over_is_refused(settings, agents):
    async with Server(settings) as server:
        await server.run(user_intent=BRACKET, project_id="p", approve_release=True)
        (model,) = settings.projects_dir.glob("p/*/model.glb")
        model.write_bytes(b"glTF-another")
        body = (await server.run(project_id="p", approval="approved")).json()
        assert (body["status"], body["error"]["code"]) == ("failed", "release_changed")
        assert body["error"]["details"]["changed"] == ["model.glb"]
        assert handed_over(agents) == (0, 0)


async def test_in_one_go_a_function_decides(monkeypatch, tmp_path):
    agents = install(monkeypatch)
    seen = []

    async def person(release):
        seen.append(release["digest"])
        return "rejected: not yet"

    state = await run_design(BRACKET, out_dir=tmp_path, approve_release=True, release=person)
    assert len(seen) == 1
    assert state["manufacturing"]["release"]["reason"] == "not yet"
    assert "release: rejected: not yet" in state["core"]["messages"]
    assert handed_over(agents) == (0, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["design.json"]
    assert "/tmp" not in (tmp_path / "design.json").read_text()
    state = await run_design(BRACKET, out_dir=tmp_path, approve_release=True)
    assert state["approval_required"] is True
    state = await run_design(BRACKET, out_dir=tmp_path, approve_release=True, release="approved")
    assert state["user_approval"] == "approved"
    assert handed_over(agents) == (1, 1)


class Tampering(Fixed):
    """Writes a dossier whose file changes when it has been noted: what a broken disk or another program may do."""

    async def run(self, params, **kwargs):
        path = Path(params["out_dir"], "model.step")
        await asyncio.to_thread(path.write_text, "not what was compiled")
        return {"status": "success", "summary": "wrote", "files": {"step": str(path), "kcl": str(path) + ".gone"}}


async def test_a_package_that_is_not_whole_takes_the_verdict_back(monkeypatch, tmp_path):
    install(monkeypatch, DocumentAgent=Tampering("DocumentAgent", {}))
    state = await run_design(BRACKET, out_dir=tmp_path)
    verdict = state["validation"]["verification_report"]
    assert verdict["status"] == "fail"
    assert "quality_review" in verdict["failed"]
    assert any("model.step.gone is missing" in reason for reason in state["validation"]["flags"]["reasons"])
    assert state["validation"]["quality_review_report"]["status"] == "fail"


async def test_a_review_that_breaks_down_is_no_pass(monkeypatch, tmp_path):
    install(monkeypatch, QualityReviewAgent=Fixed("QualityReviewAgent", OSError("disk gone")))
    state = await run_design(BRACKET, out_dir=tmp_path)
    assert state["validation"]["verification_report"]["status"] != "pass"
    assert "quality_review" in state["validation"]["verification_report"]["not_verified"]
    assert any("disk gone" in error for error in state["core"]["errors"])


async def test_a_word_that_is_given_several_times_at_once_is_carried_out_once(settings, agents):
    """A double click, or two people: each approval arrives before the first has begun to be carried out."""
    async with Server(settings) as server:
        for number in range(5):
            name = f"p{number}"
            await server.run(user_intent=BRACKET, project_id=name, approve_release=True)
            before = agents["DocumentAgent"].calls
            words = [server.run(project_id=name, approval="approved", mode="plan") for _ in range(4)]
            answers = await asyncio.gather(*words)
            assert {answer.status_code for answer in answers} <= {200, 409}
            state = await server.until(name, "done", "failed")
            assert (state["status"], state["error"]) == ("done", None)
            assert agents["DocumentAgent"].calls == before + 1
            events = (await server.http.get(f"/api/projects/{name}/events")).json()["events"]
            ends = [event["stage"] for event in events if event["kind"] == "stage_finished"]
            assert sorted(ends) == sorted(set(ends))
            assert [event["kind"] for event in events].count("done") == 1
