"""Traces for whoever collects them: one span a run, a node and a solver call, sent by OpenTelemetry's OTLP over HTTP.

Nothing is imported, recorded or sent unless an address is set (OTEL_EXPORTER_OTLP_ENDPOINT): then a span is what its
name says, with the project and its outcome, and no word of a brief.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from typing import Any

logger = logging.getLogger(__name__)

_lock = threading.Lock()
_tracer: Any = None
_provider: Any = None


def set_up_tracing(endpoint: str | None, service: str = "brick-os") -> bool:
    """Send spans to the collector at ``endpoint`` (e.g. http://127.0.0.1:4318) from now on; True where that is so.

    Spans are sent in batches from a thread of its own: a collector that is slow or gone holds nothing up.
    """
    global _tracer, _provider
    if not endpoint:
        return False
    with _lock:
        if _tracer is not None:
            return True
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        _provider = TracerProvider(resource=Resource.create({"service.name": service}))
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=5)
        _provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
        _tracer = _provider.get_tracer("brick")
        return True


def close_tracing() -> None:
    """Send what is left, and record nothing from now on."""
    global _tracer, _provider
    with _lock:
        provider, _tracer, _provider = _provider, None, None
    if provider is not None:
        provider.shutdown()


class _Nothing:
    def set(self, **attributes: Any) -> None:
        """Nothing is recorded."""


class Span:
    """A span that is open."""

    def __init__(self, span: Any) -> None:
        self._span = span

    def set(self, **attributes: Any) -> None:
        """Add attributes, each under ``brick.``; None is left out."""
        for name, value in attributes.items():
            if value is not None:
                self._span.set_attribute(f"brick.{name}", value)


@contextlib.contextmanager
def span(name: str, **attributes: Any) -> Iterator[Span | _Nothing]:
    """A span around this block, within the one that is open here. An exception ends it as failed and goes on."""
    tracer = _tracer
    if tracer is None:
        yield _Nothing()
        return
    from opentelemetry.trace import Status, StatusCode

    with tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False) as opened:
        found = Span(opened)
        found.set(**attributes)
        try:
            yield found
        except BaseException as problem:
            # The type and the code, not the message: that may hold words of a brief.
            found.set(error=str(getattr(problem, "code", "") or type(problem).__name__))
            opened.set_status(Status(StatusCode.ERROR, type(problem).__name__))
            raise
