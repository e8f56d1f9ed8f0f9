"""Traces over OTLP, failures over Sentry's protocol, both received by stand-ins; alerts and metrics of a run."""

import gzip
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from backend.compute import get_pool
from backend.config.settings import Settings
from backend.monitoring import monitor
from tests.integration.scripted import BRACKET, Fixed, install
from tests.integration.test_api import Document, Server


@pytest.fixture
def collector():
    """A server that keeps what is posted to it: (path, body)."""
    got = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args):
            pass

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            got.append((self.path, gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}", got
    server.shutdown()
    server.server_close()


def spans_of(got):
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    found = []
    for path, body in got:
        assert path == "/v1/traces"
        request = ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            names = {item.key: item.value.string_value for item in resource.resource.attributes}
            assert names["service.name"] == "brick-os"
            found += [span for scope in resource.scope_spans for span in scope.spans]
    return found


async def test_one_span_a_run_a_node_and_a_solver_call(tmp_path, collector):
    address, got = collector
    settings = Settings(_env_file=None, brick_data_dir=tmp_path / "data", brick_otlp_endpoint=f"http://{address}")
    async with Server(settings) as server:
        body = (await server.run(user_intent=BRACKET, project_id="traced", depth="fast")).json()
    assert body["status"] == "done"
    spans = spans_of(got)
    by_id = {span.span_id: span for span in spans}
    nodes = [span.name for span in spans if span.name.startswith("node ")]
    stages = "gather plan geometry validate_geometry physics verify manufacture document quality_review"
    assert nodes == [f"node {stage}" for stage in stages.split()]
    (run,) = [span for span in spans if span.name == "run"]
    assert all(by_id[span.parent_span_id] is run for span in spans if span.name.startswith("node "))
    solved = [span for span in spans if span.name.startswith("solve ")]
    # the review reads the STEP file back
    assert {by_id[span.parent_span_id].name for span in solved} == {"node geometry", "node quality_review"}
    assert len({span.trace_id for span in spans}) == 1
    for span in spans:
        assert span.end_time_unix_nano >= span.start_time_unix_nano
        text = str(span)
        assert "300 lb" not in text  # no word of a brief leaves
    attributes = {item.key: item.value.string_value for item in run.attributes}
    assert attributes["brick.project_id"] == "traced"


def test_the_design_command_is_traced_too(tmp_path, collector):
    address, got = collector
    environment = {**os.environ, "BRICK_DATA_DIR": str(tmp_path), "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{address}"}
    command = [sys.executable, "-m", "backend.cli", "design", BRACKET, "--out", str(tmp_path / "out"), "--no-input"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    spans = spans_of(got)
    names = [span.name for span in spans]
    assert (names.count("run"), names.count("node physics")) == (1, 1)
    assert any(name.startswith("solve ") for name in names)
    assert len({span.trace_id for span in spans}) == 1


async def test_a_node_that_ends_the_run_is_marked_in_its_span(tmp_path, collector, monkeypatch):
    from backend.errors import CompileError
    from tests.integration.scripted import Geometry

    install(monkeypatch, GeometryAgent=Geometry(fails=CompileError("secret words", next_action="Smaller.")))
    address, got = collector
    settings = Settings(_env_file=None, brick_data_dir=tmp_path / "data", brick_otlp_endpoint=f"http://{address}")
    async with Server(settings) as server:
        await server.run(user_intent=BRACKET, project_id="p")
    (span,) = [span for span in spans_of(got) if span.name == "node geometry"]
    assert {item.key: item.value.string_value for item in span.attributes}["brick.error"] == "kcl_failed"
    assert "secret words" not in str(got)


async def test_a_collector_that_is_gone_holds_nothing_up(tmp_path, monkeypatch):
    install(monkeypatch, DocumentAgent=Document())
    settings = Settings(_env_file=None, brick_data_dir=tmp_path / "data", brick_otlp_endpoint="http://127.0.0.1:9")
    async with Server(settings) as server:
        assert (await server.run(user_intent=BRACKET, project_id="p")).json()["status"] == "done"


async def test_an_unexpected_failure_is_told_to_sentry_without_what_a_person_wrote(tmp_path, collector, monkeypatch):
    import sentry_sdk

    address, got = collector
    install(monkeypatch, DocumentAgent=Document())
    monkeypatch.setattr("backend.orchestration.projects.Projects._begin", lambda self, run: 1 / 0)
    settings = Settings(
        _env_file=None, brick_data_dir=tmp_path / "data", sentry_dsn=f"http://publickey0123456789@{address}/1"
    )
    try:
        async with Server(settings) as server:
            body = (await server.run(user_intent=BRACKET, project_id="p")).json()
            assert body["status"] == "failed"
    finally:
        sentry_sdk.init()  # without a DSN: off again
    envelopes = [body.decode() for path, body in got if path.startswith("/api/1/envelope")]
    assert envelopes
    told = "\n".join(envelopes)
    assert "ZeroDivisionError" in told
    assert "projects.py" in told
    assert "300 lb" not in told
    assert str(tmp_path) not in told


async def test_a_slow_agent_is_an_alert_where_the_run_is_watched(tmp_path, monkeypatch, caplog):
    slow = Fixed("ManifoldAgent", {"status": "success", "summary": "closed"})
    install(monkeypatch, DocumentAgent=Document(), ManifoldAgent=slow)
    run = slow.run

    async def slowly(params, **kwargs):
        import asyncio

        await asyncio.sleep(0.06)
        return await run(params, **kwargs)

    slow.run = slowly
    settings = Settings(_env_file=None, brick_data_dir=tmp_path / "data", brick_slow_agent_s=0.05)
    try:
        async with Server(settings) as server:
            await server.run(user_intent=BRACKET, project_id="p")
            events = (await server.http.get("/api/projects/p/events")).json()["events"]
            metrics = (await server.http.get("/metrics")).text
    finally:
        monitor.slow_s = 30.0
    alerts = [event for event in events if event["data"].get("alert") == "slow_agent"]
    assert "ManifoldAgent" in {event["agent"] for event in alerts}
    assert any("Slow agent: ManifoldAgent" in record.message for record in caplog.records)
    slow_line = next(line for line in metrics.splitlines() if line.startswith('brick_agent_slow_total{agent="Manifold'))
    assert float(slow_line.split()[-1]) >= 1


def test_metrics_are_what_a_prometheus_reads():
    from backend.monitoring import PerformanceMonitor

    own = PerformanceMonitor()
    own.record('odd "name"\\', 1.0)
    own.count("brick_tasks_total", 2, kind="fem", outcome="done")
    own.count("brick_tasks_total", 1, kind="fem", outcome="done")
    text = own.prometheus()
    assert 'brick_tasks_total{kind="fem",outcome="done"} 3' in text
    for line in text.splitlines():
        if line.startswith("#"):
            assert line.split()[1] in ("HELP", "TYPE")
        else:
            name, value = line.rsplit(" ", 1)
            float(value)
            assert name.startswith("brick_")


@pytest.fixture(scope="module", autouse=True)
def closed():
    yield
    get_pool().close()
