"""Rules of the house that a script can see."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def tracked(*patterns: str) -> list[Path]:
    listing = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listing.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_module_is_longer_than_600_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked("backend/*.py", "tests/*.py", "frontend/src/*.ts", "frontend/src/*.tsx")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 600
    }
    assert long == {}


def test_the_lock_has_pins_and_hashes_and_no_addresses() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert re.search(r"https?://|index-url|find-links", lock) is None
    pins = re.findall(r"^([a-z0-9._-]+(?:\[[^\]]*\])?)(==| @|>=|$)", lock, flags=re.MULTILINE)
    assert pins
    assert {operator for _, operator in pins} == {"=="}
    assert lock.count("--hash=sha256:") >= len(pins)


def test_the_lock_covers_every_dependency_that_is_declared() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[\[<>=! ]", item)[0].lower().replace("_", "-") for item in declared}
    locked = set(re.findall(r"^([a-z0-9._-]+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE))
    assert names - locked == set()


def test_every_direct_dependency_has_its_line_in_the_docs() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    declared = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = [re.split(r"[\[<>=! ]", item)[0].lower() for item in declared]
    missing = [name for name in names if f"`{name}`" not in page]
    assert missing == []


@pytest.mark.parametrize("pattern", [r"pypi\.org", r"files\.pythonhosted", r"registry\.npmjs"])
def test_no_file_names_a_package_registry(pattern: str) -> None:
    hits = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix not in {".png", ".glb", ".step"} and path != Path(__file__)
        if re.search(pattern, path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert hits == []
