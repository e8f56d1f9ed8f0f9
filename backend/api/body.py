"""What a request's body has in common: a key that nobody reads is refused, and the nearest known one is named.

A key that is passed over in silence is worse than an error: a misspelt ``approve_release`` would hand over what a
person wanted to see first.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError


class Body(BaseModel):
    """Base of every request's body."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _only_known_keys(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        known = sorted(cls.model_fields)
        unknown = [str(key) for key in data if key not in cls.model_fields]
        if unknown:
            words = "; ".join(_told(key[:60], known) for key in unknown[:5])
            raise PydanticCustomError("unknown_key", "{words}", {"words": words})
        return data


def _told(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key.lower(), known, n=1, cutoff=0.5)
    hint = f"did you mean '{near[0]}'?" if near else f"the keys are {', '.join(known)}"
    return f"there is no key '{key}'; {hint}"
