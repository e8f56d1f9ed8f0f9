"""Validated settings. Everything works with none of them set: offline, on this machine, in SQLite and files.

Each field can be set by an environment variable of its name or by a line in ``.env``; names that belong to this program
alone start with ``BRICK_`` (``BRICK_DATA_DIR``), shared ones don't (``REDIS_URL``, ``GROQ_API_KEY``).
"""

from __future__ import annotations

import ipaddress
import os
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Provider = Literal["offline", "groq", "openai", "gemini", "kimi", "anthropic", "ollama", "openai_compatible"]

# The setting that holds the key of each provider; those that need none are not listed.
KEY_OF: dict[str, str] = {
    "groq": "groq_api_key",
    "openai": "openai_api_key",
    "gemini": "gemini_api_key",
    "kimi": "kimi_api_key",
    "anthropic": "anthropic_api_key",
}


def default_data_dir() -> Path:
    """``./.brick`` where that exists, else the user's data folder (XDG base directory specification)."""
    local = Path.cwd() / ".brick"
    if local.is_dir():
        return local
    xdg = os.environ.get("XDG_DATA_HOME", "")
    base = Path(xdg) if xdg and Path(xdg).is_absolute() else Path.home() / ".local" / "share"
    return base / "brick-os"


def is_loopback(host: str) -> bool:
    """True where only programs on this machine can reach ``host``."""
    if host in ("localhost", ""):
        return host == "localhost"
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Settings(BaseSettings):
    """The settings of one process."""

    model_config = SettingsConfigDict(
        env_file=".env", case_sensitive=False, extra="ignore", env_ignore_empty=True, populate_by_name=True
    )

    # Where things are kept
    data_dir: Path = Field(default_factory=default_data_dir, validation_alias=AliasChoices("brick_data_dir"))
    engine_cache: Literal["disk", "memory", "off"] = Field("disk", validation_alias=AliasChoices("brick_engine_cache"))
    engine_cache_dir: Path | None = Field(None, validation_alias=AliasChoices("brick_engine_cache_dir"))
    engine_cache_mb: float = Field(1024.0, gt=0, validation_alias=AliasChoices("brick_engine_cache_mb"))
    redis_url: str | None = None
    database_url: str | None = None

    # Language models: a key is required only for the provider that is chosen
    llm_provider: Provider = Field("offline", validation_alias=AliasChoices("brick_llm_provider", "llm_provider"))
    llm_model: str | None = Field(None, validation_alias=AliasChoices("brick_llm_model", "llm_model"))
    llm_base_url: str | None = Field(None, validation_alias=AliasChoices("brick_llm_base_url", "llm_base_url"))
    llm_models: dict[str, str] = Field(default_factory=dict, validation_alias=AliasChoices("brick_llm_models"))
    llm_base_urls: dict[str, str] = Field(default_factory=dict, validation_alias=AliasChoices("brick_llm_base_urls"))
    llm_fallback: tuple[Provider, ...] = Field((), validation_alias=AliasChoices("brick_llm_fallback"))
    llm_timeout_s: float = Field(60.0, gt=0, validation_alias=AliasChoices("brick_llm_timeout_s"))
    llm_retries: int = Field(3, ge=0, le=10, validation_alias=AliasChoices("brick_llm_retries"))
    llm_max_rounds: int = Field(5, ge=1, le=20, validation_alias=AliasChoices("brick_llm_max_rounds"))
    llm_max_cost_usd: float | None = Field(None, gt=0, validation_alias=AliasChoices("brick_llm_max_cost_usd"))
    llm_max_tokens: int | None = Field(500_000, gt=0, validation_alias=AliasChoices("brick_llm_max_tokens"))
    llm_output: Literal["tool", "json", "prompted"] = Field("tool", validation_alias=AliasChoices("brick_llm_output"))
    openai_compatible_api_key: SecretStr | None = None
    groq_api_key: SecretStr | None = None
    openai_api_key: SecretStr | None = None
    gemini_api_key: SecretStr | None = None
    kimi_api_key: SecretStr | None = None
    anthropic_api_key: SecretStr | None = None
    materials_project_api_key: SecretStr | None = None
    materials_project_url: str = "https://api.materialsproject.org"
    materials_project_timeout_s: float = Field(20.0, gt=0)

    # The server
    host: str = Field("127.0.0.1", validation_alias=AliasChoices("brick_host"))
    port: int = Field(8000, ge=0, le=65535, validation_alias=AliasChoices("brick_port"))
    access_token: SecretStr | None = Field(None, validation_alias=AliasChoices("brick_access_token"))
    allowed_hosts: tuple[str, ...] = Field((), validation_alias=AliasChoices("brick_allowed_hosts"))
    allowed_origins: tuple[str, ...] = Field((), validation_alias=AliasChoices("brick_allowed_origins"))
    max_body_mb: float = Field(20.0, gt=0, validation_alias=AliasChoices("brick_max_body_mb"))
    role: Literal["all", "web", "worker"] = Field("all", validation_alias=AliasChoices("brick_role"))
    max_running: int = Field(2, ge=1, validation_alias=AliasChoices("brick_max_running"))

    # Limits of the work
    max_repair_rounds: int = Field(3, ge=0, le=20, validation_alias=AliasChoices("brick_max_repair_rounds"))
    geometry_timeout_s: float = Field(60.0, gt=0, validation_alias=AliasChoices("brick_geometry_timeout_s"))
    fem_timeout_s: float = Field(120.0, gt=0, validation_alias=AliasChoices("brick_fem_timeout_s"))
    fem_budget_s: float = Field(12.0, gt=0, validation_alias=AliasChoices("brick_fem_budget_s"))
    fem_max_dofs: int = Field(120_000, gt=1000, validation_alias=AliasChoices("brick_fem_max_dofs"))
    worker_memory_mb: float = Field(6000.0, ge=200, validation_alias=AliasChoices("brick_worker_memory_mb"))
    session_ttl_s: int = Field(3600, gt=0, validation_alias=AliasChoices("brick_session_ttl_s"))

    # Watching
    slow_agent_s: float = Field(30.0, gt=0, validation_alias=AliasChoices("brick_slow_agent_s"))
    event_history: int = Field(2000, ge=10, validation_alias=AliasChoices("brick_event_history"))
    event_queue: int = Field(500, ge=1, validation_alias=AliasChoices("brick_event_queue"))
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", validation_alias=AliasChoices("brick_log_level")
    )
    sentry_dsn: SecretStr | None = None
    otlp_endpoint: str | None = Field(
        None, validation_alias=AliasChoices("brick_otlp_endpoint", "otel_exporter_otlp_endpoint")
    )

    @model_validator(mode="after")
    def _key_of_the_chosen_provider(self) -> Settings:
        """A provider that was chosen must be usable; the others need nothing."""
        key = KEY_OF.get(self.llm_provider)
        if key and not getattr(self, key):
            raise ValueError(
                f"the language model provider {self.llm_provider!r} was chosen, but {key.upper()} is not set: "
                f"set it, or set BRICK_LLM_PROVIDER=offline"
            )
        addresses = self.llm_base_url or self.llm_base_urls.get("openai_compatible")
        if self.llm_provider == "openai_compatible" and not addresses:
            raise ValueError("the provider 'openai_compatible' needs BRICK_LLM_BASE_URL, e.g. http://127.0.0.1:8080/v1")
        return self

    @model_validator(mode="after")
    def _token_beyond_loopback(self) -> Settings:
        """A server that others can reach must ask them who they are."""
        if not is_loopback(self.host) and not self.access_token:
            raise ValueError(
                f"the server would listen on {self.host}, where other machines can reach it, without a token: "
                "set BRICK_ACCESS_TOKEN, or BRICK_HOST=127.0.0.1"
            )
        return self

    @property
    def projects_dir(self) -> Path:
        """Where the runs of the server keep their files."""
        return self.data_dir / "projects"

    @property
    def artifacts_dir(self) -> Path:
        """Where artefacts lie, named by their content."""
        return self.data_dir / "artifacts"

    @property
    def engine_cache_folder(self) -> Path:
        """Where the engine keeps results of operations."""
        return self.engine_cache_dir or self.data_dir / "engine-cache"

    @property
    def database(self) -> str:
        """The SQLAlchemy address of the database: the one that was set, else a file in ``data_dir``."""
        return self.database_url or f"sqlite:///{self.data_dir / 'brick.db'}"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()


def __getattr__(name: str) -> Settings:
    """``from backend.config.settings import settings``: read on first use, so that importing this can't fail."""
    if name == "settings":
        return get_settings()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
