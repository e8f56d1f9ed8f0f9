"""The engine's cache on disk: what is not a sound entry of ours is never served, and the folder stays in its limit."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backend.engine.cache import CacheConfig, DiskStore, Memo, active, configure, memo, versions
from backend.engine.cache.memo import key_of, value

KEY = hashlib.sha256(b"key").digest()
OTHER = hashlib.sha256(b"other").digest()
MB = 1_000_000


def entry(folder: Path, key: bytes = KEY) -> Path:
    return folder / key.hex()[:2] / key.hex()


@pytest.fixture
def store(tmp_path: Path) -> DiskStore:
    return DiskStore(tmp_path / "cache", 10 * MB)


def test_what_was_put_is_got_by_another_process(store: DiskStore) -> None:
    payload = os.urandom(5000)
    assert store.put(KEY, payload)
    assert DiskStore(store.folder, 10 * MB).get(KEY) == payload
    code = (
        "import sys; from pathlib import Path; from backend.engine.cache import DiskStore;"
        "sys.stdout.buffer.write(DiskStore(Path(sys.argv[1]), 10**7).get(bytes.fromhex(sys.argv[2])) or b'')"
    )
    found = subprocess.run([sys.executable, "-c", code, str(store.folder), KEY.hex()], capture_output=True, check=True)
    assert found.stdout == payload
    assert store.get(OTHER) is None


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_truncated_entry_is_removed_and_not_served(store: DiskStore, share: float) -> None:
    store.put(KEY, b"payload" * 100)
    whole = entry(store.folder).read_bytes()
    entry(store.folder).write_bytes(whole[: int(len(whole) * share)])
    assert store.get(KEY) is None
    assert store.rejected == 1
    assert not entry(store.folder).exists()
    assert store.put(KEY, b"again")
    assert store.get(KEY) == b"again"


def test_no_altered_byte_of_an_entry_is_served(store: DiskStore) -> None:
    store.put(KEY, b"payload of an entry")
    whole = entry(store.folder).read_bytes()
    for place in range(len(whole)):
        entry(store.folder).parent.mkdir(exist_ok=True)
        entry(store.folder).write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        os.chmod(entry(store.folder), 0o600)
        assert store.get(KEY) is None, f"byte {place}"


def test_an_entry_under_another_key_is_not_served(store: DiskStore) -> None:
    store.put(KEY, b"payload")
    entry(store.folder, OTHER).parent.mkdir(exist_ok=True)
    os.rename(entry(store.folder), entry(store.folder, OTHER))
    assert store.get(OTHER) is None


def test_a_link_or_a_file_that_others_may_write_is_not_served(store: DiskStore, tmp_path: Path) -> None:
    store.put(KEY, b"payload")
    os.chmod(entry(store.folder), 0o666)
    assert store.get(KEY) is None
    store.put(KEY, b"payload")
    elsewhere = tmp_path / "elsewhere"
    os.rename(entry(store.folder), elsewhere)
    os.symlink(elsewhere, entry(store.folder))
    assert store.get(KEY) is None
    assert elsewhere.read_bytes(), "the file that the link meant is left alone"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_an_entry_or_folder_of_another_user_is_not_served(store: DiskStore) -> None:
    store.put(KEY, b"payload")
    os.chown(entry(store.folder), 12345, 12345)
    assert store.get(KEY) is None
    os.chown(store.folder, 12345, 12345)
    theirs = DiskStore(store.folder, 10 * MB)
    assert "another user" in theirs.trouble
    assert not theirs.put(KEY, b"payload")
    assert theirs.get(KEY) is None


def test_a_folder_that_others_may_write_is_not_used(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    os.chmod(shared, 0o777)
    store = DiskStore(shared, MB)
    assert "written by other users" in store.trouble
    assert not store.put(KEY, b"payload")


def test_a_folder_that_cannot_be_made_costs_only_the_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = DiskStore(tmp_path / "file" / "cache", MB)
    assert store.trouble
    assert not store.put(KEY, b"payload")
    assert store.get(KEY) is None


def test_a_new_version_of_the_engine_sees_no_old_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key_of("boolean", {"operation": "cut"}, [b"shape"])
    assert key_of("boolean", {"operation": "cut"}, [b"shape"]) == before
    monkeypatch.setattr(memo, "fingerprint", lambda: hashlib.sha256(b"another version").digest())
    assert key_of("boolean", {"operation": "cut"}, [b"shape"]) != before


def test_the_fingerprint_covers_the_engines_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kernel.py").write_text("FUZZY = 1e-6\n")
    monkeypatch.setattr(versions, "_ENGINE", tmp_path)
    first = versions.fingerprint.__wrapped__()
    (tmp_path / "kernel.py").write_text("FUZZY = 1e-5\n")
    assert versions.fingerprint.__wrapped__() != first


def test_a_key_tells_apart_what_differs_in_name_argument_digit_or_division() -> None:
    keys = [
        key_of("a", {"size": 1.0}, [b"xy"]),
        key_of("b", {"size": 1.0}, [b"xy"]),
        key_of("a", {"size": 1.0000000000000002}, [b"xy"]),
        key_of("a", {"size": 1.0}, [b"x", b"y"]),
        key_of("a", {"size": 1.0}, [b"", b"xy"]),
        key_of("a", {}, [b"xy"]),
    ]
    assert len(set(keys)) == len(keys)


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    store = DiskStore(tmp_path / "cache", MB)
    keys = [hashlib.sha256(bytes([number])).digest() for number in range(30)]
    for age, key in enumerate(keys):
        assert store.put(key, os.urandom(60_000))
        if entry(store.folder, key).exists():
            os.utime(entry(store.folder, key), (time.time() - 10_000 + age,) * 2)
        assert store.contents().size_bytes <= MB
    assert store.get(keys[-1]) is not None
    assert store.get(keys[0]) is None
    assert store.contents().size_bytes <= MB


def test_an_entry_larger_than_its_share_is_not_kept(tmp_path: Path) -> None:
    store = DiskStore(tmp_path / "cache", MB)
    assert not store.put(KEY, os.urandom(MB // 2))


def test_a_hit_makes_an_old_entry_young(store: DiskStore) -> None:
    store.put(KEY, b"payload")
    os.utime(entry(store.folder), (time.time() - 5000,) * 2)
    store.get(KEY)
    assert time.time() - entry(store.folder).stat().st_mtime < 60


def test_writers_at_once_leave_sound_entries(tmp_path: Path) -> None:
    code = """
import hashlib, sys
from pathlib import Path
from backend.engine.cache import DiskStore
store = DiskStore(Path(sys.argv[1]), 400_000)
bad = 0
for turn in range(150):
    key = hashlib.sha256(bytes([turn % 40])).digest()
    payload = bytes([turn % 40]) * (3000 + 100 * (turn % 40))
    found = store.get(key)
    bad += found is not None and found != payload
    store.put(key, payload)
print(bad, store.rejected)
"""
    command = [sys.executable, "-c", code, str(tmp_path / "cache")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    for process in running:
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert out.split() == ["0", "0"]
    assert DiskStore(tmp_path / "cache", 400_000).contents().size_bytes <= 400_000 * 1.5
    assert not list((tmp_path / "cache").rglob(".new-*"))


def test_left_overs_of_a_writer_that_died_are_removed(store: DiskStore) -> None:
    store.put(KEY, b"payload")
    orphan = entry(store.folder).parent / ".new-orphan"
    orphan.write_bytes(b"half")
    os.utime(orphan, (time.time() - 7200,) * 2)
    store.shrink()
    assert not orphan.exists()
    assert store.get(KEY) == b"payload"


def test_clear_removes_entries_and_nothing_else(store: DiskStore) -> None:
    store.put(KEY, b"payload")
    (store.folder / "notes.txt").write_text("mine")
    assert store.clear().entries == 1
    assert store.contents().entries == 0
    assert (store.folder / "notes.txt").exists()


def test_memory_is_bounded_and_keeps_what_was_used_last() -> None:
    cache = Memo(CacheConfig(memory_mb=0.1))
    keys = [hashlib.sha256(bytes([number])).digest() for number in range(20)]
    for key in keys:
        cache.put(key, b"x" * 9_000)
        cache.get(keys[0])
    assert cache.memory_bytes <= 100_000
    assert cache.get(keys[0]) is not None
    assert cache.get(keys[1]) is None


def test_switched_off_nothing_is_recalled() -> None:
    before = active().config
    try:
        configure(CacheConfig(enabled=False))
        asked: list[int] = []
        for _ in range(2):
            assert value("test", {}, [b"x"], lambda: asked.append(1) or {"a": 0.1}) == {"a": 0.1}
        assert len(asked) == 2
        configure(CacheConfig())
        for _ in range(2):
            assert value("test", {}, [b"x"], lambda: asked.append(1) or {"a": 0.1}) == {"a": 0.1}
        assert len(asked) == 3
    finally:
        configure(before)


def test_an_error_is_not_kept() -> None:
    def fails() -> None:
        raise ValueError("not now")

    with pytest.raises(ValueError, match="not now"):
        value("failing", {}, [b"y"], fails)
    assert value("failing", {}, [b"y"], lambda: 1) == 1
