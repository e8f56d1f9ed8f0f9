"""Artefacts: stored once by content, never changed, checked when read."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.artifacts import ArtifactError, ArtifactStore
from backend.errors import NotFoundError


@pytest.fixture
def store(tmp_path):
    return ArtifactStore(tmp_path / "artifacts")


def test_the_id_is_the_sha256_of_the_content(store):
    artifact = store.put_bytes(b"solid", name="part.stl")
    assert artifact == hashlib.sha256(b"solid").hexdigest()
    assert store.get_bytes(artifact) == b"solid"
    assert store.about(artifact) == {"name": "part.stl"}
    assert artifact in store


def test_the_same_content_is_stored_once(store, tmp_path):
    (tmp_path / "a.step").write_bytes(b"x" * 1000)
    first = store.put_file(tmp_path / "a.step")
    assert store.put_bytes(b"x" * 1000, name="other") == first
    assert store.about(first)["name"] == "a.step"
    assert [p.name for p in store.root.rglob("*") if p.is_file() and p.name == first] == [first]
    assert not list(store.root.rglob(".new-*"))


def test_equal_json_has_equal_ids(store):
    assert store.put_json({"b": 1, "a": [1.5, None]}) == store.put_json({"a": [1.5, None], "b": 1})
    assert store.get_json(store.put_json({"µ": 2})) == {"µ": 2}


def test_changing_the_source_file_does_not_change_the_artefact(store, tmp_path):
    source = tmp_path / "m.glb"
    source.write_bytes(b"one")
    artifact = store.put_file(source)
    source.write_bytes(b"two")
    assert store.get_bytes(artifact) == b"one"


def test_damage_on_disk_is_found(store):
    artifact = store.put_bytes(b"content")
    store.path(artifact).write_bytes(b"c0ntent")
    with pytest.raises(ArtifactError, match="damaged"):
        store.get_bytes(artifact)


@pytest.mark.parametrize("bad", ["", "abc", "../../etc/passwd", "G" * 64, "a" * 63 + "/"])
def test_what_is_not_an_id_is_refused(store, bad):
    assert bad not in store
    with pytest.raises(NotFoundError, match="is not the id"):
        store.path(bad)


def test_an_unknown_id_is_not_found(store):
    with pytest.raises(NotFoundError, match="there is no artefact"):
        store.get_bytes("0" * 64)


def test_writers_at_once_agree(store):
    with ThreadPoolExecutor(8) as threads:
        ids = set(threads.map(lambda _: store.put_bytes(b"same" * 10_000), range(40)))
    assert len(ids) == 1
    assert store.get_bytes(ids.pop()) == b"same" * 10_000


@pytest.mark.skipif(os.geteuid() == 0 and not os.path.exists("/dev/full"), reason="needs a place that can't be written")
def test_a_place_that_cannot_be_written_is_an_error_with_a_way_out(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ArtifactError, match="can't be stored") as caught:
        ArtifactStore(tmp_path / "file").put_bytes(b"x")
    assert "BRICK_DATA_DIR" in caught.value.next_action
