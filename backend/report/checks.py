"""How the checks of a verdict are ordered and named for a reader, the same on the terminal and in the dossier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Check = Mapping[str, Any]

SIGNS = {"<=": "≤", ">=": "≥", "==": "="}


def unit(check: Check) -> str:
    """The unit to print behind a value; a pure number ("1") has none."""
    return {"1": "", "degC": "°C"}.get(check["unit"], str(check["unit"]))


def is_identity(check: Check) -> bool:
    """Whether a check only says that the model is what was asked for: passed, and an equality or a bare yes."""
    return check["status"] == "pass" and (check["sense"] in ("==", None) or check["id"].startswith("geometry_"))


def is_information(check: Check) -> bool:
    """Whether a value is told without a limit to hold it against."""
    return check["status"] == "not verified" and check["value"] is not None and check["limit"] is None


def grouped(checks: Sequence[Check]) -> dict[str, list[Check]]:
    """The checks by what a reader does with them: "limits" (failed ones first), "open", "information", "identity"."""
    groups: dict[str, list[Check]] = {"limits": [], "open": [], "information": [], "identity": []}
    for check in checks:
        if is_identity(check):
            groups["identity"].append(check)
        elif is_information(check):
            groups["information"].append(check)
        elif check["status"] == "not verified":
            groups["open"].append(check)
        else:
            groups["limits"].append(check)
    groups["limits"].sort(key=lambda check: check["status"] != "fail")
    return groups


def assumption_rows(*sources: Sequence[Mapping[str, Any]] | None) -> list[Mapping[str, Any]]:
    """The assumptions of all sources in order, each text once."""
    rows: dict[str, Mapping[str, Any]] = {}
    for source in sources:
        for item in source or ():
            rows.setdefault(str(item["text"]), item)
    return list(rows.values())
