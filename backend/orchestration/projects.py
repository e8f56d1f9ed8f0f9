"""Projects of the server: runs in the background that survive the process, answers, approval, cancel, history.

A run is a row in the database, a thread of checkpoints, and a folder for its files. Whoever holds its lease drives it;
when that process dies, another one (or the same, restarted) takes it up after the last checkpoint.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import shutil
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from backend.agents.base import describe
from backend.agents.conversational_agent import amended, still_answering
from backend.artifacts import ArtifactStore
from backend.db.controls import ControlStore
from backend.db.llm_calls import CallLedger
from backend.errors import ConflictError, InputError, NotFoundError
from backend.events import EventBus
from backend.llm import joined, written_down
from backend.monitoring import monitor
from backend.orchestration import control
from backend.orchestration.control import Paused, Steered
from backend.orchestration.history import PLAN_REJECTED, PLAN_WAITS
from backend.orchestration.keeping import figures, keep_artifacts
from backend.orchestration.leases import is_dead, is_passing, this_process
from backend.orchestration.records import Records
from backend.orchestration.runner import Runner, awaited, failure, finished
from backend.orchestration.runs import ENDED, OutOfTime, Row, anew, longer, thread_of
from backend.orchestration.state import Depth, RunState, begin, project_name
from backend.schema import AgentState, new_state

if TYPE_CHECKING:
    from backend.config.settings import Settings
    from backend.db import ProjectStore
    from backend.event_relay import Relay

logger = logging.getLogger(__name__)

LEASE_S = 15.0
FOLLOW_S = 0.25  # how often events of other servers are looked for
FOLLOW_WOKEN_S = 2.0  # the same where Redis says when there are some
QUEUE_S = 0.2  # how often a worker looks for new runs
MAX_ATTEMPTS = 20


class Projects:
    """All projects of one server."""

    def __init__(
        self,
        settings: Settings,
        store: ProjectStore,
        artifacts: ArtifactStore,
        bus: EventBus,
        runner: Runner,
        relay: Relay | None = None,
    ) -> None:
        self.settings, self.store, self.artifacts, self.bus, self.runner = settings, store, artifacts, bus, runner
        self.relay = relay
        self.owner = this_process()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._cancelled: set[str] = set()
        self._slots = asyncio.Semaphore(settings.max_running)
        self._claimed: dict[str, str] = {}  # the runs that are driven here, with their projects
        self._stirred = asyncio.Event()
        self.controls = ControlStore(store.engine)
        self.records = Records(store, self.controls, bus)

    # --- life of the server -----------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[Projects]:
        """Take up what was left undone, keep leases, and at the end leave what runs to be taken up again."""
        keepers = [asyncio.create_task(self._keep()), asyncio.create_task(self._follow())]
        try:
            async with contextlib.AsyncExitStack() as stack:
                if self.relay is not None:
                    await stack.enter_async_context(self.relay.serving(self._heard))
                    relay = self.relay
                    stack.callback(self.bus.listen(lambda event: relay.announce(event["project_id"])))
                yield self
        finally:
            going = [*keepers, *self._tasks.values()]
            for task in going:
                task.cancel()
            await asyncio.gather(*going, return_exceptions=True)

    async def _follow(self) -> None:
        """Bring the events of other servers on the same database to those who watch here."""
        looked = time.monotonic()
        while True:
            await asyncio.sleep(FOLLOW_S)
            pace = FOLLOW_WOKEN_S if self.relay is not None and self.relay.live else FOLLOW_S
            if time.monotonic() - looked >= pace - 0.01:
                looked = time.monotonic()
                await self._pull(None)

    async def _pull(self, projects: set[str] | None) -> None:
        """Take in what other servers have stored, of these projects or of all that are watched here."""
        try:
            await asyncio.to_thread(self.bus.pull, projects)
        except Exception:
            logger.exception("events of other servers could not be read; trying again")

    async def _heard(self, projects: set[str] | None) -> None:
        """Another server has stored events of these projects, or there is no telling of which.

        What it did to a run of theirs takes effect at once: one that is driven here may have been cancelled there, and
        others may be there to be taken up.
        """
        await self._pull(projects)
        here = [run_id for run_id, project in self._claimed.items() if projects is None or project in projects]
        with contextlib.suppress(Exception):  # the keeper looks too, and tells what is wrong
            await self._renew(here)
        self._stirred.set()

    async def _renew(self, run_ids: list[str]) -> None:
        for run_id in run_ids:
            if not await asyncio.to_thread(self.store.renew, run_id, self.owner, LEASE_S):
                self._lost(run_id)

    async def _keep(self) -> None:
        """Renew the leases of what runs here, and take up what nobody runs."""
        while True:
            try:
                await self._renew(list(self._claimed))
                await self._take_up()
            except asyncio.CancelledError:
                raise
            except Exception:  # a locked database or a full disk must not end the keeping of leases
                logger.exception("leases could not be renewed; trying again")
            await asyncio.sleep(QUEUE_S)  # at most so often, however many words there are
            with contextlib.suppress(TimeoutError):
                if self.settings.role != "worker":
                    # wait_for of Python 3.11 loses a cancellation that comes with the word it waits for
                    async with asyncio.timeout(LEASE_S / 5):
                        await self._stirred.wait()
            self._stirred.clear()

    def _lost(self, run_id: str) -> None:
        """Stop a run that is no longer ours: cancelled through another server, or taken over while we slept."""
        task = self._tasks.get(run_id)
        if task is not None and run_id in self._claimed:
            logger.warning("run %s is no longer held here; stopping it", run_id)
            task.cancel()

    async def _take_up(self) -> None:
        if self.settings.role == "web":
            return
        for run in await asyncio.to_thread(self.store.orphans, is_dead):
            if run["id"] in self._tasks:
                continue
            if run["attempts"] >= MAX_ATTEMPTS:
                await self._give_up(run)
                continue
            if run["owner"] is not None:
                await asyncio.to_thread(self.store.take_from_the_dead, run["id"], run["owner"])
            self.launch(run)

    async def _give_up(self, run: Row) -> None:
        """End a run that was begun too often without getting on: it may be what kills the server."""
        error: Row = {
            "code": "given_up",
            "message": f"the run was interrupted {run['attempts']} times at the same step and is not tried again",
            "next_action": "Start it anew; if that ends the server too, report the brief.",
            "details": {},
        }
        await asyncio.to_thread(self.records.fail, run, error)

    # --- starting ---------------------------------------------------------------------------------------------

    async def start(
        self,
        brief: str | None,
        *,
        project_id: str | None = None,
        mode: str = "execute",
        answers: dict[str, str] | None = None,
        approval: str | None = None,
        depth: Depth = "full",
        program: Row | None = None,
        change: str = "",
        only_answers: bool = False,
        llm: str | None = None,
        max_cost_usd: float | None = None,
        max_time_s: float | None = None,
        approve_release: bool = False,
        conversation: Row | None = None,
    ) -> Row:
        """Start a run, or give a waiting one its answer; returns the run's row.

        ``depth`` "fast" leaves the finite elements out, ``program`` builds a given KCL program, ``change`` says in
        words what differs and becomes the revision's label; with ``only_answers`` the former answers are dropped.
        With another ``brief`` those are kept that answer what it leaves open.
        ``llm`` names the language model provider that may be asked, and ``max_cost_usd`` is the most that it may cost;
        ``max_time_s`` ends the run when it has worked for so long. With ``approve_release`` a person is asked before
        anything is handed over. ``conversation`` is what was said before it; it becomes part of the revision.

        Without a ``brief`` the project's own is used, with its former answers and the new ones. A project whose plan
        waits goes on with ``approval`` ("approved", "rejected" or "rejected: why"), or with ``mode="execute"``, which
        approves it; a release that waits goes on with ``approval`` alone. ConflictError where a run of the project is
        still going.
        """
        if project_id is not None:
            project_name(project_id)
        project = await self._known(project_id) if project_id else None
        if project is not None:
            latest = await asyncio.to_thread(self.store.latest_run, project["id"])
            if latest and latest["status"] in ("queued", "running", "paused"):
                raise ConflictError(
                    f"a run of project {project_id!r} is still going",
                    next_action="Wait for it, or cancel it.",
                    run_id=latest["id"],
                )
            if latest and latest["status"] == "waiting" and brief is None and not answers:
                return await self._go_on(latest, approval, mode)
        if brief is None and project is None:
            raise InputError(
                "there is nothing to design: no brief was given",
                next_action="Give 'user_intent': what the part is, its sizes, what it must carry and its material.",
                code="empty_brief",
            )
        same = project is not None and brief in (None, project["brief"])
        words = project["brief"] if project is not None and brief is None else str(brief)
        former = project["answers"] if project is not None and not only_answers else {}
        if former and not same:
            former = await asyncio.to_thread(still_answering, words, former)
        known = {**former, **(answers or {})}
        identity = project_id or f"p-{uuid.uuid4().hex[:12]}"
        await asyncio.to_thread(self.store.put_project, identity, brief=words, answers=known)
        request = {"brief": words, "answers": known, "approval": approval, "depth": depth, "change": change}
        request |= {"program": program, "llm": llm, "max_cost_usd": max_cost_usd}
        request |= {"max_time_s": max_time_s, "approve_release": approve_release}
        former = await asyncio.to_thread(self.store.latest_run, identity)
        earlier = former["request"].get("conversation") if former is not None and same else None
        request |= {"conversation": conversation or earlier}
        run = await asyncio.to_thread(self.store.add_run, identity, mode=mode, request=request)
        if former is not None:  # what was kept of it for another try is not needed any more
            await self._clear(former)
        self.bus.publish(identity, "status", text="queued", data={"run_id": run["id"], "mode": mode})
        self.launch(run)
        return run

    async def _known(self, project_id: str) -> Row | None:
        try:
            return await asyncio.to_thread(self.store.project, project_id)
        except NotFoundError:
            return None

    async def _go_on(self, run: Row, answer: str | None, mode: str) -> Row:
        state = await self.runner.state(thread_of(run))
        subject = awaited(state) if state is not None else "plan"
        if answer is None and subject == "plan" and mode == "execute":
            answer = "approved"
        if answer is None:
            also = ", or mode 'execute' to approve it" if subject == "plan" else ""
            raise ConflictError(
                f"the {subject} of project {run['project_id']!r} waits for approval",
                next_action=f"Send 'approval': 'approved' or 'rejected'{also}.",
            )
        # A release is approved by its content: the word given for one never releases another.
        named = state["manufacturing"]["release"]["digest"] if state is not None and subject == "release" else None
        given = {"approval": answer} if named is None else {"release_approval": {"digest": named, "answer": answer}}
        request = {**run["request"], **given}
        await asyncio.to_thread(self.store.set_request, run["id"], request)  # the answer survives a crash from here on
        if self.settings.role == "web":
            await asyncio.to_thread(self.store.change_status, run["id"], "waiting", "queued")
        self.launch({**run, "request": request})
        return run

    def launch(self, run: Row) -> None:
        """Drive a run here; a server of the role "web" leaves it to the workers.

        A run is driven once at a time: where it is (its approval came twice, or as its wait was written down), it is
        looked at again when that has ended.
        """
        if self.settings.role == "web":
            return
        before = self._tasks.get(run["id"])
        if before is not None:
            before.add_done_callback(lambda ended: None if ended.cancelled() else self.launch(run))
            return
        task = asyncio.create_task(self._drive(run), name=run["id"])
        self._tasks[run["id"]] = task
        task.add_done_callback(lambda _: self._tasks.pop(run["id"], None))

    # --- driving ----------------------------------------------------------------------------------------------

    async def _drive(self, run: Row) -> None:
        """One run from where it is to where it ends or waits."""
        run_id, project_id = run["id"], run["project_id"]
        try:
            async with self._slots:
                if not await asyncio.to_thread(self.store.claim, run_id, self.owner, LEASE_S):
                    return
                self._claimed[run_id] = project_id
                with written_down(self.ledger(run)):
                    run, state, waits = await self._steered(run)
                await self._conclude(run, state, waits)
        except Paused as paused:
            self._claimed.pop(run_id, None)  # from here on it is not held, and nobody may take that for lost
            await asyncio.to_thread(self.records.pause, run, paused.stage, paused.ids)
        except asyncio.CancelledError:
            if run_id in self._cancelled:
                self._cancelled.discard(run_id)
                await asyncio.shield(asyncio.to_thread(self.records.end, run, "cancelled", "cancelled"))
            else:  # the server stops: the run goes on when it starts again
                await asyncio.shield(asyncio.to_thread(self.store.release, run_id, self.owner))
            raise
        except Exception as problem:
            if is_passing(problem):
                logger.warning("run %s: %s; it goes on when that has passed", run_id, problem)
                await self._lay_down(run_id)
                return
            logger.exception("run %s of project %s failed", run_id, project_id)
            self._claimed.pop(run_id, None)
            error = describe(problem)
            with contextlib.suppress(Exception):
                await asyncio.to_thread(self.records.fail, run, error)
        finally:
            self._claimed.pop(run_id, None)

    async def _steered(self, run: Row) -> tuple[Row, RunState, bool]:
        """Advance a run within its time, beginning anew with each message that comes in on the way."""
        while True:
            begun, limit_s = time.monotonic(), run["request"].get("max_time_s")
            used_s = float(run["request"].get("used_s") or 0.0)
            token = control.looking(functools.partial(self._look, run["id"]))
            try:
                async with asyncio.timeout(None if limit_s is None else max(0.0, limit_s - used_s)):
                    state, waits = await self._advance(run)
                return run, state, waits
            except Steered as steered:
                run = await self.take_in(run, steered.messages)
            except TimeoutError as problem:
                raise OutOfTime(limit_s or 0.0) from problem
            finally:
                control.unlook(token)
                if limit_s is not None:
                    run = {**run, "request": {**run["request"], "used_s": used_s + time.monotonic() - begun}}
                    with contextlib.suppress(Exception):
                        await asyncio.shield(asyncio.to_thread(self.store.set_request, run["id"], run["request"]))

    async def _look(self, run_id: str, stage: str) -> None:
        """Before a node: is a pause asked for, or a message there? The pause goes first; messages wait for its end."""
        found = await asyncio.to_thread(self.controls.pending, run_id)
        pauses = [row["id"] for row in found if row["kind"] == "pause"]
        if pauses:
            raise Paused(stage, pauses)
        messages = [row for row in found if row["kind"] == "message"]
        if messages:
            raise Steered(messages)

    async def take_in(self, run: Row, messages: list[Row]) -> Row:
        """Correct the words of a run by what a person says, and have it begin anew with them; returns the run.

        A message that can't be understood is told, and changes nothing.
        """
        request = run["request"]
        brief, answers, told, refused = request["brief"], request["answers"], list[str](), list[Row]()
        state = await self.runner.state(thread_of(run))
        for message in messages:
            try:
                brief, answers, changes = await asyncio.to_thread(
                    amended, brief, answers, message["text"], state["design"] if state else None
                )
                told.append("; ".join(changes))
            except InputError as problem:
                text = f"not taken in: {message['text']!r}: {problem.message}"
                refused.append({"kind": "status", "text": text, "data": problem.as_dict()})
        corrected = None
        if told:
            corrected = {**request, "brief": brief, "answers": answers, "program": None}
            said = [{"role": "user", "text": message["text"]} for message in messages]
            corrected["conversation"] = longer(request.get("conversation"), said)
            corrected["spent"] = await self.spent(run, state)  # stays spent, and counts against the run's limit
            corrected = anew(run["id"], corrected, thread_of(run))
        taken = [{"kind": "status", "text": f"taken in: {text}", "data": {"run_id": run["id"]}} for text in told]
        ids = [message["id"] for message in messages]
        if not await asyncio.to_thread(self.records.take_in, run, corrected, ids, [*refused, *taken]):
            return {**await asyncio.to_thread(self.store.run, run["id"]), "status": "running"}
        return {**run, "request": corrected or request, "status": "running"}

    async def _lay_down(self, run_id: str) -> None:
        """Leave a run to be taken up again; where not even that can be written, its lease will run out."""
        self._claimed.pop(run_id, None)
        with contextlib.suppress(Exception):
            await asyncio.to_thread(self.store.release, run_id, self.owner)

    async def _advance(self, run: Row) -> tuple[RunState, bool]:
        """Start, resume or answer, whichever the run's checkpoints call for."""
        from backend.compute import get_pool

        get_pool().warm("geometry", "fem")
        run_id, project_id = run["id"], run["project_id"]
        again = run["request"].get("again")
        fresh = again and run["status"] != "waiting"
        if fresh and await self.runner.newest(thread_of(run)) == run["request"].get("again_from"):
            self.bus.publish(project_id, "status", stage=again, text=f"again: {again}", data={"run_id": run_id})
            found = await self.runner.again(project_id, thread_of(run), again, spent=run["request"].get("spent") or [])
            if found is None:
                raise ConflictError(f"nothing is kept from which {again!r} could be done again", next_action="Run it.")
            return found
        thread = thread_of(run)
        before = await self.runner.state(thread)
        await asyncio.to_thread(self.store.note_step, run_id, await self.runner.step(thread))
        if before is not None and run["status"] == "waiting":
            state, waits = before, True
        elif before is not None:
            self.bus.publish(project_id, "status", text="resumed after an interruption", data={"run_id": run_id})
            state, waits = await self.runner.resume(project_id, thread)
        else:
            self.bus.publish(project_id, "status", text="running", data={"run_id": run_id})
            state, waits = await self.runner.start(await asyncio.to_thread(self._begin, run), thread)
        for _ in range(2):  # the plan, then the release
            answer = self._answer_to(run["request"], state) if waits else None
            if answer is None:
                break
            text = f"{awaited(state)} {answer}"
            self.bus.publish(project_id, "status", text=text, data={"run_id": run_id})
            state, waits = await self.runner.answer(project_id, thread, answer)
        return state, waits

    @staticmethod
    def _answer_to(request: Row, state: RunState) -> str | None:
        """What a person has said to what this state waits for, if anything."""
        if awaited(state) == "plan":
            return request.get("approval")
        said = request.get("release_approval") or {}
        same = said.get("digest") == state["manufacturing"]["release"]["digest"]
        return str(said["answer"]) if same else None

    def _begin(self, run: Row) -> RunState:
        work = self._work_dir(run)
        (work / "out").mkdir(parents=True, exist_ok=True)
        return begin(
            run["project_id"],
            run["request"]["brief"],
            mode=run["mode"],
            work_dir=str(work),
            out_dir=str(work / "out"),
            answers=run["request"]["answers"],
            max_repair_rounds=self.settings.max_repair_rounds,
            depth=run["request"].get("depth", "full"),
            program=run["request"].get("program"),
            llm=run["request"].get("llm"),
            max_cost_usd=run["request"].get("max_cost_usd"),
            approve_release=bool(run["request"].get("approve_release")),
            spent=run["request"].get("spent") or [],
            conversation=run["request"].get("conversation"),
        )

    def ledger(self, run: Row) -> CallLedger:
        """Where what language models take for this run is written down."""
        return CallLedger(self.store.engine, thread_of(run))

    async def spent(self, run: Row, state: RunState | None) -> list[Row]:
        """What language models have taken for a run: its account, and what was cut off before it came there."""
        known = state["run"]["spent"] if state is not None else run["request"].get("spent") or []
        return joined(known, await asyncio.to_thread(self.ledger(run).calls))

    def _work_dir(self, run: Row) -> Path:
        return Path(self.settings.projects_dir, run["project_id"], thread_of(run))

    async def _conclude(self, run: Row, state: RunState, waits: bool) -> None:
        """Keep what the run made, say how it ended, and clear away what was only needed on the way.

        May be cut short at any point and done again: artefacts are named by content, a run makes one revision, and the
        checkpoints go last.
        """
        run_id, project_id = run["id"], run["project_id"]
        state = {**state, "run": {**state["run"], "spent": await self.spent(run, state)}}
        project = finished(state, waits=waits)
        project = await asyncio.to_thread(keep_artifacts, self.artifacts, project, state["run"]["files"])
        failed = failure(state)
        status, label = self._outcome(project, waits, failed is not None)
        if status == "done" and run["request"].get("change"):
            label = str(run["request"]["change"])
        kept = self.artifacts.put_json(project, name="design.json")
        if not (waits and await asyncio.to_thread(self._is_head, project_id, kept)):
            await asyncio.to_thread(
                self.store.add_revision,
                project_id,
                state=kept,
                label=label,
                figures=figures(project, state["run"]),
                run_id=run_id if not waits else None,
            )
        monitor.count("brick_runs_total", 1, status=status)
        self._claimed.pop(run_id, None)  # from here on, that the lease is gone is as it should be
        error, kind = failed.as_dict() if failed else None, "status" if waits else "done"
        if not await asyncio.to_thread(self.records.end, run, status, label, error=error, kind=kind):
            return  # somebody cancelled it in the last moment, and said so
        if not waits and not (failed or project["core"]["errors"]):  # else a node of it may be tried again
            await self._clear(run)

    def _is_head(self, project_id: str, state: str) -> bool:
        """Whether the project's head is this state: a wait that was concluded twice makes one revision."""
        head = self.store.project(project_id)["head"]
        return head is not None and bool(self.store.revision(head)["state"] == state)

    async def _clear(self, run: Row) -> None:
        """Drop what was only needed on a run's way: its checkpoints and its folders."""
        for thread in (*run["request"].get("left", ()), thread_of(run)):
            await self.runner.forget(thread)
            folder = Path(self.settings.projects_dir, run["project_id"], thread)
            await asyncio.to_thread(shutil.rmtree, folder, True)

    @staticmethod
    def _outcome(project: AgentState, waits: bool, failed: bool) -> tuple[str, str]:
        release = project["manufacturing"]["release"]
        if waits:
            return "waiting", "release waits for approval" if release.get("status") == "waiting" else PLAN_WAITS
        if project["design"]["questions"]:
            return "questions", "waits for an answer"
        if failed:
            return "failed", "failed: " + "; ".join(project["core"]["errors"][-1:])
        if project["user_approval"] == "rejected":
            refused = release.get("status") == "rejected"
            return "rejected", f"release rejected: {release['reason']}" if refused else PLAN_REJECTED
        return "done", str(project["validation"]["verification_report"].get("status", "ended"))

    # --- looking and steering ---------------------------------------------------------------------------------

    async def wait(self, run_id: str, timeout_s: float | None = None) -> bool:
        """Wait until a run ends or waits for a person; False when the time is up first."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while (task := self._tasks.get(run_id)) is not None:
            left_s = None if deadline is None else max(0.0, deadline - time.monotonic())
            done, _ = await asyncio.wait({task}, timeout=left_s)
            if not done:
                return False
        while (await asyncio.to_thread(self.store.run, run_id))["status"] in ("queued", "running"):
            if deadline is not None and time.monotonic() > deadline:
                return False
            await asyncio.sleep(FOLLOW_S)
        return True

    async def cancel(self, project_id: str) -> Row:
        """Stop the project's run. ConflictError where none is going."""
        await asyncio.to_thread(self.store.project, project_id)
        run = await asyncio.to_thread(self.store.latest_run, project_id)
        if run is None or run["status"] in ENDED:
            raise ConflictError(f"no run of project {project_id!r} is going", next_action="There is nothing to cancel.")
        task = self._tasks.get(run["id"])
        if task is None:
            await asyncio.to_thread(self.records.end, run, "cancelled", "cancelled")
        else:
            self._cancelled.add(run["id"])
            task.cancel()
            await asyncio.wait({task})
        return await asyncio.to_thread(self.store.run, run["id"])

    async def view(self, project_id: str) -> tuple[AgentState, Row | None]:
        """The project's present state, and its latest run. While a run goes, the state at its last checkpoint."""
        # The run before the project: one that has ended has left its revision, which the project read after it shows.
        run = await asyncio.to_thread(self.store.latest_run, project_id)
        project = await asyncio.to_thread(self.store.project, project_id)
        if run is not None and run["status"] in ("queued", "running", "waiting", "paused"):
            state = await self.runner.state(thread_of(run))
            if state is not None:
                # What waits for its release can be looked at; until then files are only being made.
                waits = run["status"] == "waiting"
                files = state["run"]["files"] if waits else {}
                shown = finished({**state, "run": {**state["run"], "files": files}}, waits=waits)
                return await asyncio.to_thread(keep_artifacts, self.artifacts, shown, files), run
        if project["head"] is not None and (run is None or run["status"] not in ("queued", "running")):
            revision = await asyncio.to_thread(self.store.revision, project["head"])
            return cast(AgentState, await asyncio.to_thread(self.artifacts.get_json, revision["state"])), run
        return new_state(project_id, project["brief"]), run

    async def answers(self, project_id: str) -> dict[str, str]:
        """The answers that the project's present brief has. Raises NotFoundError."""
        project = await asyncio.to_thread(self.store.project, project_id)
        return dict(project["answers"])

    async def latest(self, limit: int) -> list[Row]:
        """The latest projects."""
        return await asyncio.to_thread(self.store.list_projects, limit)

    async def events(self, project_id: str, since: int, limit: int) -> list[Row]:
        """Events of a project after ``since``. NotFoundError where there is no such project."""
        await asyncio.to_thread(self.store.project, project_id)
        return [*await asyncio.to_thread(self.bus.replay, project_id, since, limit)]
