"""The event bus: order, replay, bounds, and slow watchers."""

import asyncio
import json
import threading

from backend.events import EventBus


class ListLog:
    """An event log in a list, which outlives the bus as a database would."""

    def __init__(self):
        self.events, self.reads = [], 0

    def append(self, *told, along=None):
        if along is not None and not along(self):
            return False
        self.events += told
        return True

    def read(self, project_id, since, limit):
        self.reads += 1
        return [e for e in self.events if e["project_id"] == project_id and e["seq"] > since][:limit]

    def read_all(self, since, limit):
        self.reads += 1
        newer = [e for e in self.events if e["seq"] > since.get(e["project_id"], e["seq"])]
        return sorted(newer, key=lambda e: (e["project_id"], e["seq"]))[:limit]

    def last_seq(self, project_id):
        return max((e["seq"] for e in self.events if e["project_id"] == project_id), default=0)


def seqs(events):
    return [event["seq"] for event in events]


def test_numbers_start_at_one_in_each_project():
    bus = EventBus()
    assert bus.publish("a", "status")["seq"] == 1
    assert bus.publish("a", "status")["seq"] == 2
    assert bus.publish("b", "status")["seq"] == 1
    assert bus.last_seq("a") == 2


def test_replay_gives_what_came_after():
    bus = EventBus()
    for i in range(5):
        bus.publish("p", "thought", text=str(i))
    assert [event["text"] for event in bus.replay("p", since=3)] == ["3", "4"]
    assert bus.replay("unknown") == []


async def test_a_watcher_gets_the_missed_and_the_new_without_a_gap():
    bus = EventBus()
    for _ in range(3):
        bus.publish("p", "status")
    watcher = bus.subscribe("p", since=1)
    bus.publish("p", "status")
    bus.publish("other", "status")
    assert seqs([await watcher.next(10) for _ in range(3)]) == [2, 3, 4]
    assert await watcher.next(0.01) is None


async def test_a_watcher_without_a_cursor_starts_now():
    bus = EventBus()
    bus.publish("p", "status")
    watcher = bus.subscribe("p")
    bus.publish("p", "status")
    assert (await watcher.next(10))["seq"] == 2


async def test_all_watchers_of_a_project_get_all_events():
    bus = EventBus()
    watchers = [bus.subscribe("p") for _ in range(50)]
    for _ in range(20):
        bus.publish("p", "status")
    for watcher in watchers:
        assert seqs([await watcher.next(10) for _ in range(20)]) == list(range(1, 21))


async def test_a_slow_watcher_is_told_what_it_lost_and_can_replay_it():
    bus = EventBus()
    watcher = bus.subscribe("p", size=3)
    for _ in range(10):
        bus.publish("p", "status")
    note = await watcher.next(10)
    assert note["kind"] == "lagged"
    assert note["data"] == {"lost": 7, "replay_from": 0}
    assert seqs([await watcher.next(10) for _ in range(3)]) == [8, 9, 10]
    assert seqs(bus.replay("p", since=0))[:7] == [1, 2, 3, 4, 5, 6, 7]


async def test_events_from_threads_arrive_in_order():
    bus = EventBus()
    watcher = bus.subscribe("p", size=1000)
    threads = [threading.Thread(target=lambda: [bus.publish("p", "thought") for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    got = [await watcher.next(10) for _ in range(200)]
    assert seqs(got) == list(range(1, 201))


async def test_closing_ends_a_waiting_reader():
    bus = EventBus()
    watcher = bus.subscribe("p")
    reader = asyncio.create_task(watcher.next())
    await asyncio.sleep(0)
    watcher.close()
    assert await asyncio.wait_for(reader, 10) is None
    assert bus._watchers == {}


async def test_iterating_ends_with_the_subscription():
    bus = EventBus()
    watcher = bus.subscribe("p")
    bus.publish("p", "status", text="one")
    got = []
    async for event in watcher:
        got.append(event["text"])
        watcher.close()
    assert got == ["one"]


def test_a_watcher_whose_loop_has_ended_stops_nobody():
    bus = EventBus()

    async def watch_and_vanish():
        bus.subscribe("p")

    asyncio.run(watch_and_vanish())
    assert bus.publish("p", "status")["seq"] == 1


def test_history_is_bounded():
    bus = EventBus(history=10, projects=3)
    for i in range(30):
        bus.publish("p", "status", text=str(i))
    assert seqs(bus.replay("p")) == list(range(21, 31))
    for i in range(10):
        bus.publish(f"q{i}", "status")
    assert len(bus._kept) == 3
    assert bus.publish("p", "status")["seq"] == 31  # forgotten events keep their numbers


def test_with_a_log_numbers_go_on_after_a_restart_and_old_events_are_replayed():
    log = ListLog()
    bus = EventBus(history=2, log=log)
    for _ in range(5):
        bus.publish("p", "status")
    assert seqs(bus.replay("p", since=1)) == [2, 3, 4, 5]  # older than what is kept: from the log
    restarted = EventBus(log=log)
    assert restarted.publish("p", "status")["seq"] == 6
    assert seqs(restarted.replay("p")) == [1, 2, 3, 4, 5, 6]


def test_a_listener_hears_all_projects_until_it_stops():
    bus = EventBus()
    heard = []
    stop = bus.listen(heard.append)
    bus.publish("a", "status")
    bus.publish("b", "status")
    stop()
    bus.publish("a", "status")
    assert [(e["project_id"], e["seq"]) for e in heard] == [("a", 1), ("b", 1)]


async def test_two_hundred_watchers_cost_one_reading_and_one_encoding():
    log = ListLog()
    writer = EventBus(log=log)
    for number in range(20):
        writer.publish("p", "status", text=str(number))
    bus = EventBus(log=log)
    watchers = [bus.subscribe("p", since=0) for _ in range(200)]
    assert log.reads <= 2  # what is new, and what came before: whoever asks next finds it here
    log.reads = 0
    for number in range(20, 30):
        writer.publish("p", "status", text=str(number))
    for project in range(20):
        bus.subscribe(f"q{project}")
    log.reads = 0
    bus.pull()
    assert log.reads == 1
    got = [[await watcher.next(10) for _ in range(30)] for watcher in watchers]
    assert all(seqs(events) == list(range(1, 31)) for events in got)
    texts = {id(event.json) for events in got for event in events}
    assert len(texts) == 30  # the same text for all, not one for each
    assert json.loads(got[0][29].json)["text"] == "29"


async def test_only_what_is_named_and_watched_is_read():
    log = ListLog()
    writer, bus = EventBus(log=log), EventBus(log=log)
    watcher, other = bus.subscribe("p", since=0), bus.subscribe("q", since=0)
    for project in ("p", "q", "r"):
        writer.publish(project, "status", text=project)
    bus.pull({"p", "r"})
    assert (await watcher.next(10))["text"] == "p"
    assert await other.next(0.01) is None
    assert "r" not in bus._kept
    bus.pull()
    assert (await other.next(10))["text"] == "q"


async def test_what_comes_twice_or_late_is_taken_once_and_in_order():
    """A poll and a word of another server may read the same events at the same time."""
    log = ListLog()
    writer, bus = EventBus(log=log), EventBus(log=log)
    watcher = bus.subscribe("p", since=0)
    threads = [threading.Thread(target=lambda: [bus.pull() for _ in range(60)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(200):
        writer.publish("p", "status", text=str(number))
    for thread in threads:
        thread.join()
    bus.pull()
    assert seqs([await watcher.next(10) for _ in range(200)]) == list(range(1, 201))
    assert await watcher.next(0.01) is None


def test_all_that_is_kept_is_bounded_where_a_log_has_it_too():
    log = ListLog()
    bus = EventBus(history=50, projects=1000, total=200, log=log)
    for number in range(100):
        for _ in range(10):
            bus.publish(f"p{number}", "status")
    assert sum(len(kept) for kept in bus._kept.values()) == bus._count <= 200
    assert seqs(bus.replay("p0")) == list(range(1, 11))
    assert bus.publish("p0", "status")["seq"] == 11


def test_what_is_written_along_decides_whether_anything_is_told():
    log, written = ListLog(), []
    bus = EventBus(log=log)
    told = [{"kind": "error", "text": "no"}, {"kind": "done", "text": "failed"}]
    assert bus.publish_with("a", told, lambda db: False) == []
    assert (log.events, bus.last_seq("a")) == ([], 0)
    assert seqs(bus.publish_with("a", told, lambda db: written.append(db) or True)) == [1, 2]
    assert (written, [event["kind"] for event in log.events]) == ([log], ["error", "done"])
    without_log = EventBus()
    assert seqs(without_log.publish_with("a", told, lambda db: db is None)) == [1, 2]
