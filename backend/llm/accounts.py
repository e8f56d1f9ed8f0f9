"""What language models cost: tokens and money by run, held against a limit before each call."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from backend.llm.errors import LlmBudget

logger = logging.getLogger(__name__)

CUT_OFF = "cut_off"  # the error of a call whose process ended before the call did


@dataclass(frozen=True)
class Spent:
    """One proposal: what it took. ``cost_usd`` is None where no price of the model is known."""

    provider: str
    model: str
    task: str
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None
    elapsed_s: float = 0.0
    prompt: str = ""  # "name@version" of the prompt file
    error: str = ""  # the code of the error that it ended with
    id: str = ""  # of the call, so that it is never entered twice

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON data."""
        return asdict(self)


class Ledger(Protocol):
    """Where calls last, whatever becomes of the process that made them."""

    def note(self, call: dict[str, Any]) -> None:
        """Write down what is known of a call so far, by its ``id``."""

    def calls(self) -> list[dict[str, Any]]:
        """All calls that were written down, oldest first."""


_ledger: ContextVar[Ledger | None] = ContextVar("brick_llm_ledger", default=None)


@contextlib.contextmanager
def written_down(ledger: Ledger) -> Iterator[None]:
    """Within this block, what a call takes is noted in ``ledger`` as soon as it is answered."""
    token = _ledger.set(ledger)
    try:
        yield
    finally:
        _ledger.reset(token)


def noted() -> list[dict[str, Any]]:
    """The calls in the ledger of this context. May wait for the disk."""
    ledger = _ledger.get()
    return ledger.calls() if ledger is not None else []


def joined(known: Iterable[dict[str, Any]], calls: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries that are known, and those calls that are not among them: makes an account whole after a kill."""
    entries = list(known)
    ids = {entry.get("id") for entry in entries}
    return entries + [call for call in calls if call["id"] not in ids]


class Account:
    """Adds up what one run spends. Thread-safe.

    ``limit_usd`` and ``limit_tokens`` (input and output together) are checked before a call: what is under way is
    finished. A call whose price is not known counts by its tokens only; a limit in money then can't hold it, so such a
    model is refused where only money is limited.
    """

    def __init__(self, limit_usd: float | None = None, limit_tokens: int | None = None) -> None:
        self.limit_usd, self.limit_tokens = limit_usd, limit_tokens
        self.entries: list[Spent] = []
        self._lock = threading.Lock()

    def add(self, spent: Spent) -> None:
        """Enter one proposal."""
        with self._lock:
            self.entries.append(spent)

    @staticmethod
    def note(spent: Spent) -> None:
        """Write what a call took so far into the ledger of this context, if there is one. May wait for the disk.

        A ledger that can't be written (a full disk) is told in the log: the answer is worth more than the note.
        """
        ledger = _ledger.get()
        if ledger is None:
            return
        try:
            ledger.note(spent.as_dict())
        except Exception:
            logger.exception("what a language model took could not be written down; the run's account still has it")

    def check(self) -> None:
        """Raise LlmBudget where a limit is reached."""
        sums = self.totals()
        if self.limit_usd is not None and (sums["cost_usd"] or 0.0) >= self.limit_usd:
            raise LlmBudget(
                f"the language model has cost {sums['cost_usd']:.4f} USD of the {self.limit_usd:g} USD allowed",
                next_action="Allow more (max_cost_usd), or go on from what there is.",
                **sums,
            )
        if self.limit_usd is not None and self.limit_tokens is None and sums["unpriced"]:
            raise LlmBudget(
                "the price of this language model is not known, so a limit in money can't hold it",
                next_action="Limit the tokens instead (BRICK_LLM_MAX_TOKENS), or choose a model with a known price.",
                **sums,
            )
        if self.limit_tokens is not None and sums["tokens"] >= self.limit_tokens:
            raise LlmBudget(
                f"the language model has used {sums['tokens']} of the {self.limit_tokens} tokens allowed",
                next_action="Allow more (BRICK_LLM_MAX_TOKENS), or go on from what there is.",
                **sums,
            )

    def totals(self) -> dict[str, Any]:
        """requests, input_tokens, output_tokens, tokens, cost_usd (of what is priced), unpriced calls."""
        with self._lock:
            entries = list(self.entries)
        priced = [entry.cost_usd for entry in entries if entry.cost_usd is not None]
        sums = {
            "requests": sum(entry.requests for entry in entries),
            "input_tokens": sum(entry.input_tokens for entry in entries),
            "output_tokens": sum(entry.output_tokens for entry in entries),
        }
        return {
            **sums,
            "tokens": sums["input_tokens"] + sums["output_tokens"],
            "cost_usd": sum(priced),
            "unpriced": sum(entry.cost_usd is None and entry.requests > 0 for entry in entries),
        }
