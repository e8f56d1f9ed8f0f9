"""Secrets never leave: keys are taken out of what is sent to a model, told to a person, or written to a log."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pydantic import SecretStr

if TYPE_CHECKING:
    from backend.config.settings import Settings

HIDDEN = "[secret]"
LEAST_LENGTH = 8  # characters; a shorter value could be a common word

# Shapes of keys, whoever they belong to: prefixes of the providers, bearer tokens, passwords in addresses, PEM blocks.
_SHAPES = re.compile(
    r"""
      (?:sk|pk|rk|gsk|ghp|gho|ghs|xox[abp]|hf|glpat|key)[-_][A-Za-z0-9_\-]{16,}
    | AIza[A-Za-z0-9_\-]{20,}
    | AKIA[A-Z0-9]{12,}
    | eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]*
    | (?i:bearer)\s+[A-Za-z0-9._\-]{16,}
    | (?<=://)[^/\s:@]+:[^/\s@]+(?=@)
    | -----BEGIN\ [A-Z\ ]*PRIVATE\ KEY-----.*?(?:-----END\ [A-Z\ ]*PRIVATE\ KEY-----|\Z)
    """,
    re.VERBOSE | re.DOTALL,
)


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """The values of all secret settings, the longest first."""
    found = (getattr(settings, name) for name in type(settings).model_fields)
    values = {value.get_secret_value() for value in found if isinstance(value, SecretStr)}
    return tuple(sorted((value for value in values if len(value) >= LEAST_LENGTH), key=len, reverse=True))


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """The text with known secrets, and whatever has the shape of one, replaced by :data:`HIDDEN`."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return _SHAPES.sub(HIDDEN, text)
