"""Projects, runs, revisions and events in the database."""

import multiprocessing

import pytest

from backend.db import ProjectStore, SqlEventLog, open_database
from backend.db.controls import ControlStore
from backend.db.tables import DatabaseError
from backend.errors import ConflictError, NotFoundError
from backend.events import EventBus, SequenceTaken
from backend.orchestration.history import PLAN_WAITS, told
from backend.orchestration.leases import is_dead, this_process
from backend.orchestration.records import Records


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        self.now += 0.001
        return self.now


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/deep/brick.db"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(url, clock):
    store = ProjectStore(open_database(url), clock)
    store.put_project("p", brief="a bracket", answers={})
    return store


def test_a_project_is_kept_and_changed(store):
    store.put_project("p", brief="a plate", answers={"material": "6061"})
    project = store.project("p")
    assert (project["brief"], project["answers"], project["name"]) == ("a plate", {"material": "6061"}, "a bracket")


def test_an_unknown_project_run_or_revision_is_not_found(store):
    for look in (store.project, store.run, store.revision):
        with pytest.raises(NotFoundError):
            look("none")


def test_the_project_changed_last_is_listed_first(store):
    store.put_project("q", brief="b", answers={})
    store.put_project("p", brief="c", answers={})
    assert [project["id"] for project in store.list_projects()] == ["p", "q"]


def test_revisions_form_a_tree_and_the_head_moves(store):
    one = store.add_revision("p", state="s1", label="one", figures={})
    two = store.add_revision("p", state="s2", label="two", figures={"mass_g": 1.5})
    store.set_head("p", one["id"])  # rewind
    three = store.add_revision("p", state="s3", label="three", figures={})
    found = store.list_revisions("p")
    assert [(r["number"], r["parent"]) for r in found] == [(1, None), (2, one["id"]), (3, one["id"])]
    assert store.project("p")["head"] == three["id"]
    assert store.revision(two["id"])["figures"] == {"mass_g": 1.5}


def test_a_plan_that_waited_is_called_what_became_of_it(store):
    waited = store.add_revision("p", state="s1", label=PLAN_WAITS, figures={})
    labels = lambda: [row["label"] for row in told(store.list_revisions("p"))]  # noqa: E731
    assert labels() == [PLAN_WAITS]
    store.add_revision("p", state="s2", label="pass", figures={})
    assert labels() == ["plan, approved", "pass"]
    again = store.add_revision("p", state="s3", label=PLAN_WAITS, figures={})
    store.add_revision("p", state="s4", label="plan rejected", figures={})
    assert labels() == ["plan, approved", "pass", "plan, rejected", "plan rejected"]
    assert [store.revision(row["id"])["label"] for row in (waited, again)] == [PLAN_WAITS, PLAN_WAITS]


def test_a_head_of_another_project_is_refused(store):
    store.put_project("q", brief="b", answers={})
    foreign = store.add_revision("q", state="s", label="l", figures={})
    with pytest.raises(NotFoundError, match="not one of project"):
        store.set_head("p", foreign["id"])


def test_a_run_makes_one_revision_however_often_it_ends(store):
    run = store.add_run("p", mode="execute", request={})
    first = store.add_revision("p", state="s1", label="done", figures={}, run_id=run["id"])
    again = store.add_revision("p", state="s1", label="done", figures={}, run_id=run["id"])
    assert first["id"] == again["id"]
    assert len(store.list_revisions("p")) == 1


def test_one_owner_at_a_time_holds_a_run(store, clock):
    run = store.add_run("p", mode="execute", request={})["id"]
    assert store.claim(run, "a", 10) is True
    assert store.claim(run, "b", 10) is False
    assert store.claim(run, "a", 10) is True
    assert store.renew(run, "b", 10) is False
    clock.now += 11  # the owner died: its lease runs out
    assert store.claim(run, "b", 10) is True
    assert store.renew(run, "a", 10) is False
    assert store.run(run)["attempts"] == 3


def test_attempts_count_from_the_last_step_that_was_finished(store):
    run = store.add_run("p", mode="execute", request={})["id"]
    for _ in range(3):
        store.claim(run, "a", 10)
        store.note_step(run, -2)
    assert store.run(run)["attempts"] == 3
    store.note_step(run, 1)
    assert store.run(run)["attempts"] == 1
    store.note_step(run, 0)
    store.claim(run, "a", 10)
    assert (store.run(run)["attempts"], store.run(run)["step"]) == (2, 1)


def test_a_run_that_has_ended_is_not_taken_again(store):
    run = store.add_run("p", mode="execute", request={})["id"]
    store.claim(run, "a", 10)
    store.end_run(run, "failed", {"code": "x"})
    assert store.claim(run, "b", 10) is False
    assert store.renew(run, "a", 10) is False
    assert store.run(run)["error"] == {"code": "x"}
    assert store.orphans(lambda owner: True) == []


def test_runs_without_a_living_owner_are_found_in_order(store, clock):
    ids = []
    for name in "pqrs":
        store.put_project(name, brief="a bracket", answers={})
        ids.append(store.add_run(name, mode="execute", request={})["id"])
    store.claim(ids[1], "alive", 100)
    store.claim(ids[2], "dead", 100)
    store.claim(ids[3], "asleep", 5)
    clock.now += 6
    assert [run["id"] for run in store.orphans(lambda owner: owner == "dead")] == [ids[0], ids[2], ids[3]]


def test_a_project_has_one_run_at_a_time(store):
    first = store.add_run("p", mode="execute", request={})["id"]
    with pytest.raises(ConflictError, match="still going"):
        store.add_run("p", mode="execute", request={})
    store.end_run(first, "done")
    assert store.add_run("p", mode="execute", request={})["id"] != first


def test_a_released_run_is_free_at_once(store):
    run = store.add_run("p", mode="execute", request={})["id"]
    store.claim(run, "a", 100)
    store.release(run, "a")
    assert store.claim(run, "b", 100) is True


def test_a_waiting_run_can_be_taken_up_again(store):
    run = store.add_run("p", mode="plan", request={})["id"]
    store.claim(run, "a", 100)
    store.end_run(run, "waiting")
    assert store.run(run)["finished_at"] is None
    store.set_request(run, {"approval": "approved"})
    assert store.claim(run, "b", 100) is True
    assert store.run(run)["request"] == {"approval": "approved"}


def test_everything_is_there_after_a_restart(store, url):
    run = store.add_run("p", mode="execute", request={"brief": "µ"})["id"]
    store.engine.dispose()
    again = ProjectStore(open_database(url))
    assert again.latest_run("p")["id"] == run
    assert again.run(run)["request"] == {"brief": "µ"}


def test_a_place_that_cannot_be_written_is_an_error_with_a_way_out(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseError, match="can't be opened") as caught:
        open_database(f"sqlite:///{tmp_path}/file/brick.db")
    assert "BRICK_DATA_DIR" in caught.value.next_action


def test_two_servers_on_one_log_never_give_a_number_twice(url):
    buses = [EventBus(log=SqlEventLog(open_database(url), SequenceTaken)) for _ in range(2)]
    for i in range(10):
        buses[i % 2].publish("p", "status", text=str(i))
    assert [(e["seq"], e["text"]) for e in buses[0].replay("p")] == [(i + 1, str(i)) for i in range(10)]


async def test_who_watches_one_server_sees_what_happens_on_another(url):
    here, there = (EventBus(log=SqlEventLog(open_database(url), SequenceTaken)) for _ in range(2))
    here.publish("p", "status", text="one")
    watcher = here.subscribe("p", since=0)
    there.publish("p", "status", text="two")
    here.pull()
    here.publish("p", "status", text="three")
    assert [(await watcher.next(10))["text"] for _ in range(3)] == ["one", "two", "three"]


def test_the_end_of_a_run_and_the_event_that_tells_it_are_stored_together(store, url):
    run = store.add_run("p", mode="execute", request={})["id"]
    here, there = (EventBus(log=SqlEventLog(open_database(url), SequenceTaken)) for _ in range(2))
    here.publish("p", "status", text="one")
    there.publish("p", "status", text="two")  # so that the number which comes next here is taken
    calls = []

    def end(db):
        calls.append(store.end_run(run, "done", db=db))
        return calls[-1]

    def fail(db):
        store.end_run(run, "failed", db=db)
        raise OSError("killed")

    with pytest.raises(OSError, match="killed"):
        here.publish_with("p", [{"kind": "done"}], fail)
    assert store.run(run)["status"] == "queued"
    assert [event["seq"] for event in here.publish_with("p", [{"kind": "done"}], end)] == [3]
    assert (calls, store.run(run)["status"]) == ([True, True], "done")  # the first call was undone
    store.end_run(run, "cancelled")
    assert here.publish_with("p", [{"kind": "done"}], end) == []
    assert here.last_seq("p") == 3


def test_messages_are_taken_in_once_whoever_does_it(store, url):
    run = store.add_run("p", mode="execute", request={"brief": "old", "answers": {}})
    controls, bus = ControlStore(store.engine), EventBus(log=SqlEventLog(store.engine, SequenceTaken))
    controls.add(run["id"], "message", "2 mm thicker")
    ids = [row["id"] for row in controls.pending(run["id"])]
    records, told = Records(store, controls, bus), [{"kind": "status", "text": "taken in"}]
    assert records.take_in(run, {"brief": "new", "answers": {}}, ids, told)
    assert not records.take_in(run, {"brief": "newer", "answers": {}}, ids, told)
    assert (store.run(run["id"])["request"]["brief"], store.project("p")["brief"]) == ("new", "new")
    assert [event["text"] for event in bus.replay("p")] == ["taken in"]


def _publish(url, name):
    bus = EventBus(log=SqlEventLog(open_database(url), SequenceTaken))
    for i in range(40):
        bus.publish("p", "status", text=f"{name}{i}")


def test_processes_that_publish_at_once_lose_nothing(url):
    open_database(url).dispose()
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_publish, args=(url, name)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(20)
        assert writer.exitcode == 0
    events = SqlEventLog(open_database(url), SequenceTaken).read("p", 0, 1000)
    assert [event["seq"] for event in events] == list(range(1, 81))
    for name in "ab":
        assert [e["text"] for e in events if e["text"][0] == name] == [f"{name}{i}" for i in range(40)]


def test_a_process_is_known_to_be_dead_only_on_its_own_host():
    host = this_process().rsplit(":", 2)[0]
    assert is_dead(this_process()) is False
    assert is_dead(f"{host}:1:x") is False
    assert is_dead(f"{host}:4194304:x") is True  # above the highest pid
    assert is_dead("another-host:4194304:x") is False
