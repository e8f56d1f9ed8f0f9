"""A language model over HTTP: one proposal with its time limit, retries with backoff, streaming and account.

pydantic-ai speaks each provider's protocol; it is imported when the first proposal is asked for.
"""

from __future__ import annotations

import asyncio
import functools
import random
import time
import uuid
from collections.abc import AsyncIterable, Callable
from typing import TYPE_CHECKING, Any

from backend.llm import catalog
from backend.llm.accounts import CUT_OFF, Spent
from backend.llm.errors import (
    LlmDenied,
    LlmError,
    LlmNonsense,
    LlmRateLimited,
    LlmRefused,
    LlmTimeout,
    LlmUnavailable,
)
from backend.llm.provider import Proposal, Provider, Terms
from backend.llm.redaction import redacted, secrets_of
from backend.monitoring import monitor, span

if TYPE_CHECKING:
    from backend.config.settings import Settings

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0  # a provider that asks for more is left, and the next one of the chain is asked
FORM_RETRIES = 2  # how often the model is told that its answer doesn't fit the form
MOST_REQUESTS = 12  # of one proposal: tool calls and corrections of the form included
SHOWN = 300  # characters of a model's words in an error


class RemoteProvider(Provider):
    """One model of one provider. ``sleep`` is how it waits between attempts."""

    def __init__(
        self, settings: Settings, name: str, model: str | None = None, sleep: Callable[[float], Any] = asyncio.sleep
    ) -> None:
        self.settings, self.name, self._sleep = settings, name, sleep
        self.model = catalog.model_name(settings, name, model)
        catalog.key_of(settings, name)  # a provider that is not set up is an error now, not in the middle of a run
        self._secrets = secrets_of(settings)

    async def propose(self, task: str, prompt: str, form: type[Proposal], terms: Terms | None = None) -> Proposal:
        """A proposal of the type ``form``.

        What passes (a timeout, a lost connection, a rate limit, a failure of the server) is tried again up to
        ``llm_retries`` times, with waits that double and jitter, or as long as the provider asks for up to
        :data:`LONGEST_WAIT_S`. Every attempt is entered in the account. Raises LlmError.
        """
        terms = terms or Terms()
        retries = self.settings.llm_retries
        for attempt in range(retries + 1):
            terms.account.check()
            try:
                return await self._once(task, prompt, form, terms)
            except LlmError as problem:
                wait_s = self._wait_s(problem, attempt)
                if not problem.passing or attempt == retries or wait_s > LONGEST_WAIT_S:
                    problem.details |= {"attempts": attempt + 1, "provider": self.name, "model": self.model}
                    raise
                await self._sleep(wait_s)
        raise AssertionError("unreachable")

    @staticmethod
    def _wait_s(problem: LlmError, attempt: int) -> float:
        asked = problem.details.get("retry_after_s")
        if asked is not None:
            return float(asked)
        longest = min(FIRST_WAIT_S * 2.0**attempt, LONGEST_WAIT_S)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries, guards nothing

    async def _once(self, task: str, prompt: str, form: type[Proposal], terms: Terms) -> Proposal:
        from pydantic_ai import Agent

        model = await asyncio.to_thread(catalog.make_model, self.settings, self.name, self.model)
        agent: Any = Agent(
            model,
            output_type=self._form(form),
            instructions=redacted(terms.instructions, self._secrets) or None,
            tools=[_answering(tool) for tool in terms.tools],
            retries=FORM_RETRIES,
        )
        with span(f"llm {self.name}", model=self.model):
            proposal: Proposal = await self._asked(agent, model, task, self._content(prompt, terms), terms)
            return proposal

    def _content(self, prompt: str, terms: Terms) -> list[Any]:
        from pydantic_ai import BinaryContent

        content: list[Any] = [redacted(prompt, self._secrets)]
        content += [BinaryContent(data=png, media_type="image/png") for png in terms.pictures]
        return content

    async def _asked(self, agent: Any, model: Any, task: str, content: list[Any], terms: Terms) -> Any:
        """One attempt: asks, enters what it took in the account, and makes the library's errors ours."""
        from pydantic_ai import UsageLimits, capture_run_messages
        from pydantic_ai.usage import RunUsage

        from backend.llm.answered import answered

        usage, begun, error, call = RunUsage(), time.perf_counter(), "", uuid.uuid4().hex

        async def note(so_far: Any) -> None:
            """Each answer is written down before anybody acts on it."""
            spent = self._entry(call, task, so_far, time.perf_counter() - begun, terms.prompt_id, CUT_OFF)
            await asyncio.to_thread(terms.account.note, spent)

        with capture_run_messages() as messages:
            try:
                async with asyncio.timeout(self.settings.llm_timeout_s):
                    result = await agent.run(
                        content,
                        model=answered(model, note),
                        usage=usage,
                        usage_limits=UsageLimits(request_limit=MOST_REQUESTS),
                        # the clients' own retries would hide what happens from the account
                        model_settings={"timeout": self.settings.llm_timeout_s, "max_retries": 0},
                        event_stream_handler=_stream_to(terms.on_text) if terms.on_text else None,
                    )
                return result.output
            except asyncio.CancelledError:
                error = "cancelled"
                raise
            except Exception as problem:
                typed = self._typed(problem, task, list(messages))
                error = typed.code
                raise typed from problem
            finally:
                spent = self._entry(call, task, usage, time.perf_counter() - begun, terms.prompt_id, error)
                self._count(spent)
                terms.account.add(spent)
                await asyncio.shield(asyncio.to_thread(terms.account.note, spent))
                await _close(model)

    def _form(self, form: type[Proposal]) -> Any:
        """How the form is asked for: as a tool's arguments, by the provider's JSON mode, or in words."""
        if self.settings.llm_output == "tool":
            return form
        from pydantic_ai import NativeOutput, PromptedOutput

        return NativeOutput(form) if self.settings.llm_output == "json" else PromptedOutput(form)

    def _entry(self, call: str, task: str, usage: Any, elapsed_s: float, prompt_id: str, error: str) -> Spent:
        tokens = (int(usage.input_tokens or 0), int(usage.output_tokens or 0))
        return Spent(
            provider=self.name,
            model=self.model,
            task=task,
            requests=int(usage.requests or 0),
            input_tokens=tokens[0],
            output_tokens=tokens[1],
            cost_usd=self._price_usd(usage, *tokens),
            elapsed_s=round(elapsed_s, 3),
            prompt=prompt_id,
            error=error,
            id=call,
        )

    def _price_usd(self, usage: Any, *tokens: int) -> float | None:
        """What it cost; None where an answer came without its tokens, for it was not free."""
        price = catalog.price_usd(self.name, self.model, *tokens)
        return price if not usage.unmeasured_requests or not catalog.KNOWN[self.name].needs_key else None

    @staticmethod
    def _count(spent: Spent) -> None:
        name = spent.provider
        monitor.count("brick_llm_requests_total", 1, provider=name, outcome=spent.error or "done")
        monitor.count("brick_llm_tokens_total", spent.input_tokens, provider=name, direction="in")
        monitor.count("brick_llm_tokens_total", spent.output_tokens, provider=name, direction="out")
        monitor.count("brick_llm_cost_usd_total", spent.cost_usd or 0.0, provider=name)

    def _typed(self, problem: Exception, task: str, messages: list[Any]) -> LlmError:
        """The library's exception as one of ours, in words that hold no key."""
        from pydantic_ai import exceptions as theirs

        who = f"{self.title}, asked for {task},"
        other = "Try again later, or name a second provider in BRICK_LLM_FALLBACK."
        if isinstance(problem, LlmError):
            return problem
        if isinstance(problem, TimeoutError | theirs.ModelTimeoutError | theirs.ModelRequestTimeout):
            return LlmTimeout(f"{who} did not answer within {self.settings.llm_timeout_s:g} s", next_action=other)
        words = redacted(str(problem), self._secrets)[:SHOWN]
        status = getattr(problem, "status_code", None)
        if isinstance(problem, theirs.ModelRateLimitError) or status == 429:
            after = getattr(problem, "retry_after", None)
            details = {"retry_after_s": after} if after is not None else {}
            return LlmRateLimited(f"{who} asks to wait: too many requests", next_action=other, **details)
        if (status is not None and status >= 500) or status in (408, 409):
            return LlmUnavailable(f"{who} failed with the status {status}: {words}", next_action=other)
        if status is not None:
            return LlmDenied(
                f"{who} did not accept the request (status {status}): {words}",
                next_action="Check the key and the name of the model.",
            )
        if isinstance(problem, theirs.ContentFilterError):
            return LlmRefused(f"{who} refused: {words}", next_action="Say it in other words, or use another provider.")
        if isinstance(problem, theirs.ModelAPIError):
            return LlmUnavailable(f"{who} could not be reached or broke off: {words}", next_action=other)
        said, tried = _last_words(messages)
        if said and not tried:
            return LlmRefused(
                f"{who} answered in words instead: {redacted(said, self._secrets)[:SHOWN]}",
                next_action="Say it in other words, or use another provider.",
            )
        return LlmNonsense(
            f"{who} gave no answer of the form that was asked for: {words}",
            next_action="Try again, or use another model.",
            exception=type(problem).__name__,
        )


async def _close(model: Any) -> None:
    """Let go of the connections of a model: each belongs to the event loop that used it."""
    close = getattr(getattr(model, "client", None), "close", None)
    if close is None:
        return
    done = close()
    if asyncio.iscoroutine(done):
        await done


def _answering(tool: Callable[..., Any]) -> Callable[..., Any]:
    """The tool, whose errors are told to the model as its answer: a bad argument must not end the proposal."""

    @functools.wraps(tool)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return tool(*args, **kwargs)
        except Exception as problem:
            return {"error": f"{type(problem).__name__}: {problem}"[:SHOWN]}

    return call


def _stream_to(tell: Callable[[str], None]) -> Any:
    """A handler that passes on the pieces of text and of the form as they come."""

    async def handle(_: Any, events: AsyncIterable[Any]) -> None:
        from pydantic_ai.messages import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta, ToolCallPartDelta

        async for event in events:
            piece: Any = None
            if isinstance(event, PartStartEvent):
                piece = event.part.content if isinstance(event.part, TextPart) else getattr(event.part, "args", None)
            elif isinstance(event, PartDeltaEvent):
                if isinstance(event.delta, TextPartDelta):
                    piece = event.delta.content_delta
                elif isinstance(event.delta, ToolCallPartDelta):
                    piece = event.delta.args_delta
            if isinstance(piece, str) and piece:
                tell(piece)

    return handle


def _last_words(messages: list[Any]) -> tuple[str, bool]:
    """What the model last said in plain text, and whether it ever tried to fill the form."""
    from pydantic_ai.messages import ModelResponse

    responses = [message for message in messages if isinstance(message, ModelResponse)]
    tried = any(response.tool_calls for response in responses)
    said = next((response.text for response in reversed(responses) if response.text), "") or ""
    return said.strip(), tried
