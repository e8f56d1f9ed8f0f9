"""Reads a brief, and holds the conversation that settles what it leaves open."""

from __future__ import annotations

import asyncio
import contextlib
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from backend.agents.base import BaseAgent
from backend.errors import BrickError, InputError, NotFoundError
from backend.intent import lengthened
from backend.report.words import family_title, material_name
from backend.schema import Intent, Question
from backend.session_store import (  # the seed looks for these names here
    InMemorySessionStore,
    RedisSessionStore,
    SessionStore,
    make_session_store,
)

if TYPE_CHECKING:
    from backend.agents.corrections import Correction
    from backend.llm import Provider

__all__ = [
    "ConversationalAgent",
    "DiscoveryManager",
    "InMemorySessionStore",
    "RedisSessionStore",
    "SessionStore",
]

MAX_MESSAGE = 20_000  # characters
MOST_UNDONE = 50  # messages that can be taken back
_CONSENT = re.compile(r"\s*(yes|y|ok|okay|sure|fine|agreed|default|as proposed|go ahead)\W*", re.IGNORECASE)
_UNSURE = re.compile(
    r"\s*((i|we) )?(don'?t|do not|don’t) know\W*|\s*no idea\W*|\s*not sure\W*|\s*(i'?m|i’m) not sure\W*|\s*dunno\W*"
    r"|\s*(what|how) (do you mean|does that mean)\W*|\s*what'?s that\W*|\s*\?+\s*|\s*help\W*",
    re.IGNORECASE,
)
_ONLY_A_PERSON = {"brief", "family", "load", "unread"}  # ids of questions that no usual value answers
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_START_OVER = re.compile(r"\s*(start over|new design|forget (it|that|everything)|reset)\W*", re.IGNORECASE)
_SESSION_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


def understand(brief: str, answers: dict[str, str] | None = None) -> Intent:
    """What the words say, and what they leave open."""
    from backend.intent import read_brief

    return read_brief(brief, answers or {})


def corrected(brief: str, answers: dict[str, str], said: str) -> tuple[Intent, dict[str, str], list[str]]:
    """The intent of a brief at whose end ``said`` was added to correct it: what was said last counts.

    Where the addition contradicts what stood before ("no, steel A36", "make it 8 in wide"), the reader asks which is
    right; the answer is the option that the addition names. Returns the intent, the answers with those given so, and a
    sentence for each change.
    """
    intent = understand(brief, answers)
    answers, changes = dict(answers), list[str]()
    if not said:
        return intent, answers, changes
    settled = set[str]()

    def settle(questions: Iterable[Question]) -> bool:
        """Answer the first of the questions that the addition answers; False where it answers none."""
        for question in questions:
            named = [option for option in question.options if _names(said, option)]
            if question.id in settled or len(named) != 1:
                continue
            settled.add(question.id)
            if answers.get(question.id) != named[0]:
                answers[question.id] = named[0]
                changes.append(f"Changed: {question.id.replace('_', ' ')} is {named[0]}.")
            return True
        return False

    for known in list(answers):  # what was settled before may be what is corrected now
        without = {key: value for key, value in answers.items() if key != known}
        settle(question for question in understand(brief, without).questions if question.id == known)
    intent = understand(brief, answers)
    while settle(intent.questions):
        intent = understand(brief, answers)
    return intent, answers, changes


def amended(
    brief: str, answers: dict[str, str], said: str, design: Mapping[str, Any] | None = None, face: str | None = None
) -> tuple[str, dict[str, str], list[str]]:
    """A brief and its answers with a correction taken in; returns both, and a sentence for each change.

    ``design`` is the design section of the state, for corrections that speak of it ("20 % lighter", "thicken here" with
    the ``face`` that was picked). Raises InputError where the words change nothing that is understood, or where they
    leave a question. Of a part that no family describes nothing is understood here: the words are put after its brief,
    for the language model that reads it anew.
    """
    from backend.agents.corrections import correct
    from backend.design.open_part import OPEN_PART

    if ((design or {}).get("intent") or {}).get("family") == OPEN_PART:
        return lengthened(brief, said), dict(answers), [said]
    scheme = (design or {}).get("design_scheme")
    found = correct(brief, answers, said, scheme=scheme, face=face)
    if found is not None and found.question is not None:
        raise InputError(
            found.question.text,
            next_action=f"Name one of: {', '.join(found.question.options)}.",
            code="question_open",
            questions=[found.question.model_dump(mode="json")],
        )
    if found is not None:
        return found.brief, found.answers, found.told
    longer = lengthened(brief, said)
    before = understand(brief, answers)
    intent, settled, changes = corrected(longer, answers, said)
    if meaning(intent) == meaning(before) and settled == answers:
        raise _without_effect(said)
    return longer, settled, changes or [said]


def _without_effect(said: str) -> InputError:
    from backend.agents.relative import advice

    return InputError(
        f"{said!r} changes nothing that is understood here",
        next_action=advice(said)
        or "Name a size, the load, the material or a limit and what it should be, e.g. 'width 8 in', "
        "'no, steel A36', '10 % lighter'.",
        code="not_understood",
    )


def meaning(intent: Intent) -> Intent:
    """What was understood, but for the words themselves."""
    return intent.model_copy(update=_WORDS_ONLY)


def _meaning(state: Mapping[str, Any]) -> Intent | None:
    intent = state.get("intent")
    return meaning(Intent.model_validate(intent)) if intent else None


def standing(brief: str, answers: Mapping[str, str]) -> dict[str, Any]:
    """Where a conversation stands that has come to this brief and these answers: what it knows, and what it asks."""
    intent = understand(brief, dict(answers))
    questions = [question.model_dump(mode="json") for question in intent.questions]
    return {
        "brief": brief,
        "answers": dict(answers),
        "asked": questions[0] if questions else None,
        "questions": questions,
        "intent": intent.model_dump(mode="json"),
    }


def still_answering(brief: str, answers: Mapping[str, str]) -> dict[str, str]:
    """Those of earlier answers that answer what this brief leaves open; what its words say themselves, they settle."""
    kept: dict[str, str] = {}
    with contextlib.suppress(BrickError):
        while open_ := {q.id for q in understand(brief, kept).questions} & (answers.keys() - kept.keys()):
            kept |= {key: answers[key] for key in open_}
    return kept


_WORDS_ONLY: dict[str, Any] = {"brief": "", "unread": (), "questions": ()}


def _names(text: str, option: str) -> bool:
    """Whether the text holds the option as words of its own, whatever the case and the spaces."""
    words = r"\s+".join(re.escape(word) for word in option.split())
    return re.search(rf"(?<![\w.]){words}(?![\w]|\.\d)", text, re.IGNORECASE) is not None


class DiscoveryManager:
    """One conversation a session: the brief, the answers so far, and the one question that is open.

    Asks only what matters and is missing, one question at a time. Each session has its own lock, so that two messages
    that arrive at once are taken in one after the other.
    """

    def __init__(self, session_store: SessionStore | None = None, ttl_s: int | None = None) -> None:
        from backend.config.settings import get_settings

        settings = get_settings()
        self.store = session_store or make_session_store(settings.redis_url, settings.data_dir)
        self.ttl_s = ttl_s or settings.session_ttl_s
        self._locks: dict[str, asyncio.Lock] = {}

    async def take(
        self,
        session_id: str,
        message: str,
        face: str | None = None,
        provider: Provider | None = None,
        begin: tuple[str, dict[str, str]] | None = None,
    ) -> dict[str, Any]:
        """Take a message in; returns the session's new state with ``intent``, ``questions``, ``reply`` and ``trace``.

        ``face`` is the name of the face that was picked in the model, for "thicken here"; ``provider`` is
        asked about words that the grammar doesn't understand. A session that is not there yet starts from ``begin``: a
        brief and its answers.
        """
        lock = self._locks.setdefault(session_id, asyncio.Lock())
        try:
            async with lock:
                return await self._take(session_id, message, face, provider, begin)
        finally:
            if not lock.locked():
                self._locks.pop(session_id, None)

    async def _take(
        self,
        session_id: str,
        message: str,
        face: str | None,
        provider: Provider | None,
        begin: tuple[str, dict[str, str]] | None,
    ) -> dict[str, Any]:
        from backend.agents.corrections import UNDO
        from backend.agents.lighter import accepted

        state = await self.store.get_discovery_state(session_id)
        if state is None or _START_OVER.fullmatch(message):
            begun = begin if state is None else None
            state = {"brief": "", "answers": {}, "messages": [], "asked": None}
            if begun is not None:
                state |= await asyncio.to_thread(standing, *begun)
        before = (dict(state["answers"]), _meaning(state))
        offered = state.pop("offer", None)  # stands for one message
        state["messages"].append({"role": "user", "text": message})
        if _START_OVER.fullmatch(message):
            reply, state["asked"] = ask(OPENING), None
            state |= {"intent": {}, "questions": [OPENING.model_dump(mode="json")]}
        elif UNDO.fullmatch(message):
            reply = await asyncio.to_thread(self._undo, state)
        elif state["asked"] is not None and _UNSURE.fullmatch(message):
            reply = await asyncio.to_thread(self._propose, state)
        else:
            taken = accepted(message, offered) if offered else None
            reply = await self._said(state, taken or message, face, provider)
        state["messages"].append({"role": "assistant", "text": reply})
        await self.store.set_discovery_state(session_id, state, self.ttl_s)
        changed = (state["answers"], _meaning(state)) != before
        return {**state, "reply": reply, "trace": traced(state), "changed": changed}

    async def _said(self, state: dict[str, Any], message: str, face: str | None, provider: Provider | None) -> str:
        """Take in what is neither a beginning nor an undoing; returns the reply. The state is changed in place."""
        from backend.agents.corrections import correct

        former = {key: state.get(key) for key in ("brief", "answers", "said")}
        changes: list[str] = []
        question: Question | None = None
        try:
            found = None
            if state["brief"] and state["asked"] is None:
                found = await asyncio.to_thread(correct, state["brief"], state["answers"], message, face=face)
            if found is None:
                try:
                    brief, answers = self._with(state, message)
                    said = message if state["brief"] and state["asked"] is None else ""
                    intent, answers, changes = await asyncio.to_thread(corrected, brief, answers, said)
                except InputError:
                    # No answer to what was asked; it may answer something else that is open, or correct what was said.
                    if state["asked"] is None:
                        raise
                    found = await asyncio.to_thread(correct, state["brief"], state["answers"], message, face=face)
                    if found is None:
                        raise
            if found is not None:
                found = await self._with_the_rest(state, found, provider)
                brief, answers, changes, question = found.brief, found.answers, found.told, found.question
                intent = await asyncio.to_thread(understand, brief, answers)
            elif changes == [] and state["brief"] and state["asked"] is None and self._idle(state, intent):
                read = await self._interpreted(state, state["brief"], state["answers"], message, provider)
                if read is not None:
                    brief, answers, changes, question = read.brief, read.answers, read.told, read.question
                    intent = await asyncio.to_thread(understand, brief, answers)
                elif not intent.questions:
                    raise _without_effect(message)
        except BrickError as problem:
            # What can't be used is not taken in: the conversation stands where it stood, and says why.
            state.setdefault("intent", {})
            state.setdefault("questions", [OPENING.model_dump(mode="json")])
            ways = problem.details.get("ways")
            if ways:
                state["offer"] = ways
            also = "Or yes for the first, or a number." if ways else ""
            return " ".join(part for part in (_sentence(problem.message), problem.next_action, also) if part)
        asked = question or (intent.questions[0] if intent.questions else None)
        questions = [item.model_dump(mode="json") for item in ((question,) if question else ()) + intent.questions]
        note_origins(state, brief, answers)
        state["past"] = [*state.get("past", []), former][-MOST_UNDONE:]
        state |= {"brief": brief, "answers": answers, "questions": questions}
        state |= {"intent": intent.model_dump(mode="json"), "asked": asked.model_dump(mode="json") if asked else None}
        told = [_sentence(change) for change in changes]
        if asked is not None:
            return " ".join([*told, ask(asked, await asyncio.to_thread(consequence, brief, answers, asked))])
        return " ".join([*told, reply_to(intent)])

    async def _with_the_rest(self, state: dict[str, Any], found: Correction, provider: Provider | None) -> Correction:
        """The correction with what a language model reads in the parts that the grammar left, where one is set up."""
        from backend.agents.corrections import Correction, not_taken

        if not found.left or found.question is not None:
            return found
        try:
            read = await self._interpreted(state, found.brief, found.answers, ", ".join(found.left), provider)
        except BrickError as problem:
            return replace(found, told=[*found.told, problem.message])
        if read is None:
            return found
        told = [words for words in found.told if words not in map(not_taken, found.left)]
        return Correction(read.brief, read.answers, [*told, *read.told], read.question)

    @staticmethod
    def _idle(state: dict[str, Any], intent: Intent) -> bool:
        """Whether the words that were added changed nothing but the words."""
        return meaning(intent) == _meaning(state)

    @staticmethod
    async def _interpreted(
        state: dict[str, Any], brief: str, answers: dict[str, str], message: str, provider: Provider | None
    ) -> Correction | None:
        """What a language model reads in a message that the grammar doesn't understand, where one is set up."""
        if provider is None or provider.name == "offline":
            return None
        from backend.agents.spoken import interpret
        from backend.config.settings import get_settings
        from backend.llm import Account, Spent, joined, noted

        settings = get_settings()
        account = Account(settings.llm_max_cost_usd, settings.llm_max_tokens)  # of the conversation, as of a run
        for entry in joined(state.get("spent") or (), await asyncio.to_thread(noted)):
            account.add(Spent(**entry))
        try:
            return await interpret(provider, brief, answers, message, account)
        finally:
            state["spent"] = [entry.as_dict() for entry in account.entries]

    @staticmethod
    def _undo(state: dict[str, Any]) -> str:
        """Go back to what was known before the last message that changed something; returns the reply."""
        past = state.get("past") or []
        if not past:
            return "There is nothing to undo. Say what you need."
        former = past[-1]
        state |= {**former, "past": past[:-1], "asked": None}
        if not state["brief"]:
            state |= {"intent": {}, "questions": [OPENING.model_dump(mode="json")]}
            return f"Undone. {ask(OPENING)}"
        intent = understand(state["brief"], state["answers"])
        questions = [question.model_dump(mode="json") for question in intent.questions]
        state |= {"intent": intent.model_dump(mode="json"), "questions": questions}
        state["asked"] = questions[0] if questions else None
        return f"Undone. {reply_to(intent)}"

    @staticmethod
    def _propose(state: dict[str, Any]) -> str:
        """Who doesn't know gets a proposal to agree to, and what it leads to; what only a person knows stays open."""
        asked = Question.model_validate(state["asked"])
        proposal = asked.default or (asked.options[0] if asked.options else asked.example)
        if not proposal or asked.id in _ONLY_A_PERSON:
            return f"That I can't choose for you. {ask(asked)}"
        asked = asked.model_copy(update={"default": proposal})
        state["asked"] = asked.model_dump(mode="json")
        return f"{ask(asked, consequence(state['brief'], state['answers'], asked))} Say yes, or give your own."

    @staticmethod
    def _with(state: dict[str, Any], message: str) -> tuple[str, dict[str, str]]:
        """The brief and the answers with a message taken in: as the brief, an answer, or something added."""
        brief, answers, asked = state["brief"], dict(state["answers"]), state["asked"]
        if not brief:
            return message, answers
        if asked is None:
            return lengthened(brief, message), answers
        if len(_NUMBER.findall(message)) > 1 and not asked.get("options"):
            # More than the answer: said as part of the brief, all of it is read; only if that settles the question.
            longer = lengthened(brief, message)
            with contextlib.suppress(InputError):
                if asked["id"] not in {question.id for question in understand(longer, answers).questions}:
                    return longer, answers
        default = asked.get("default")
        agreed = default is not None and _CONSENT.fullmatch(message)
        return brief, {**answers, asked["id"]: default if agreed else message}


OPENING = Question(
    id="brief",
    text="What do you need?",
    reason="Say what the part is, its sizes, its material and what it must carry.",
    example="an aluminium 6061-T6 shelf bracket, 6 in wide, legs 5 in and 2 in, holds 300 lb at 12 in from the wall",
)


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def note_origins(state: dict[str, Any], brief: str, answers: Mapping[str, str]) -> None:
    """Note which message each piece of the brief, and each answer, came from."""
    said = dict(state.get("said") or {"pieces": [], "answers": {}})
    number = len(state["messages"]) - 1
    pieces = list(said["pieces"])
    reach = max((piece["end"] for piece in pieces), default=0)
    if len(brief) > reach:
        pieces.append({"message": number, "start": reach, "end": len(brief)})
    known = {
        key: said["answers"].get(key, number) if state["answers"].get(key) == words else number
        for key, words in answers.items()
    }
    state["said"] = {"pieces": pieces, "answers": known}


def traced(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For each requirement and load of the intent: the message that asked for it, and its words.

    ``message`` counts in ``messages`` from 0. What was assumed has none.
    """
    said, intent = state.get("said") or {}, state.get("intent") or {}
    rows = []
    for item in [*(intent.get("requirements") or ()), *(intent.get("limits") or ())]:
        span = item.get("span")
        ids = (item["id"], item["kind"], item["id"].removeprefix("load_"))
        answer = next((key for key in ids if key in said.get("answers", {})), None)
        number = None
        words = ""
        if answer is not None and not (span and item.get("origin") == "brief"):
            number, words = said["answers"][answer], state["answers"].get(answer, "")
        elif span:
            found = [p for p in said.get("pieces", ()) if p["start"] <= span["start"] < p["end"]]
            number, words = (found[0]["message"] if found else None), span["text"]
        rows.append({"requirement": item["id"], "statement": item["statement"], "message": number, "words": words})
    return rows


def consequence(brief: str, answers: Mapping[str, str], question: Question) -> str:
    """What the proposed answer leads to, calculated: sizes and mass, or how much would still be open; else nothing."""
    if question.default is None:
        return ""
    from backend.design import get_family

    try:
        intent = understand(brief, {**answers, question.id: question.default})
        if intent.questions:
            left = len(intent.questions)
            return f"Then {left} question{'' if left == 1 else 's'} would be left."
        scheme = get_family(str(intent.family)).size(intent)
    except BrickError as problem:
        return f"But then: {problem.message}."
    free = [f"{name.replace('_', ' ')} {scheme.parameters[name].value:.4g} mm" for name in scheme.free[:2]]
    mass = f"{scheme.mass_g.value:.0f} g" if scheme.mass_g else ""
    return f"Then: {', '.join([*free, mass])}." if free or mass else ""


def ask(question: Question, follows: str = "") -> str:
    """One question with its reason, what is proposed, and what ``follows`` from that."""
    reason = question.reason.strip()
    end = "" if reason.endswith((".", "?", "!")) else "."
    parts = [question.text, f"{'Why: ' if reason[0].islower() else ''}{reason}{end}" if reason else ""]
    if question.options:
        parts.append(f"One of: {', '.join(question.options)}.")
    if question.default is not None:
        parts.append(f"If you agree, I take {question.default}. {follows}")
    elif question.example:
        parts.append(f"For example: {question.example}.")
    return " ".join(part.strip() for part in parts if part.strip())


def reply_to(intent: Intent) -> str:
    """What to say to the person: the next question, or what was understood."""
    if intent.questions:
        return ask(intent.questions[0])
    family = family_title(intent.family) if intent.family else "part"
    parts = [f"Understood: {family}" + (f", {material_name(intent.material)}" if intent.material else "") + "."]
    given = [
        f"{name.replace('_', ' ')} {quantity.given or quantity.value}" for name, quantity in intent.parameters.items()
    ]
    given += [f"{load.kind} {load.magnitude.given or load.magnitude.value}" for load in intent.loads]
    if intent.safety_factor:
        given.append(f"safety factor {intent.safety_factor.value:g}")
    if given:
        parts.append("; ".join(given) + ".")
    if intent.assumptions:
        parts.append("I assume: " + "; ".join(item.text for item in intent.assumptions) + ".")
    if intent.unread:
        parts.append("I did not understand: " + ", ".join(f"“{span.text}”" for span in intent.unread) + ".")
    parts.append("Say what should differ, or run the design.")
    return " ".join(parts)


class ConversationalAgent(BaseAgent):
    """Reads a brief and holds the conversation that settles what it leaves open."""

    stage = "gather"

    def __init__(self, session_store: SessionStore | None = None) -> None:
        self._session_store = session_store
        self._discovery: DiscoveryManager | None = None

    @property
    def discovery(self) -> DiscoveryManager:
        """The conversations; the store is opened on first use."""
        if self._discovery is None:
            self._discovery = DiscoveryManager(self._session_store)
        return self._discovery

    async def run(self, params: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Read ``brief`` with ``answers`` (question id -> text); returns ``intent`` and ``questions``."""
        brief = str(params.get("brief") or "")
        if not brief.strip():
            raise InputError(
                "the brief is empty",
                next_action="Say what the part is, its sizes, what it must carry and its material.",
                code="empty_brief",
            )
        intent = await asyncio.to_thread(understand, brief, dict(params.get("answers") or {}))
        questions = [question.model_dump(mode="json") for question in intent.questions]
        self.think(reply_to(intent) if not questions else f"Left open: {len(questions)}. {ask(intent.questions[0])}")
        return {
            "status": "not_verified" if questions else "success",
            "summary": reply_to(intent),
            "intent": intent.model_dump(mode="json"),
            "questions": questions,
        }

    async def settled(self, session_id: str) -> tuple[str, dict[str, str], dict[str, Any]]:
        """The brief and the answers of a conversation, and what was said: ``messages``, and the ``trace`` from each
        requirement to the message that asked for it. NotFoundError where there is none, or it has ended."""
        state = await self.discovery.store.get_discovery_state(session_id)
        if state is None or not state["brief"]:
            raise NotFoundError(
                f"there is no conversation {session_id[:80]!r} with a brief",
                next_action="It may have ended for lack of use. Begin a new one, or send 'user_intent'.",
            )
        said = {"messages": state["messages"], "trace": traced(state)}
        return state["brief"], state["answers"], said

    async def process(
        self,
        message: str,
        session_id: str | None = None,
        llm_provider: str | None = None,
        face: str | None = None,
        begin: tuple[str, dict[str, str]] | None = None,
    ) -> dict[str, Any]:
        """Take one message of a conversation in and answer it.

        ``llm_provider`` is the provider that the client would like; the one that is used is named in the answer.
        ``face`` is the name of the face that was picked, for "thicken here"; ``begin`` is the brief and
        the answers with which a new conversation starts. Returns session_id, reply, question (the
        open one, or None), questions, answers, intent, brief, ready, ``changed``
        (whether the message altered what is understood), and ``trace``: which message asked for what.
        """
        if not message.strip():
            raise InputError("the message is empty", next_action="Say what you need.", code="empty_message")
        if len(message) > MAX_MESSAGE:
            raise InputError(
                f"the message has {len(message)} characters; at most {MAX_MESSAGE} are read",
                next_action="Keep to what the part must do: sizes, loads, material, limits.",
                code="message_too_long",
            )
        session = session_id or f"session-{uuid.uuid4().hex}"
        if not _SESSION_ID.fullmatch(session):
            raise InputError(
                f"{session[:40]!r} can't be the id of a session",
                next_action="Use letters, digits and _ . : - (at most 128), or leave it out.",
                code="bad_session_id",
            )
        from backend.llm import choose

        provider, note = choose(llm_provider)
        state = await self.discovery.take(session, message, face, provider, begin)
        return {
            "session_id": session,
            "reply": state["reply"],
            "question": state["asked"],
            "questions": state["questions"],
            "answers": state["answers"],
            "intent": state["intent"],
            "brief": state["brief"],
            "ready": not state["questions"],
            "changed": state["changed"],
            "trace": state["trace"],
            "conversation_history": state["messages"],
            "llm_provider": provider.name,
            "llm_note": note,
        }
