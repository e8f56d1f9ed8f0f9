"""Every provider over real HTTP against a stand-in: the shape of its requests, its answers, and each way to fail."""

import base64
import json

import pytest
from pydantic import BaseModel, Field

from backend.config.settings import Settings
from backend.llm import Account, Chain, LlmBudget, LlmError, Terms, choose
from backend.llm.redaction import HIDDEN, redacted
from backend.llm.remote import RemoteProvider
from tests.llm_standin import IN, OUT, Call, Fail, Fill, Half, Hang, Raw, Say, StandIn

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
KEY = "sk-test-0123456789abcdef"
PROVIDERS = ["groq", "openai", "gemini", "kimi", "anthropic", "ollama", "openai_compatible"]


class Sizes(BaseModel):
    """A proposal for the test."""

    title: str
    length_mm: float = Field(gt=0)


def density_of(material: str) -> float:
    """The density of a material in kg/m3.

    Args:
        material: its name
    """
    asked.append(material)
    return 2700.0


asked: list[str] = []
GOOD = Fill({"title": "spacer", "length_mm": 12.5})


@pytest.fixture
def make(monkeypatch):
    """A provider whose server is the stand-in; its waits are noted and not waited."""
    made = []

    def build(name, standin, **more):
        root = f"{standin.url}/v1" if name not in ("anthropic", "gemini", "groq") else standin.url
        keys = {f"{key}_api_key": KEY for key in ("groq", "openai", "gemini", "kimi", "anthropic", "openai_compatible")}
        settings = Settings(
            _env_file=None,
            **keys,
            **{
                "brick_llm_provider": name,
                "brick_llm_base_urls": {name: root},
                "brick_llm_models": {name: "model-x"},
                "brick_llm_timeout_s": 60.0,
                **more,
            },
        )
        waits = []

        async def sleep(seconds):
            waits.append(seconds)

        provider = RemoteProvider(settings, name, sleep=sleep)
        provider.waits = waits
        made.append(provider)
        return provider

    return build


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_proposal_with_tools_and_pictures(make, name):
    asked.clear()
    account = Account()
    with StandIn(Call("density_of", {"material": "6061"}), GOOD) as standin:
        found = await make(name, standin).propose(
            "a spacer", "Make it long.", Sizes, Terms("You size parts.", (PNG,), (density_of,), account=account)
        )
    assert (found.title, found.length_mm) == ("spacer", 12.5)
    assert asked == ["6061"]
    first, second = standin.seen
    CHECKS[name](first, second)
    totals = account.totals()
    assert (totals["requests"], totals["input_tokens"], totals["output_tokens"]) == (2, 2 * IN, 2 * OUT)


@pytest.mark.parametrize("name", PROVIDERS)
async def test_an_answer_is_streamed_as_it_comes(make, name):
    pieces, account = [], Account()
    with StandIn(GOOD) as standin:
        terms = Terms(on_text=pieces.append, account=account)
        found = await make(name, standin).propose("a spacer", "Make it.", Sizes, terms)
    assert found.length_mm == 12.5
    totals = account.totals()
    assert (totals["requests"], totals["input_tokens"], totals["output_tokens"]) == (1, IN, OUT)
    if name != "gemini":  # which sends a call's arguments whole
        assert json.loads("".join(pieces)) == {"title": "spacer", "length_mm": 12.5}
        assert len(pieces) > 1


def chat_request(first, second, path="/v1/chat/completions"):
    assert first.path == path
    assert first.headers["content-type"] == "application/json"
    body = first.body
    assert body["model"] == "model-x"
    system, user = body["messages"]
    assert system["role"] in ("system", "developer")
    assert "You size parts." in str(system["content"])
    assert user["role"] == "user"
    texts = [part["text"] for part in user["content"] if part["type"] == "text"]
    images = [part["image_url"]["url"] for part in user["content"] if part["type"] == "image_url"]
    assert texts == ["Make it long."]
    assert images == ["data:image/png;base64," + base64.b64encode(PNG).decode()]
    functions = {tool["function"]["name"]: tool["function"] for tool in body["tools"]}
    assert all(tool["type"] == "function" for tool in body["tools"])
    assert functions["density_of"]["parameters"]["properties"]["material"]["type"] == "string"
    form = functions["final_result"]["parameters"]
    assert set(form["required"]) == {"title", "length_mm"}
    # the second request carries the call and its result, tied by the call's id
    call, result = second.body["messages"][-2:]
    assert call["tool_calls"][0]["function"]["name"] == "density_of"
    assert (result["role"], result["tool_call_id"]) == ("tool", call["tool_calls"][0]["id"])
    assert "2700" in str(result["content"])


def with_bearer(first, second, path="/v1/chat/completions"):
    chat_request(first, second, path)
    assert first.headers["authorization"] == f"Bearer {KEY}"


def anthropic_request(first, second):
    assert first.path.split("?")[0] == "/v1/messages"
    assert first.headers["authorization"] == f"Bearer {KEY}"  # how the official client 2.14 sends a key
    assert first.headers["anthropic-version"]
    body = first.body
    assert (body["model"], body["max_tokens"] > 0) == ("model-x", True)
    assert "You size parts." in str(body["system"])
    (user,) = body["messages"]
    kinds = {part["type"]: part for part in user["content"]}
    assert kinds["text"]["text"] == "Make it long."
    assert kinds["image"]["source"]["media_type"] == "image/png"
    tools = {tool["name"]: tool["input_schema"] for tool in body["tools"]}
    assert tools["density_of"]["properties"]["material"]["type"] == "string"
    assert set(tools["final_result"]["required"]) == {"title", "length_mm"}
    call, result = second.body["messages"][-2:]
    assert (call["role"], result["role"]) == ("assistant", "user")
    (used,) = [block for block in call["content"] if block["type"] == "tool_use"]
    (told,) = [block for block in result["content"] if block["type"] == "tool_result"]
    assert told["tool_use_id"] == used["id"]


def gemini_request(first, second):
    assert first.path.split("?")[0].endswith("/models/model-x:generateContent")
    assert first.headers["x-goog-api-key"] == KEY
    body = first.body
    assert "You size parts." in str(body["systemInstruction"])
    (user,) = body["contents"]
    assert user["role"] == "user"
    assert user["parts"][0]["text"] == "Make it long."
    assert user["parts"][1]["inlineData"]["mime_type"] == "image/png"
    declared = {d["name"]: d for tool in body["tools"] for d in tool["functionDeclarations"]}
    assert set(declared) == {"density_of", "final_result"}
    call, result = second.body["contents"][-2:]
    assert call["parts"][0]["functionCall"]["name"] == "density_of"
    assert result["parts"][0]["functionResponse"]["name"] == "density_of"


CHECKS = {
    "groq": lambda a, b: with_bearer(a, b, "/openai/v1/chat/completions"),
    "openai": with_bearer,
    "kimi": with_bearer,
    "openai_compatible": with_bearer,
    "ollama": chat_request,
    "anthropic": anthropic_request,
    "gemini": gemini_request,
}


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_failing_server_is_asked_again_and_then_answers(make, name):
    account = Account()
    with StandIn(Fail(500), Fail(503), GOOD) as standin:
        provider = make(name, standin)
        found = await provider.propose("a spacer", "Make it.", Sizes, Terms(account=account))
    assert found.length_mm == 12.5
    assert len(standin.seen) == 3  # the client itself makes no further attempts
    assert [entry.error for entry in account.entries] == ["llm_unavailable", "llm_unavailable", ""]
    assert 0.2 < provider.waits[0] <= 0.5 < provider.waits[1] + 0.5 <= 1.5  # doubles, with jitter


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_rate_limit_is_waited_for_as_long_as_it_asks(make, name):
    with StandIn(Fail(429, {"retry-after": "7"}), GOOD) as standin:
        provider = make(name, standin)
        await provider.propose("a spacer", "Make it.", Sizes)
    assert provider.waits == [7.0]


async def test_a_rate_limit_that_asks_for_too_long_is_an_error(make):
    with StandIn(Fail(429, {"retry-after": "3600"})) as standin, pytest.raises(LlmError) as caught:
        await make("openai", standin).propose("a spacer", "Make it.", Sizes)
    assert (caught.value.code, caught.value.details["retry_after_s"]) == ("llm_rate_limited", 3600.0)


@pytest.mark.parametrize("name", PROVIDERS)
async def test_silence_ends_at_the_time_limit(make, name):
    with StandIn(Hang(2.0)) as standin:
        provider = make(name, standin, brick_llm_timeout_s=0.3, brick_llm_retries=0)
        with pytest.raises(LlmError) as caught:
            await provider.propose("a spacer", "Make it.", Sizes)
    assert caught.value.code == "llm_timeout"
    assert caught.value.next_action


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("streamed", [False, True])
async def test_half_an_answer_is_no_answer(make, name, streamed):
    terms = Terms(on_text=lambda text: None) if streamed else Terms()
    with StandIn(Half({"title": "spacer", "length_mm": 12.5}), GOOD) as standin:
        provider = make(name, standin)
        found = await provider.propose("a spacer", "Make it.", Sizes, terms)
    assert found.length_mm == 12.5
    assert len(standin.seen) == 2
    assert terms.account.entries[0].error == "llm_unavailable"


@pytest.mark.parametrize("name", PROVIDERS)
async def test_nonsense_is_refused_after_it_was_told_so(make, name):
    wrong = Fill({"title": "spacer", "length_mm": -1})
    with StandIn(wrong, Fill({"length": "long"}), wrong, wrong) as standin, pytest.raises(LlmError) as caught:
        await make(name, standin).propose("a spacer", "Make it.", Sizes)
    assert caught.value.code == "llm_nonsense"
    assert len(standin.seen) == 3  # told twice what doesn't fit
    assert "length_mm" in json.dumps(standin.seen[1].body)
    assert "greater than 0" in json.dumps(standin.seen[1].body)


@pytest.mark.parametrize("name", PROVIDERS)
async def test_what_is_no_protocol_at_all_is_an_error(make, name):
    with StandIn(Raw(), Raw(), Raw(), Raw()) as standin, pytest.raises(LlmError) as caught:
        await make(name, standin, brick_llm_retries=1).propose("a spacer", "Make it.", Sizes)
    assert caught.value.code in ("llm_nonsense", "llm_unavailable")


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_refusal_is_told_in_its_own_words(make, name):
    no = Say("I can't help with that part.")
    with StandIn(no, no, no) as standin, pytest.raises(LlmError, match="can't help with that part") as caught:
        await make(name, standin).propose("a spacer", "Make it.", Sizes)
    assert (caught.value.code, caught.value.http_status) == ("llm_refused", 422)


@pytest.mark.parametrize("name", ["openai", "anthropic", "gemini"])
async def test_a_content_filter_is_a_refusal_and_not_asked_again(make, name):
    with StandIn(Say("", "content_filter"), GOOD) as standin, pytest.raises(LlmError) as caught:
        await make(name, standin).propose("a spacer", "Make it.", Sizes)
    assert caught.value.code == "llm_refused"
    assert len(standin.seen) == 1


@pytest.mark.parametrize("name", ["openai", "anthropic", "gemini", "groq"])
async def test_a_bad_key_is_not_tried_again_and_not_shown(make, name):
    body = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}", "type": "auth", "code": "invalid"}})
    with StandIn(Fail(401, body=body), GOOD) as standin, pytest.raises(LlmError) as caught:
        await make(name, standin).propose("a spacer", "Make it.", Sizes)
    assert caught.value.code == "llm_denied"
    assert len(standin.seen) == 1
    assert KEY not in json.dumps(caught.value.as_dict())
    assert HIDDEN in caught.value.message


async def test_keys_in_a_brief_are_not_sent(make):
    with StandIn(GOOD) as standin:
        provider = make("openai", standin)
        await provider.propose("x", f"my key is {KEY} and gsk_abcdefghijklmnop1234", Sizes)
    sent = json.dumps(standin.seen[0].body)
    assert KEY not in sent
    assert "gsk_" not in sent
    assert sent.count(HIDDEN) == 2


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----",
        "Authorization: Bearer abcdefghijklmnop1234",
        "postgresql://me:hunter2@db/x",
        "AIzaSyA1234567890abcdefghijk",
    ],
)
def test_what_looks_like_a_secret_is_hidden(text):
    assert HIDDEN in redacted(text)
    assert "hunter2" not in redacted(text)


def test_words_of_a_brief_stay():
    brief = "A shelf bracket, 6 in wide, legs 5 in and 2 in, M8 bolts, key-way 5x3, http://example.com/a:b"
    assert redacted(brief) == brief


async def test_the_next_provider_is_asked_where_one_fails(make):
    with StandIn(Fail(500), Fail(500)) as down, StandIn(GOOD) as up:
        first = make("groq", down, brick_llm_retries=1)
        second = make("anthropic", up)
        account = Account()
        found = await Chain([first, second]).propose("a spacer", "Make it.", Sizes, Terms(account=account))
    assert found.length_mm == 12.5
    assert [entry.provider for entry in account.entries] == ["groq", "groq", "anthropic"]


async def test_where_all_fail_the_error_names_each(make):
    with StandIn(Fail(500)) as down, StandIn(Fail(401)) as denied:
        chain = Chain([make("groq", down, brick_llm_retries=0), make("openai", denied)])
        with pytest.raises(LlmError) as caught:
            await chain.propose("a spacer", "Make it.", Sizes)
    assert caught.value.code == "llm_denied"
    assert [item["code"] for item in caught.value.details["others"]] == ["llm_unavailable"]


async def test_money_is_counted_by_the_price_list_and_ends_at_the_limit(make):
    import genai_prices

    account = Account(limit_usd=0.0005)
    with StandIn(GOOD, GOOD, GOOD) as standin:
        provider = make("groq", standin, brick_llm_models={"groq": "openai/gpt-oss-120b"})
        await provider.propose("a", "Make it.", Sizes, Terms(account=account))
        spent = account.totals()["cost_usd"]
        usage = genai_prices.Usage(input_tokens=IN, output_tokens=OUT)
        price = genai_prices.calc_price(usage, "openai/gpt-oss-120b", provider_id="groq").total_price
        assert spent == pytest.approx(float(price))
        await provider.propose("b", "Make it.", Sizes, Terms(account=account))
        with pytest.raises(LlmBudget) as caught:
            await provider.propose("c", "Make it.", Sizes, Terms(account=account))
    assert caught.value.http_status == 402
    assert len(standin.seen) == 2


async def test_a_streamed_answer_that_hides_its_tokens_is_not_taken_for_free(make):
    account = Account(limit_usd=1.0)
    with StandIn(GOOD, counted=False) as standin:
        provider = make("groq", standin, brick_llm_models={"groq": "openai/gpt-oss-120b"})
        await provider.propose("a", "Make it.", Sizes, Terms(on_text=lambda text: None, account=account))
        assert (account.totals()["requests"], account.totals()["tokens"], account.totals()["unpriced"]) == (1, 0, 1)
        with pytest.raises(LlmBudget, match="price"):
            await provider.propose("b", "Make it.", Sizes, Terms(account=account))
    assert len(standin.seen) == 1


async def test_a_model_without_a_known_price_is_not_held_by_money_alone(make):
    with StandIn(GOOD, GOOD) as standin:
        account = Account(limit_usd=1.0)
        provider = make("openai_compatible", standin)
        await provider.propose("a", "Make it.", Sizes, Terms(account=account))
        with pytest.raises(LlmBudget, match="price"):
            await provider.propose("b", "Make it.", Sizes, Terms(account=account))


@pytest.mark.parametrize("output", ["json", "prompted"])
async def test_forms_without_tools(make, output):
    answer = Say(json.dumps({"title": "spacer", "length_mm": 12.5}))
    with StandIn(answer) as standin:
        found = await make("openai_compatible", standin, brick_llm_output=output).propose("a", "Make it.", Sizes)
    assert found.length_mm == 12.5
    assert not standin.seen[0].body.get("tools")
    assert "length_mm" in json.dumps(standin.seen[0].body)


def test_a_provider_is_chosen_by_request_or_by_settings():
    settings = Settings(_env_file=None, groq_api_key=KEY, brick_llm_provider="groq", brick_llm_fallback=["ollama"],
                        brick_llm_models={"ollama": "qwen"})  # fmt: skip
    chain, note = choose(None, settings)
    assert [provider.title for provider in chain.providers] == ["groq openai/gpt-oss-120b", "ollama qwen"]
    assert note == ""
    assert choose("ollama:llama", settings)[0].title == "ollama llama"
    assert choose("offline", settings)[0].name == "offline"
    for unusable in ("openai", "openai_compatible", "nobody"):
        provider, note = choose(unusable, settings)
        assert provider.name == "offline"  # a brief goes to nobody that it wasn't meant for
        assert "grammar" in note


def test_the_library_is_imported_when_a_model_is_asked_and_not_before():
    import subprocess
    import sys

    loaded = "[m for m in sys.modules if m.startswith(('pydantic_ai', 'openai'))]"
    code = f"import sys, backend.main, backend.llm; print({loaded})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
