"""``./brick design``: the main job, told as it happens."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.commands.folders import result_folder
from backend.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

MAX_BRIEF = 20_000  # characters
MAX_QUESTION_ROUNDS = 6


def _read_brief(brief: str) -> str:
    text = sys.stdin.read() if brief == "-" else brief
    if len(text) > MAX_BRIEF:
        raise InputError(
            f"The brief has {len(text)} characters; at most {MAX_BRIEF} are read.",
            next_action="Keep to what the part must do: sizes, loads, material, limits.",
        )
    return text


def _parse_answers(pairs: Sequence[str]) -> dict[str, str]:
    answers = {}
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not separator or not name.strip():
            raise InputError(
                f"--answer {pair!r} is not of the form ID=TEXT.",
                next_action="For example: --answer load_force='300 lb'",
            )
        answers[name.strip()] = text.strip()
    return answers


class Progress:
    """Shows the events of a run on standard error: a live line a stage on a terminal, plain lines elsewhere."""

    def __init__(self, quiet: bool, verbose: bool = False) -> None:
        from rich.console import Console

        self.quiet, self.verbose = quiet, verbose
        self.console = Console(stderr=True, highlight=False)
        self.started: dict[str, float] = {}
        self.begin = time.monotonic()
        self.status: Any = None
        self.revision: int | None = None  # under which the design was recorded
        self.unrecorded = ""
        self.broken: str | None = None  # the stage that told an error: its end is no success

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Takes one event of :func:`backend.orchestrator.run_design`."""
        if event.get("kind") == "status":
            self.revision = (event.get("data") or {}).get("revision", self.revision)
            self.unrecorded = str(event["text"]) if "not recorded" in str(event["text"]) else self.unrecorded
        if self.quiet:
            return
        kind, stage, text = event.get("kind"), str(event.get("stage") or ""), str(event.get("text") or "")
        if kind == "stage_started":
            self.started[stage] = time.monotonic()
            self._spin(text or stage)
        elif kind == "stage_finished" and stage == self.broken:
            self.broken = None
        elif kind == "stage_finished":
            elapsed = time.monotonic() - self.started.pop(stage, time.monotonic())
            self._line(f"[green]✓[/] {_plain(text or stage)} [dim]{elapsed:.1f} s[/]")
        elif kind == "thought" and self.verbose:
            self._line(f"  [dim]{_plain(text)}[/]")
        elif kind == "error":
            self.broken = stage or None
            self._line(f"[red]✗[/] {_plain(text)}")

    def _spin(self, text: str) -> None:
        if self.console.is_terminal:
            if self.status is None:
                self.status = self.console.status(text)
                self.status.start()
            self.status.update(f"{text} …")

    def _line(self, text: str) -> None:
        self.console.print(text, soft_wrap=not self.console.is_terminal)

    def close(self) -> None:
        """Takes the live line away."""
        if self.status is not None:
            self.status.stop()
            self.status = None


def _plain(text: str) -> str:
    return text.replace("[", "\\[")


def _ask(
    questions: Sequence[Mapping[str, Any]], console: Console, refused: Callable[[dict[str, str]], str | None]
) -> dict[str, str]:
    """A person's answers; one that ``refused`` says can't be used is asked for again, with the reason."""
    answers: dict[str, str] = {}
    for question in questions:
        console.print(f"\n[bold]{_plain(question['text'])}[/]")
        console.print(f"  [dim]{_plain(question['reason'])}[/]")
        if question.get("options"):
            console.print(f"  one of: {', '.join(question['options'])}")
        elif question.get("example"):
            console.print(f"  for example: {_plain(question['example'])}")
        default = question.get("default")
        prompt = f"  answer [{default}]: " if default else "  answer: "
        while True:
            try:
                text = input(prompt).strip()
            except EOFError:
                return answers
            if not (text or default):
                continue
            given = {**answers, str(question["id"]): text or str(default)}
            reason = refused(given)
            if reason is None:
                answers = given
                break
            console.print(f"  [yellow]{_plain(reason)}[/]", soft_wrap=True)
    return answers


def _refused(brief: str, known: dict[str, str], given: dict[str, str]) -> str | None:
    """Why the ``given`` answers can't be used beside those ``known``, in a line; None where they can."""
    from backend.intent import read_brief

    try:
        read_brief(brief, {**known, **given})
    except InputError as problem:
        if problem.code == "not_understood":  # the brief itself: nothing an answer could mend
            return None
        return f"{problem.message}. {problem.next_action}"
    return None


def _show_questions(questions: Sequence[Mapping[str, Any]], out: Path, brief: str) -> None:
    print("The brief leaves open:", file=sys.stderr)
    for question in questions:
        print(f"  {question['id']}: {question['text']}", file=sys.stderr)
        print(f"      why: {question['reason']}", file=sys.stderr)
        if question.get("options"):
            print(f"      one of: {', '.join(question['options'])}", file=sys.stderr)
        if question.get("example"):
            print(f"      for example: {question['example']}", file=sys.stderr)
    first = questions[0]
    example = first.get("default") or first.get("example") or "…"
    words = json.dumps(str(example), ensure_ascii=False)
    print(f"Answer in the brief, or with: --answer {first['id']}={words}", file=sys.stderr)


async def _line() -> str:
    """A line from the terminal; "" at its end. No thread waits for it, so that Ctrl-C ends the program at once."""
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[str] = loop.create_future()
    terminal = sys.stdin.fileno()

    def read() -> None:
        if not typed.done():
            typed.set_result(sys.stdin.readline())

    loop.add_reader(terminal, read)
    try:
        return await typed
    finally:
        loop.remove_reader(terminal)


async def _release(shown: Mapping[str, Any], progress: Progress) -> str:
    """A person's word on what is to be released, asked at the terminal; without one it is not released."""
    progress.close()
    mass = f", {shown['mass_g']:.4g} g" if shown.get("mass_g") is not None else ""
    progress.console.print(f"\n[bold]{_plain(str(shown['question']))}[/] verdict {_plain(str(shown['verdict']))}{mass}")
    progress.console.print(f"  {_plain(str(shown['summary']))}\n  [dim]content {shown['digest'][:12]}[/]")
    progress.console.print("  yes, or why not: ", end="")
    word = (await _line()).strip()
    if word.lower() in ("y", "yes", "ok", "approve", "approved"):
        return "approved"
    return "rejected" if word.lower() in ("", "n", "no") else f"rejected: {word}"


async def _run(
    brief: str,
    out: Path,
    answers: Mapping[str, str],
    progress: Progress,
    project: str | None,
    llm: str | None,
    approve_release: bool,
) -> dict[str, Any]:
    from backend.orchestrator import run_design

    state = await run_design(
        brief,
        out_dir=out,
        answers=dict(answers),
        on_event=progress,
        project_id=project,
        llm=llm,
        record=True,
        approve_release=approve_release,
        release=lambda shown: _release(shown, progress),
    )
    return dict(state)


@contextlib.contextmanager
def _ready() -> Iterator[None]:
    """The agents, those of other packages among them, and the tracing, once for all rounds of questions."""
    from backend.agent_registry import registry
    from backend.config.settings import get_settings
    from backend.monitoring.tracing import close_tracing, set_up_tracing

    registry.initialize()
    set_up_tracing(get_settings().otlp_endpoint)
    try:
        yield
    finally:
        close_tracing()


def design_command(
    brief: str,
    out: Path,
    *,
    answers: Sequence[str],
    no_input: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool = False,
    project: str | None = None,
    llm: str | None = None,
    approve_release: bool = False,
) -> int:
    """Runs a design, records it as a revision of ``project`` and prints its summary; returns the exit status."""
    begin = time.monotonic()
    text = _read_brief(brief)
    known = _parse_answers(answers)
    interactive = not no_input and not as_json and sys.stdin.isatty() and brief != "-"
    _check_project(project)
    if approve_release and not interactive:
        raise InputError(
            "--approve-release asks at the terminal, and nobody can be asked here.",
            next_action="Leave out --no-input and --json and give the brief as an argument at a terminal; or run it on "
            "the server (approve_release), where it waits for as long as it takes.",
        )
    result_folder(out)
    progress = Progress(quiet or as_json, verbose)
    try:
        from backend.compute import get_pool

        get_pool().warm("geometry")
        with _ready():
            state = _asked_and_run(
                text,
                known,
                progress,
                lambda known: _run(text, out, known, progress, project, llm, approve_release),
                interactive,
            )
    finally:
        progress.close()
        from backend.compute import get_pool

        get_pool().close()

    questions = state["design"]["questions"]
    status = _exit_status(state)
    if as_json:
        told = {**_as_json(state, out, status, time.monotonic() - begin), "revision": progress.revision}
        print(json.dumps(told, indent=2))
    elif questions:
        _show_questions(questions, out, text)
    else:
        from backend.commands.design_summary import print_summary

        print_summary(state, out, time.monotonic() - begin)
        if progress.revision and not quiet:
            print(
                f"revision {progress.revision} of project {state['core']['project_id']}; ./brick log shows its history"
            )
    if progress.unrecorded:
        print(progress.unrecorded, file=sys.stderr)
    return status


def _asked_and_run(
    brief: str,
    known: dict[str, str],
    progress: Progress,
    run: Callable[[dict[str, str]], Coroutine[Any, Any, dict[str, Any]]],
    interactive: bool,
) -> dict[str, Any]:
    """The state of a run, after as many rounds of questions as a person at the terminal answers."""
    state: dict[str, Any] = {}
    new: dict[str, str] = {}
    for _ in range(MAX_QUESTION_ROUNDS):
        try:
            state = asyncio.run(run(known))
        except InputError as problem:
            if not new:
                raise
            progress.close()
            progress.console.print(f"[red]{_plain(problem.message)}[/] {_plain(problem.next_action)}")
            known = {name: answer for name, answer in known.items() if name not in new}
            new = {}
            continue
        questions = state["design"]["questions"]
        if not questions or not interactive:
            break
        progress.close()
        new = _ask(questions, progress.console, functools.partial(_refused, brief, dict(known)))
        if not new:
            break
        known = {**known, **new}
    return state


def _check_project(project: str | None) -> None:
    from backend.orchestration.state import PROJECT_ID

    if project is not None and not PROJECT_ID.fullmatch(project):
        raise InputError(
            f"{project[:60]!r} can't be the id of a project.",
            next_action="Use letters, digits and _ . - (at most 128).",
        )


def _exit_status(state: Mapping[str, Any]) -> int:
    if state["design"]["questions"]:
        return 2
    verdict = state["validation"]["verification_report"]
    if not verdict:
        return 3
    if state["user_approval"] == "rejected":
        return 1
    return 0 if verdict["status"] == "pass" else 1


def _as_json(state: Mapping[str, Any], out: Path, status: int, elapsed_s: float) -> dict[str, Any]:
    verdict = state["validation"]["verification_report"] or None
    files = sorted(path.name for path in out.iterdir() if path.is_file()) if out.is_dir() and verdict else []
    return {
        "exit_status": status,
        "project_id": state["core"]["project_id"],
        "questions": state["design"]["questions"],
        "verdict": verdict,
        "quality_review": state["validation"]["quality_review_report"] or None,
        "release": state["manufacturing"]["release"] or None,
        "parameters": state["design"]["design_parameters"],
        "errors": state["core"]["errors"],
        "out": str(out),
        "files": files,
        "elapsed_s": round(elapsed_s, 2),
    }
