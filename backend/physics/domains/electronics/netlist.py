"""Netlists solved by ngspice as a confined subprocess: SPICE text in, waveforms out.

The text is untrusted. Only elements and analysis lines of a short list pass; whatever makes ngspice run commands or
touch files (.control, .include, .lib, code models, ``*#`` lines, quotes) is refused before the program starts. It
runs without start-up files in an empty folder, with limits on time, processor, memory and output.
"""

from __future__ import annotations

import math
import os
import re
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from backend.physics.errors import BadQuantity, MissingTool, OutOfValidity

ELEMENTS = "RCLKVIEFGHBDQMJSWTX"
DIRECTIVES = frozenset(
    (
        ".op",
        ".dc",
        ".ac",
        ".tran",
        ".tf",
        ".noise",
        ".model",
        ".subckt",
        ".ends",
        ".param",
        ".ic",
        ".nodeset",
        ".temp",
        ".options",
        ".option",
        ".func",
        ".global",
        ".end",
    )
)
ANALYSES = frozenset((".op", ".dc", ".ac", ".tran", ".tf", ".noise"))
MAX_LINES = 2000
MAX_CHARACTERS = 200_000
_FORBIDDEN = re.compile(r"[\"'`\\;$]|file\s*=|^\s*\*#", re.IGNORECASE)


def check_netlist(text: str) -> list[str]:
    """The lines that may be given to ngspice, the title first; comments dropped. Raises BadQuantity otherwise.

    As in every SPICE, the first line is the title and no element.
    """
    if len(text) > MAX_CHARACTERS or text.count("\n") > MAX_LINES:
        raise BadQuantity(
            f"The netlist has {len(text)} characters.", f"Keep it under {MAX_CHARACTERS} and {MAX_LINES} lines."
        )
    lines = text.replace("\r", "").strip("\n").split("\n")
    kept = ["netlist"]
    analyses = 0
    for number, raw in enumerate(lines[1:], start=2):
        line = raw.strip()
        if _FORBIDDEN.search(line):
            raise BadQuantity(
                f"Line {number} of the netlist is refused: {line[:60]!r}.",
                "No quotes, files or commands: write numbers and {expressions of parameters}.",
            )
        if not line or line.startswith("*"):
            continue
        if line.startswith("."):
            word = line.split()[0].lower()
            if word not in DIRECTIVES:
                raise BadQuantity(
                    f"Line {number} of the netlist: {word} is refused.",
                    f"These are known: {', '.join(sorted(DIRECTIVES))}. Models go into the netlist itself.",
                )
            if word == ".end":
                break
            analyses += word in ANALYSES
        elif line.startswith("+"):
            if len(kept) == 1:
                raise BadQuantity(f"Line {number} continues nothing.", "The first line is the title.")
        elif line[0].upper() not in ELEMENTS:
            raise BadQuantity(
                f"Line {number} of the netlist: there is no element {line.split()[0]!r} here.",
                f"Elements begin with one of {', '.join(ELEMENTS)}; the first line is the title.",
            )
        elif line[0].upper() in "RCL" and len(line.split()) < 4:
            raise BadQuantity(
                f"Line {number} of the netlist has no value: {line!r}.", "Write name, two nodes and value."
            )
        kept.append(line)
    if not analyses:
        raise BadQuantity("The netlist asks for no analysis.", "Add .op, .dc, .ac, .tran, .tf or .noise.")
    return [*kept, ".end"]


def solve_netlist(text: str, *, timeout_s: float = 20.0, max_output_mb: int = 64) -> dict[str, dict[str, Any]]:
    """Solves a netlist: analysis ("op", "ac", "tran", "dc", "tf", "noise") -> vector name -> values.

    Vectors are lists, complex ones (AC) of (real, imaginary) pairs; names are ngspice's own, lower case ("v(out)",
    "i(v1)", "time", "frequency"); an operating point has plain numbers. ``cpu_s`` is the time that the program took.
    Raises MissingTool without ngspice, BadQuantity for a netlist that is refused, OutOfValidity where it has no
    solution or exceeds a limit (with ngspice's own words).
    """
    program = shutil.which("ngspice")
    if program is None:
        raise MissingTool("ngspice isn't on this machine, so no netlist was solved.", "Install the package ngspice.")
    lines = check_netlist(text)
    with tempfile.TemporaryDirectory(prefix="brick-spice-") as folder:
        (Path(folder) / "net.cir").write_text("\n".join(lines) + "\n", encoding="utf-8")
        words, cpu_s = _run(program, folder, timeout_s, max_output_mb)
        raw = Path(folder) / "out.raw"
        plots = read_raw(raw.read_text(encoding="utf-8", errors="replace")) if raw.exists() else {}
        full = raw.exists() and raw.stat().st_size >= max_output_mb * 2**20 - 1
    if full:
        raise OutOfValidity(f"The waveforms exceed {max_output_mb} MB.", "Take a longer step or a shorter time.")
    if not plots:
        raise OutOfValidity(f"ngspice found no solution: {_errors(words)}", "Mend the netlist.")
    warnings = list(dict.fromkeys(re.findall(r"^Warning: *(.+)$", words, re.MULTILINE)))[:20]
    return {**plots, "run": {"cpu_s": cpu_s, "warnings": warnings}}


def _run(program: str, folder: str, timeout_s: float, max_output_mb: int) -> tuple[str, float]:
    environment = {
        "PATH": os.environ.get("PATH", ""), "HOME": folder, "SPICE_ASCIIRAWFILE": "1", "OMP_NUM_THREADS": "1",
        "LC_ALL": "C",
    }  # fmt: skip
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with (Path(folder) / "words").open("w+", encoding="utf-8", errors="replace") as words:
        process = subprocess.Popen(
            [program, "-n", "-b", "-r", "out.raw", "net.cir"], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=words, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        seconds, output = math.ceil(timeout_s), max_output_mb * 2**20
        for limit, value in (
            (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_FSIZE, output), (resource.RLIMIT_AS, 2 * 2**30),
        ):  # fmt: skip
            try:
                resource.prlimit(process.pid, limit, (value, value))
            except (ProcessLookupError, AttributeError):
                break  # it has ended already, or this system has no prlimit: the time limit below still holds
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.wait()
            raise OutOfValidity(
                f"ngspice didn't finish within {timeout_s:g} s.", "Take a longer step or a shorter time."
            ) from error
        words.seek(0)
        text = words.read(200_000)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return text, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


_NAMES = {
    "operating point": "op", "ac analysis": "ac", "transient analysis": "tran", "dc transfer characteristic": "dc",
    "transfer function": "tf", "noise spectral density curves": "noise", "integrated noise": "noise_total",
}  # fmt: skip


def read_raw(text: str) -> dict[str, dict[str, Any]]:
    """The plots of an ASCII raw file: analysis -> vector -> values. A plot that was cut off is left out."""
    plots: dict[str, dict[str, Any]] = {}
    for part in re.split(r"^Title:.*$", text, flags=re.MULTILINE)[1:]:
        head, _, body = part.partition("Values:\n")
        if not body:
            continue
        fields = dict(re.findall(r"^(Plotname|Flags|No\. Variables|No\. Points):\s*(.+?)\s*$", head, re.MULTILINE))
        count, points = int(fields["No. Variables"]), int(fields["No. Points"])
        names = [m.lower() for m in re.findall(r"^\t\d+\t(\S+)\t\S+.*$", head, re.MULTILINE)]
        tokens = body.split()
        # Each point is its index and then its values; a complex one is "real,imaginary" without a space.
        if len(names) != count or len(tokens) < points * (count + 1):
            continue
        plain = fields["Plotname"].lower()
        name = next((short for words, short in _NAMES.items() if plain.startswith(words)), plain)
        vectors: dict[str, Any] = {}
        for index, vector in enumerate(names):
            values = [_value(tokens[point * (count + 1) + 1 + index]) for point in range(points)]
            vectors[vector] = values[0] if name in ("op", "tf", "noise_total") and points == 1 else values
        plots[name] = vectors
    return plots


def _value(token: str) -> Any:
    if "," in token:
        real, imaginary = token.split(",")
        return float(real), float(imaginary)
    return float(token)


def _errors(words: str) -> str:
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    bad = [line for line in lines if re.search(r"error|fatal|singular|no such|too many|undefined|timestep", line, re.I)]
    return " / ".join((bad or lines)[:3])[:400] or "it said nothing"
