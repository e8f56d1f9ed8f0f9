"""What every section of a study file shares."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

from backend.studies import quantities as q

Place = tuple[q.Length, q.Length, q.Length]
ForceVector = tuple[q.Force, q.Force, q.Force]
MomentVector = tuple[q.Moment, q.Moment, q.Moment]


class Strict(BaseModel):
    """A section of the study; keys that nobody reads are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def refuse(text: str) -> PydanticCustomError:
    """An error in a study's words."""
    return PydanticCustomError("study", "{problem}", {"problem": text})
