"""The result of the quality review, set into a dossier that is there already."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- quality review -->", "<!-- end of quality review -->"
_SECTION = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)


def without_review(text: str) -> str:
    """The dossier as it was before a review was set in."""
    return _SECTION.sub(lambda _: BEGIN + END, text, count=1)


def review_section(review: Mapping[str, Any]) -> str:
    """The review as HTML: its result, what disagrees, what could not be compared, warnings."""
    status = str(review.get("status", "not verified"))
    kind = {"pass": "pass", "fail": "fail"}.get(status, "open")
    checks = review.get("checks") or []
    rows = [
        f"<li><b>{html.escape(check['title'])}</b>: {html.escape(check['status'])}. {html.escape(check['reason'])}</li>"
        for check in checks
        if check["status"] != "pass"
    ]
    rows += [f"<li>warning: {html.escape(str(warning))}</li>" for warning in review.get("warnings") or []]
    withdrawn = " The verdict above is withdrawn: the package does not agree with itself." if status == "fail" else ""
    listed = f"<details><summary>details</summary><ul>{''.join(rows)}</ul></details>" if rows else ""
    summary = html.escape(str(review.get("summary", "")) + withdrawn)
    return f'<div class="verdict {kind}"><span>Quality review: {summary}</span>{listed}</div>'


def set_review(path: Path, review: Mapping[str, Any]) -> bool:
    """Set the review into the dossier, in one step; False where it has no place for it. Doing so again is harmless."""
    text = path.read_text(encoding="utf-8")
    if not _SECTION.search(text):
        return False
    section = BEGIN + review_section(review) + END
    fresh = path.with_suffix(".html.new")
    fresh.write_text(_SECTION.sub(lambda _: section, text, count=1), encoding="utf-8")
    os.replace(fresh, path)
    return True
