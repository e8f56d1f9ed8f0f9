"""Failures told to Sentry where its DSN is set: with code and stack, without local variables, requests or briefs."""

from __future__ import annotations

from typing import Any

_KEPT = ("event_id", "timestamp", "platform", "level", "logger", "release", "environment", "exception", "sdk", "tags")


def set_up_sentry(dsn: str | None, release: str) -> bool:
    """Tell unexpected failures (errors that are logged) to Sentry from now on; True where that is so."""
    if not dsn:
        return False
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn,
        release=release,
        send_default_pii=False,
        include_local_variables=False,
        max_breadcrumbs=0,
        max_request_body_size="never",
        default_integrations=True,
        before_send=_scrubbed,
    )
    return True


def close_sentry() -> None:
    """Send what is left, within a few seconds."""
    import sys

    if "sentry_sdk" in sys.modules:
        import sentry_sdk

        sentry_sdk.flush(timeout=3)


def _scrubbed(event: Any, hint: dict[str, Any]) -> Any:
    """What is sent: the kind of failure and where in our code, nothing that a person wrote."""
    kept = {key: event[key] for key in _KEPT if key in event}
    kept["logentry"] = {"message": (event.get("logentry") or {}).get("message", "")}  # the template, not its values
    for item in (kept.get("exception") or {}).get("values", ()):
        item["value"] = str(getattr(hint.get("exc_info", (None, None))[1], "code", "")) or item.get("type", "")
    return kept
