"""What the event bus tells the log and the counters: every event that is published here."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from backend.monitoring.performance import monitor

logger = logging.getLogger("brick.events")


def set_up_log(level: str) -> None:
    """Our own log goes to standard error from ``level`` ("debug" to "error") on, that of libraries from "warning"."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("backend", "brick"):
        logging.getLogger(name).setLevel(level.upper())


def note_event(event: Mapping[str, Any]) -> None:
    """Count an event by kind, and write it to the log (level "info", ``BRICK_LOG_LEVEL``)."""
    monitor.count("brick_events_total", 1, kind=str(event["kind"]))
    logger.info(
        "%s %s %s %s",
        event["project_id"],
        event["seq"],
        event["kind"],
        " ".join(part for part in (event["stage"], event["agent"], event["text"]) if part),
    )
