"""Settings: everything works with none set; a wrong one says what to do."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from backend.config import settings as module
from backend.config.settings import Settings, default_data_dir, is_loopback


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """No settings from this machine: neither variables nor a .env file."""
    for name in Settings.model_fields:
        for variable in (name, f"brick_{name}"):
            monkeypatch.delenv(variable.upper(), raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def test_it_works_with_nothing_set(tmp_path):
    settings = Settings()
    assert settings.llm_provider == "offline"
    assert settings.host == "127.0.0.1"
    assert settings.max_repair_rounds == 3
    assert settings.redis_url is None
    assert settings.data_dir == tmp_path / "home" / ".local" / "share" / "brick-os"
    assert settings.database == f"sqlite:///{settings.data_dir}/brick.db"


def test_the_seeds_import_works(monkeypatch):
    module.get_settings.cache_clear()
    from backend.config.settings import settings

    assert settings.llm_provider == "offline"
    assert module.settings is settings
    module.get_settings.cache_clear()


def test_a_local_folder_is_used_where_it_exists(tmp_path):
    (tmp_path / ".brick").mkdir()
    assert default_data_dir() == tmp_path / ".brick"


def test_xdg_is_followed_where_it_is_absolute(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    assert default_data_dir() == tmp_path / "xdg" / "brick-os"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")  # the specification: ignore it
    assert default_data_dir() == tmp_path / "home" / ".local" / "share" / "brick-os"


def test_variables_and_a_dotenv_file_are_read(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("REDIS_URL=redis://r:6379/0\nBRICK_PORT=9001\nUNKNOWN_THING=1\n")
    monkeypatch.setenv("BRICK_DATA_DIR", "/data")
    monkeypatch.setenv("BRICK_PORT", "9002")
    settings = Settings()
    assert (settings.redis_url, settings.port, settings.data_dir) == ("redis://r:6379/0", 9002, Path("/data"))


@pytest.mark.parametrize("provider", ["groq", "openai", "gemini", "kimi", "anthropic"])
def test_a_key_is_required_for_the_chosen_provider_only(monkeypatch, provider):
    monkeypatch.setenv("BRICK_LLM_PROVIDER", provider)
    with pytest.raises(ValidationError, match=f"{provider.upper()}_API_KEY is not set"):
        Settings()
    monkeypatch.setenv(f"{provider.upper()}_API_KEY", "k")
    assert Settings().llm_provider == provider


def test_an_own_server_needs_its_address(monkeypatch):
    monkeypatch.setenv("LLM_PROVIDER", "openai_compatible")
    with pytest.raises(ValidationError, match="BRICK_LLM_BASE_URL"):
        Settings()


def test_an_empty_variable_counts_as_unset(monkeypatch):
    monkeypatch.setenv("GROQ_API_KEY", "")
    monkeypatch.setenv("REDIS_URL", "")
    assert Settings().groq_api_key is None
    assert Settings().redis_url is None


def test_secrets_do_not_show(monkeypatch):
    monkeypatch.setenv("GROQ_API_KEY", "gsk-very-secret")
    settings = Settings()
    assert "gsk-very-secret" not in repr(settings) + str(settings) + settings.model_dump_json()
    assert settings.groq_api_key.get_secret_value() == "gsk-very-secret"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("localhost", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("192.168.1.4", False),
        ("example.com", False),
        ("", False),
    ],
)
def test_what_is_loopback(host, expected):
    assert is_loopback(host) is expected


def test_a_server_that_others_can_reach_needs_a_token(monkeypatch):
    monkeypatch.setenv("BRICK_HOST", "0.0.0.0")
    with pytest.raises(ValidationError, match="set BRICK_ACCESS_TOKEN"):
        Settings()
    monkeypatch.setenv("BRICK_ACCESS_TOKEN", "t")
    assert Settings().host == "0.0.0.0"


@pytest.mark.parametrize(("name", "value"), [("BRICK_PORT", "70000"), ("BRICK_MAX_REPAIR_ROUNDS", "-1")])
def test_nonsense_is_refused(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()
