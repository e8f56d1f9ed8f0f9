"""Seeded mutations of protocol messages and of KCL programs: by grammar, and byte by byte."""

from __future__ import annotations

import json
import random
import re
import uuid
from typing import Any

import msgpack

_DEEP: Any = 0
for _ in range(300):
    _DEEP = [_DEEP]

WRONG: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 10**30, -(10**18), 1e308, -1e308, 1e-320, 1e9, 0.0, -0.5,
    float("nan"), float("inf"), "", "x", "None", "Symmetric", "\x00", "é" * 40, "y" * 10_000, [], {}, [[]], [None],
    _DEEP, {"type": "x"}, {"x": 1, "y": None}, {"Other": {"unit": "degrees", "value": 1e30}},
    {"unit": "degrees", "value": -720},
    {"x": 0.0, "y": 0.0, "z": 0.0}, {"unit": "radians", "value": 1e-12},
)  # fmt: skip


def _spots(tree: Any) -> list[tuple[Any, ...]]:
    """Paths of the values within a tree, down to 40 levels."""
    spots: list[tuple[Any, ...]] = []
    pending: list[tuple[tuple[Any, ...], Any]] = [((), tree)]
    while pending:
        at, value = pending.pop()
        pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, item in pairs if len(at) < 40 else ():
            spots.append((*at, key))
            pending.append(((*at, key), item))
    return spots


def _holder(tree: Any, spot: tuple[Any, ...]) -> Any:
    for step in spot[:-1]:
        tree = tree[step]
    return tree


def _copy(value: Any) -> Any:
    """A copy that shares nothing, also of deep values; what JSON can't say (bytes) stays."""
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError):
        return value


class Messages:
    """Mutates messages of the modeling protocol. ``commands`` are names of commands, ``ids`` grow as messages pass."""

    def __init__(self, seed: int, commands: list[str]) -> None:
        self.random = random.Random(seed)
        self.commands = commands
        self.ids: list[str] = []

    def frame(self, frame: str | bytes) -> str | bytes:
        """A mutated frame."""
        dice = self.random.random()
        if dice < 0.12:
            return self._bytes(frame)
        message = json.loads(frame) if isinstance(frame, str) else msgpack.unpackb(frame, raw=False)
        for _ in range(self.random.choice((1, 1, 1, 1, 1, 2, 3))):
            self._tree(message)
        if dice < 0.3:
            try:
                packed: bytes = msgpack.packb(message, use_bin_type=True)
            except (OverflowError, ValueError, TypeError):
                return json.dumps(message, default=repr)
            return self._bytes(packed) if dice < 0.2 else packed
        return json.dumps(message, default=repr)

    def _bytes(self, frame: str | bytes) -> str | bytes:
        """Cut, flipped, doubled or strewn with other bytes; text may arrive as binary."""
        data = bytearray(frame.encode() if isinstance(frame, str) else frame)
        kind = self.random.randrange(5)
        if kind == 0:
            del data[self.random.randrange(len(data) + 1) :]
        elif kind == 1:
            for _ in range(self.random.randint(1, 8)):
                if data:
                    data[self.random.randrange(len(data))] = self.random.randrange(256)
        elif kind == 2:
            start = self.random.randrange(len(data) + 1)
            data[start:start] = data[: self.random.randint(1, 60)]
        elif kind == 3:
            data[: self.random.randint(0, 3)] = b"[" * self.random.choice((1, 50, 5000))
        else:
            return bytes(data)
        return bytes(data).decode(errors="replace") if isinstance(frame, str) else bytes(data)

    def _tree(self, message: Any) -> None:
        spots = _spots(message)
        if not spots:
            return
        commands = [spot for spot in spots if len(spot) >= 2 and "cmd" in spot]
        spot = self.random.choice(commands if commands and self.random.random() < 0.8 else spots)
        holder, key = _holder(message, spot), spot[-1]
        value = holder[key]
        kind = self.random.randrange(12)
        if key == "type" and self.random.random() < 0.6:
            holder[key] = self.random.choice([*self.commands, "unheard_of", "modeling_cmd_req", "headers"])
        elif kind <= 2:
            holder[key] = _copy(self.random.choice(WRONG))
        elif kind == 4:
            del holder[key]
        elif kind in (3, 5) and isinstance(value, int | float) and not isinstance(value, bool):
            holder[key] = value * self.random.choice((0, -1, 1e-9, 1e-3, 0.5, 1.5, 3, 1e3, 1e6, 1e12))
        elif kind == 6 and isinstance(holder, dict):
            holder[f"{key}_"] = holder.pop(key)
        elif kind == 7 and isinstance(holder, dict):
            holder["novelty"] = _copy(self.random.choice(WRONG))
        elif kind == 8 and isinstance(value, list):
            holder[key] = _copy(value * self.random.choice((2, 3, 50))) if self.random.random() < 0.5 else value[::-1]
        elif kind == 9 and self.ids:
            holder[key] = self.random.choice(self.ids)
        elif kind == 10:
            other = self.random.choice(spots)
            holder[key] = _copy(_holder(message, other)[other[-1]])
        else:
            holder[key] = str(uuid.UUID(int=self.random.getrandbits(128)))

    def learn(self, frame: str | bytes) -> None:
        """Remembers ids of a frame, so that mutations can refer to what exists."""
        if isinstance(frame, str):
            self.ids += re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", frame)
            del self.ids[:-400]


_TOKEN = re.compile(
    r"//[^\n]*|\"[^\"\n]*\"|\d+\.?\d*(?:[eE][+-]?\d+)?(?:mm|cm|m|in|ft|yd|deg|rad)?|[$%]?[A-Za-z_]\w*(?:::\w+)*|\|>|\n|[^\s\w]"
)
_NUMBERS = (
    "0", "-0", "1", "-1", "0.5", "-3", "1e-9", "1e9", "1e308", "1000", "360", "90", "-45", "0.001", "25.4", "7",
    "10in", "3deg", "1rad", "PI", "true", "[]", "[0, 0]", '"x"', "none", "{}", "XY", "END",
)  # fmt: skip


class Programs:
    """Mutates KCL programs. ``sources`` lend their lines and words to each other."""

    def __init__(self, seed: int, sources: list[str]) -> None:
        self.random = random.Random(seed)
        self.sources = sources
        words = {token for source in sources for token in _TOKEN.findall(source) if token[0].isalpha()}
        self.words = sorted(words)

    def program(self) -> str:
        """A mutated program: most are changed in one place, so that they get past the parser."""
        source = self.random.choice(self.sources)
        if self.random.random() < 0.15:
            return self._bytes(source)
        for _ in range(self.random.choice((1, 1, 1, 1, 2, 3))):
            source = self._lines(source) if self.random.random() < 0.25 else self._tokens(source)
        return source

    def _bytes(self, source: str) -> str:
        data = bytearray(source.encode())
        for _ in range(self.random.randint(1, 6)):
            spot = self.random.randrange(len(data))
            kind = self.random.randrange(4)
            if kind == 0:
                data[spot] = self.random.randrange(256)
            elif kind == 1:
                del data[spot : spot + self.random.randint(1, 20)]
            elif kind == 2:
                data[spot:spot] = bytes([self.random.choice(b"(){}[]|>=,.:$%\"'\\0 \n\t\xff")])
            else:
                data[spot:spot] = data[spot : spot + self.random.randint(1, 40)]
            if not data:
                data = bytearray(b" ")
        return data.decode(errors="replace").replace("\x00", "")

    def _lines(self, source: str) -> str:
        lines = source.splitlines()
        spot = self.random.randrange(len(lines))
        kind = self.random.randrange(4)
        if kind == 0:
            del lines[spot]
        elif kind == 1:
            lines.insert(spot, lines[self.random.randrange(len(lines))])
        elif kind == 2:
            other = self.random.randrange(len(lines))
            lines[spot], lines[other] = lines[other], lines[spot]
        else:
            lines.insert(spot, self.random.choice(self.random.choice(self.sources).splitlines()))
        return "\n".join(lines) + "\n"

    def _tokens(self, source: str) -> str:
        spots = [found for found in _TOKEN.finditer(source) if not found[0].startswith(("//", "\n"))]
        if not spots:
            return source
        numbers = [found for found in spots if found[0][0].isdigit()]
        chosen = self.random.choice(numbers if numbers and self.random.random() < 0.65 else spots)
        old = chosen[0]
        kind = self.random.randrange(6)
        if old[0].isdigit() and kind < 3:
            new = self.random.choice(_NUMBERS)
        elif old[0].isdigit() and kind < 5:
            value = re.match(r"[\d.eE]+", old)
            scale = self.random.choice((0.1, 0.5, 0.999, 1.001, 2, 10, 1000))
            new = f"{float(value[0].rstrip('eE.')) * scale:g}" if value else "0"
        elif kind == 0:
            new = ""
        elif kind == 1:
            new = f"{old} {old}"
        elif kind == 2:
            new = self.random.choice(spots)[0]
        elif old[0].isalpha():
            new = self.random.choice(self.words)
        else:
            new = self.random.choice(("(", ")", "[", "]", ",", "=", "|>", "+", "-", "*", "/", "%", "^", "..", "$a"))
        return source[: chosen.start()] + new + source[chosen.end() :]
