"""The providers: how each is reached, and how its model is made. Their libraries are imported when one is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.llm.errors import LlmSettings

if TYPE_CHECKING:
    from backend.config.settings import Settings


@dataclass(frozen=True)
class Known:
    """A provider. ``price_id`` is its name in the price list; a provider without a default model needs one named."""

    name: str
    key: str | None  # the setting that holds its key
    default_model: str | None
    price_id: str | None = None
    default_url: str | None = None
    needs_key: bool = True


# Default models: names that pydantic-ai 2.68 lists for the provider and genai-prices 0.2 has a price for.
KNOWN: dict[str, Known] = {
    known.name: known
    for known in (
        Known("groq", "groq_api_key", "openai/gpt-oss-120b", "groq"),
        Known("openai", "openai_api_key", "gpt-6.1-terra", "openai"),
        Known("gemini", "gemini_api_key", "gemini-3.8-flash", "google"),
        Known("kimi", "kimi_api_key", "kimi-k3", "moonshotai"),
        Known("anthropic", "anthropic_api_key", "claude-sonnet-5-5", "anthropic"),
        Known("ollama", None, None, None, "http://127.0.0.1:11434/v1", needs_key=False),
        Known("openai_compatible", "openai_compatible_api_key", None, None, needs_key=False),
    )
}


def model_name(settings: Settings, provider: str, wanted: str | None = None) -> str:
    """The model to use: the one that was asked for, that of the settings, or the provider's default."""
    own = settings.llm_model if provider == settings.llm_provider else None
    found = wanted or settings.llm_models.get(provider) or own or KNOWN[provider].default_model
    if not found:
        raise LlmSettings(
            f"the provider {provider!r} has no model of its own",
            next_action=f'Name one: BRICK_LLM_MODEL, or BRICK_LLM_MODELS={{"{provider}": "…"}}.',
        )
    return found


def base_url(settings: Settings, provider: str) -> str | None:
    """Where a provider is reached: the settings' address for it, or None for its own."""
    own = settings.llm_base_url if provider == settings.llm_provider else None
    return settings.llm_base_urls.get(provider) or own or KNOWN[provider].default_url


def key_of(settings: Settings, provider: str) -> str | None:
    """The provider's key. Raises LlmSettings where it needs one and has none."""
    known = KNOWN[provider]
    value = getattr(settings, known.key) if known.key else None
    if value is not None:
        return str(value.get_secret_value())
    if known.needs_key:
        raise LlmSettings(
            f"the provider {provider!r} has no key",
            next_action=f"Set {str(known.key).upper()}, or use another provider.",
        )
    return None


def make_model(settings: Settings, provider: str, name: str) -> Any:
    """A pydantic-ai model. Retries are ours (see :mod:`backend.llm.remote`): the client makes none of its own."""
    if provider not in KNOWN:
        raise LlmSettings(
            f"there is no language model provider {provider!r}",
            next_action=f"One of: offline, {', '.join(KNOWN)}.",
        )
    key, url = key_of(settings, provider), base_url(settings, provider)
    if provider == "gemini":
        from pydantic_ai.models.google import GoogleModel
        from pydantic_ai.providers.google import GoogleProvider

        return GoogleModel(name, provider=GoogleProvider(api_key=str(key), base_url=url))
    if provider == "anthropic":
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        return AnthropicModel(name, provider=AnthropicProvider(api_key=str(key), base_url=url))
    if provider == "groq":
        from pydantic_ai.models.groq import GroqModel
        from pydantic_ai.providers.groq import GroqProvider

        return GroqModel(name, provider=GroqProvider(api_key=str(key), base_url=url))
    from pydantic_ai.models.openai import OpenAIChatModel

    return OpenAIChatModel(name, provider=_openai_like(provider, key, url))


def _openai_like(provider: str, key: str | None, url: str | None) -> Any:
    """The providers that speak the chat completions protocol, each with its own pitfalls known to its class."""
    if provider == "kimi":
        from pydantic_ai.providers.moonshotai import MoonshotAIProvider

        return MoonshotAIProvider(api_key=str(key), base_url=url)
    if provider == "ollama":
        from pydantic_ai.providers.ollama import OllamaProvider

        return OllamaProvider(base_url=url, api_key=key)
    from pydantic_ai.providers.openai import OpenAIProvider

    return OpenAIProvider(base_url=url, api_key=key or "none")


def price_usd(provider: str, model: str, input_tokens: int, output_tokens: int) -> float | None:
    """What the tokens cost by the price list that came with the installation; None where it has no such model."""
    price_id = KNOWN[provider].price_id
    if price_id is None:
        return 0.0 if provider == "ollama" else None
    import genai_prices

    try:
        usage = genai_prices.Usage(input_tokens=input_tokens, output_tokens=output_tokens)
        return float(genai_prices.calc_price(usage, model, provider_id=price_id).total_price)
    except LookupError:
        return None
