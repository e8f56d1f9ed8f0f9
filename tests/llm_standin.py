"""A stand-in for the language model services, over real HTTP: it speaks their protocols and answers from a script.

Three protocols: chat completions (OpenAI, Groq, Kimi, Ollama and what is compatible), Anthropic's messages and Gemini's
generateContent; each plain and streamed. The script is a list of steps, one a request: what to say, or how to fail.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

IN, OUT = 1200, 340  # tokens that every answer says it took


@dataclass(frozen=True)
class Fill:
    """Fill the form: call the output tool with these arguments."""

    args: dict[str, Any]


@dataclass(frozen=True)
class Call:
    """Call one of the caller's tools."""

    name: str
    args: dict[str, Any]


@dataclass(frozen=True)
class Say:
    """Answer in plain text; ``finish`` is why it ended ("stop", "content_filter")."""

    text: str
    finish: str = "stop"


@dataclass(frozen=True)
class Fail:
    """Answer with a status."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = '{"error": {"message": "no", "type": "server_error", "code": "no"}}'


@dataclass(frozen=True)
class Hang:
    """Say nothing for some time, then close."""

    seconds: float


@dataclass(frozen=True)
class Half:
    """Begin an answer and break off in the middle of it."""

    args: dict[str, Any]


@dataclass(frozen=True)
class Raw:
    """Bytes that are no answer at all, with status 200."""

    body: bytes = b"<html>not what you think</html>"


Step = Fill | Call | Say | Fail | Hang | Half | Raw


@dataclass
class Seen:
    """One request: where it went, with which headers, and its body."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    counted: bool = True  # whether a streamed answer of chat completions tells its tokens


class StandIn:
    """The server. ``script`` is used up from the front; a step may also be a function of the request."""

    def __init__(self, *script: Step | Callable[[Seen], Step], counted: bool = True) -> None:
        self.script, self.counted = list(script), counted
        self.seen: list[Seen] = []
        self._lock = threading.Lock()
        standin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: Any) -> None:
                pass

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                seen = Seen(self.path, {key.lower(): value for key, value in self.headers.items()}, body)
                seen.counted = standin.counted
                with standin._lock:
                    standin.seen.append(seen)
                    step = standin.script.pop(0) if standin.script else Fail(500)
                if not isinstance(step, Step):
                    step = step(seen)
                standin._answer(self, seen, step)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> StandIn:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler, seen: Seen, step: Step) -> None:
        if isinstance(step, Hang):
            time.sleep(step.seconds)
            handler.close_connection = True
            return
        if isinstance(step, Fail):
            _send(handler, step.body.encode(), status=step.status, **step.headers)
            return
        if isinstance(step, Raw):
            _send(handler, step.body, **{"content-type": "text/html"})
            return
        dialect = _dialect(seen.path)
        if dialect.streams(seen):
            _stream(handler, dialect.chunks(seen, step), broken=isinstance(step, Half))
        elif isinstance(step, Half):
            text = json.dumps(dialect.whole(seen, Fill(step.args))).encode()
            handler.send_response(200)
            handler.send_header("content-type", "application/json")
            handler.send_header("content-length", str(len(text)))
            handler.end_headers()
            handler.wfile.write(text[: len(text) // 2])
            handler.close_connection = True
        else:
            _send(handler, json.dumps(dialect.whole(seen, step)).encode())


def _send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"content-type": "application/json", **headers}.items():
        handler.send_header(name, value)
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _stream(handler: BaseHTTPRequestHandler, chunks: list[str], broken: bool) -> None:
    handler.send_response(200)
    handler.send_header("content-type", "text/event-stream")
    handler.send_header("transfer-encoding", "chunked")
    handler.end_headers()
    for chunk in chunks[: len(chunks) // 2] if broken else chunks:
        data = chunk.encode()
        handler.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        handler.wfile.flush()
    if broken:
        handler.close_connection = True  # without the last chunk: the answer is cut off
        return
    handler.wfile.write(b"0\r\n\r\n")


def _pieces(text: str) -> list[str]:
    size = max(1, len(text) // 3)
    return [text[i : i + size] for i in range(0, len(text), size)]


def _event(data: Any, name: str = "") -> str:
    return (f"event: {name}\n" if name else "") + f"data: {json.dumps(data)}\n\n"


def _is_groq(seen: Seen) -> bool:
    return seen.path.split("?")[0].endswith("/openai/v1/chat/completions")


class ChatCompletions:
    """OpenAI's chat completions. A stream tells its tokens in a chunk of their own, and only to who asks for them.

    Groq's tells them unasked in its last chunk, under ``x_groq`` (``ChatCompletionChunk`` of its client, groq 1.7).
    """

    @staticmethod
    def streams(seen: Seen) -> bool:
        return bool(seen.body.get("stream"))

    @staticmethod
    def output_tool(seen: Seen) -> str:
        return next(t["function"]["name"] for t in seen.body["tools"] if "final_result" in t["function"]["name"])

    def _message(self, seen: Seen, step: Step) -> tuple[dict[str, Any], str]:
        if isinstance(step, Say):
            return {"role": "assistant", "content": step.text}, step.finish
        name, args = (step.name, step.args) if isinstance(step, Call) else (self.output_tool(seen), step.args)
        call = {"id": f"call_{len(seen.body['messages'])}", "type": "function"}
        return {
            "role": "assistant",
            "content": None,
            "tool_calls": [{**call, "function": {"name": name, "arguments": json.dumps(args)}}],
        }, "tool_calls"

    def whole(self, seen: Seen, step: Step) -> dict[str, Any]:
        message, finish = self._message(seen, step)
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1700000000,
            "model": seen.body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
            "usage": {"prompt_tokens": IN, "completion_tokens": OUT, "total_tokens": IN + OUT},
        }

    def chunks(self, seen: Seen, step: Step) -> list[str]:
        message, finish = self._message(seen, step)
        base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000}
        base["model"] = seen.body["model"]

        def chunk(delta: dict[str, Any], reason: str | None = None) -> str:
            return _event({**base, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})

        out = [chunk({"role": "assistant", "content": ""})]
        if message["content"] is not None:
            out += [chunk({"content": piece}) for piece in _pieces(message["content"])]
        for call in message.get("tool_calls", ()):
            head = {"index": 0, "id": call["id"], "type": "function"}
            out.append(chunk({"tool_calls": [{**head, "function": {**call["function"], "arguments": ""}}]}))
            out += [
                chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
                for piece in _pieces(call["function"]["arguments"])
            ]
        usage = {"prompt_tokens": IN, "completion_tokens": OUT, "total_tokens": IN + OUT}
        if _is_groq(seen):
            last = {**base, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}
            told = {"id": "req_1", **({"usage": usage} if seen.counted else {})}
            return [*out, _event({**last, "x_groq": told}), "data: [DONE]\n\n"]
        out.append(chunk({}, finish))
        if seen.counted and (seen.body.get("stream_options") or {}).get("include_usage"):
            out.append(_event({**base, "choices": [], "usage": usage}))
        return [*out, "data: [DONE]\n\n"]


class Messages:
    """Anthropic's messages."""

    @staticmethod
    def streams(seen: Seen) -> bool:
        return bool(seen.body.get("stream"))

    @staticmethod
    def output_tool(seen: Seen) -> str:
        return next(t["name"] for t in seen.body["tools"] if "final_result" in t["name"])

    def _block(self, seen: Seen, step: Step) -> tuple[dict[str, Any], str]:
        if isinstance(step, Say):
            return {"type": "text", "text": step.text}, "refusal" if step.finish == "content_filter" else "end_turn"
        name, args = (step.name, step.args) if isinstance(step, Call) else (self.output_tool(seen), step.args)
        return {
            "type": "tool_use",
            "id": f"toolu_{len(seen.body['messages'])}",
            "name": name,
            "input": args,
        }, "tool_use"

    def whole(self, seen: Seen, step: Step) -> dict[str, Any]:
        block, stop = self._block(seen, step)
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": seen.body["model"],
            "content": [block],
            "stop_reason": stop,
            "stop_sequence": None,
            "usage": {"input_tokens": IN, "output_tokens": OUT},
        }

    def chunks(self, seen: Seen, step: Step) -> list[str]:
        block, stop = self._block(seen, step)
        start = {**self.whole(seen, step), "content": [], "stop_reason": None}
        start["usage"] = {"input_tokens": IN, "output_tokens": 1}
        out = [_event({"type": "message_start", "message": start}, "message_start")]
        if block["type"] == "text":
            empty, kind, field_ = {"type": "text", "text": ""}, "text_delta", "text"
            text = block["text"]
        else:
            empty, kind, field_ = {**block, "input": {}}, "input_json_delta", "partial_json"
            text = json.dumps(block["input"])
        name = "content_block_start"
        out.append(_event({"type": name, "index": 0, "content_block": empty}, name))
        name = "content_block_delta"
        out += [_event({"type": name, "index": 0, "delta": {"type": kind, field_: p}}, name) for p in _pieces(text)]
        out.append(_event({"type": "content_block_stop", "index": 0}, "content_block_stop"))
        end = {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}}
        out.append(_event({**end, "usage": {"output_tokens": OUT}}, "message_delta"))
        out.append(_event({"type": "message_stop"}, "message_stop"))
        return out


class GenerateContent:
    """Gemini's generateContent."""

    @staticmethod
    def streams(seen: Seen) -> bool:
        return "streamGenerateContent" in seen.path

    @staticmethod
    def output_tool(seen: Seen) -> str:
        declared = [d for tool in seen.body["tools"] for d in tool["functionDeclarations"]]
        return next(d["name"] for d in declared if "final_result" in d["name"])

    def whole(self, seen: Seen, step: Step) -> dict[str, Any]:
        finish = "STOP"
        if isinstance(step, Say):
            part: dict[str, Any] = {"text": step.text}
            finish = "SAFETY" if step.finish == "content_filter" else "STOP"
        else:
            name, args = (step.name, step.args) if isinstance(step, Call) else (self.output_tool(seen), step.args)
            part = {"functionCall": {"name": name, "args": args}}
        return {
            "candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": finish, "index": 0}],
            "usageMetadata": {"promptTokenCount": IN, "candidatesTokenCount": OUT, "totalTokenCount": IN + OUT},
            "modelVersion": "stand-in",
            "responseId": "r1",
        }

    def chunks(self, seen: Seen, step: Step) -> list[str]:
        whole = self.whole(seen, step)
        if isinstance(step, Say):
            first = json.loads(json.dumps(whole))
            begin = {**first["candidates"][0]}
            begin.pop("finishReason")
            begin["content"] = {"role": "model", "parts": [{"text": step.text[:3]}]}
            whole["candidates"][0]["content"]["parts"] = [{"text": step.text[3:]}]
            return [_event({**first, "candidates": [begin]}), _event(whole)]
        text = _event(whole)
        # one event holds the whole call: breaking off means to stop within it
        return [text[: len(text) // 2], text[len(text) // 2 :]]


def _dialect(path: str) -> ChatCompletions | Messages | GenerateContent:
    if path.split("?")[0].endswith("/chat/completions"):
        return ChatCompletions()
    if path.split("?")[0].endswith("/v1/messages"):
        return Messages()
    assert "enerateContent" in path, path
    return GenerateContent()
