"""``./brick doctor``: what works on this machine, what is missing, and how to get it."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from backend.commands.console import report_console


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``needed`` things must work for the main job; the others add to it."""

    name: str
    works: bool
    needed: bool
    detail: str
    remedy: str = ""


# Native packages are tried in a process of their own: a crash there is a finding, not the end of the doctor.
_PROBES = {
    "KCL interpreter": ("zoo-kcl", "import kcl; kcl.parse_code('a = 1')"),
    "geometry kernel (OpenCASCADE)": (
        "cadquery-ocp-novtk",
        "from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox as B; assert not B(1, 1, 1).Shape().IsNull()",
    ),
    "finite elements (NGSolve)": (
        "ngsolve",
        "import ngsolve as n; from netgen.occ import Box, Pnt, OCCGeometry as G; "
        "n.H1(n.Mesh(G(Box(Pnt(0,0,0), Pnt(1,1,1))).GenerateMesh(maxh=1)))",
    ),
    "ray caster (Embree)": ("embreex", "import embreex.rtcore_scene"),
}

_PROGRAMS = {
    "ccx": ("CalculiX, a second opinion on stresses", "calculix-ccx"),
    "ngspice": ("circuit simulation", "ngspice"),
    "chromium": ("tests of the page", "chromium"),
    "prusa-slicer": ("G-code for printing", "prusa-slicer"),
    "rs274": ("check of G-code for milling", "linuxcnc-uspace"),
    "node": ("building the page", "nodejs npm"),
}


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _probe(name: str, package: str, code: str) -> Finding:
    try:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        return Finding(name, False, True, f"{package} {_version(package)} did not answer in 120 s", "try again")
    if done.returncode == 0:
        return Finding(name, True, True, f"{package} {_version(package)}")
    last = (done.stderr.strip().splitlines() or [f"ended with status {done.returncode}"])[-1]
    remedy = "remove .venv and run ./brick again"
    if ".so" in last and "cannot open shared object" in last:
        library = last.split(":")[-3].strip() if last.count(":") >= 2 else last
        remedy = (
            f"install the system library {library} (Debian: apt-get install libgl1 libx11-6 libexpat1 libquadmath0)"
        )
    return Finding(name, False, True, f"{package} {_version(package)}: {last}", remedy)


def _machine() -> list[Finding]:
    findings = [
        Finding("Python", sys.version_info >= (3, 11), True, platform.python_version(), "install Python 3.11 or newer")
    ]
    import psutil

    memory = psutil.virtual_memory()
    findings.append(
        Finding(
            "memory", memory.available > 2e9, True, f"{memory.available / 1e9:.1f} of {memory.total / 1e9:.1f} GB free",
            "close other programs: finite elements take 1 to 5 GB",
        )
    )  # fmt: skip
    disk = shutil.disk_usage(Path.cwd())
    findings.append(Finding("disk", disk.free > 1e9, True, f"{disk.free / 1e9:.0f} GB free here", "free some space"))
    findings.append(Finding("cores", True, True, str(os.cpu_count())))
    writable = os.access(Path.cwd(), os.W_OK)
    findings.append(Finding("folder", writable, True, "this folder can be written", "go to a folder you may write to"))
    return findings


def _programs() -> list[Finding]:
    findings = []
    for program, (purpose, package) in _PROGRAMS.items():
        path = shutil.which(program)
        findings.append(Finding(program, path is not None, False, purpose, f"Debian: apt-get install {package}"))
    return findings


def _services() -> list[Finding]:
    findings = []
    url = os.environ.get("REDIS_URL")
    if url:
        from urllib.parse import urlparse

        target = urlparse(url)
        try:
            socket.create_connection((target.hostname or "localhost", target.port or 6379), timeout=1).close()
            reachable = True
        except OSError:
            reachable = False
        findings.append(Finding("Redis", reachable, False, "REDIS_URL is set", "start Redis, or unset REDIS_URL"))
    else:
        findings.append(Finding("sessions", True, False, "kept in SQLite (REDIS_URL is not set)"))
    findings.append(_engine_cache())
    return findings


def _engine_cache() -> Finding:
    from backend.commands.cache import cache_state

    now = cache_state()
    if now["kind"] != "disk":
        return Finding("engine cache", True, False, f"BRICK_ENGINE_CACHE is {now['kind']}")
    detail = f"{now['entries']} results, {now['size_mb']:.0f} of {now['limit_mb']:.0f} MB in {now['folder']}"
    remedy = "set BRICK_ENGINE_CACHE_DIR to a folder of your own"
    return Finding("engine cache", not now["trouble"], False, now["trouble"] or detail, remedy)


def examine() -> list[Finding]:
    """Everything that the doctor looks at, in order."""
    probes = [_probe(name, package, code) for name, (package, code) in _PROBES.items()]
    return [*_machine(), *probes, *_programs(), *_services()]


def doctor_command(*, as_json: bool) -> int:
    """Prints the findings; 0 when the main job can run here, else 3."""
    findings = examine()
    able = all(finding.works for finding in findings if finding.needed)
    if as_json:
        told = [asdict(finding) | {"remedy": "" if finding.works else finding.remedy} for finding in findings]
        print(json.dumps({"able": able, "findings": told}, indent=2))
        return 0 if able else 3
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for finding in findings:
        mark = "[green]✓[/]" if finding.works else ("[red]✗[/]" if finding.needed else "[yellow]–[/]")
        how = "" if finding.works else f"→ {finding.remedy}"
        table.add_row(mark, *(escape(words) for words in (finding.name, finding.detail, how)))
    console = report_console()
    console.print(table)
    console.print()
    console.print(
        "The main job runs on this machine." if able else "[red]The main job can't run here:[/] mend what ✗ marks."
    )
    return 0 if able else 3
