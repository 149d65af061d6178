"""Checkpoints: they come back, and anything else is refused by name."""

import json
import pickle
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from empirics.vision.checkpoint import (  # noqa: E402
    FORMAT,
    CheckpointError,
    load,
    read_contents,
    save,
)

CONTENTS = {"kind": "test", "members": [{"seed": 1}], "pair": (1, 2)}


@pytest.fixture
def path(tmp_path):
    place = tmp_path / "deep" / "a.pt"
    save(place, CONTENTS, {"state": {"w": torch.arange(1000.0)}, "epoch": 3, "curve": [0.5]})
    return place


def test_round_trip(path):
    found = load(path, CONTENTS)
    assert torch.equal(found["state"]["w"], torch.arange(1000.0))
    assert (found["epoch"], found["curve"]) == (3, [0.5])
    assert read_contents(path)["members"] == [{"seed": 1}]
    assert [file.name for file in path.parent.iterdir()] == ["a.pt"]


def rewrite_header(path, **changes):
    line, _, payload = path.read_bytes().partition(b"\n")
    path.write_bytes(json.dumps({**json.loads(line), **changes}).encode() + b"\n" + payload)


def flip(path, position):
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda p: p.unlink(), "there is no checkpoint"),
        (lambda p: flip(p, -100), "is damaged: its digest"),
        (lambda p: flip(p, len(p.read_bytes()) // 2), "is damaged: its digest"),
        (lambda p: p.write_bytes(p.read_bytes()[:-1]), "is damaged: its digest"),
        (lambda p: p.write_bytes(p.read_bytes()[:30]), "is not a checkpoint of this project"),
        (lambda p: p.write_bytes(b""), "is not a checkpoint of this project: no header"),
        (lambda p: torch.save({"a": 1}, p), "is not a checkpoint of this project: no header"),
        (lambda p: p.write_text("[]\n"), "another format"),
        (lambda p: rewrite_header(p, format="other"), "another format"),
        (lambda p: rewrite_header(p, version=2), "is of version 2, this program reads 1"),
        (lambda p: p.write_bytes(p.read_bytes() + b"\0"), "must have at most .* bytes of tensors"),
        (lambda p: rewrite_header(p, bytes="9"), "is damaged: its header's bytes are '9'"),
        (lambda p: rewrite_header(p, contents=3), "its header lacks contents or digest"),
        (
            lambda p: rewrite_header(p, contents={**CONTENTS, "kind": "else"}),
            "is of another configuration: kind differ",
        ),
    ],
)
def test_everything_else_is_refused_by_name(path, spoil, said):
    spoil(path)
    with pytest.raises(CheckpointError, match=said) as refused:
        load(path, CONTENTS)
    assert str(path) in str(refused.value)


def test_size_is_bounded_before_the_tensors_are_read(path, monkeypatch):
    rewrite_header(path, bytes=1 << 60)
    with path.open("r+b") as file:
        file.truncate(1 << 36)  # of zeros that take no place on the disk
    with pytest.raises(CheckpointError, match=f"at most {1 << 35} bytes of tensors, got 6871"):
        load(path, CONTENTS)
    monkeypatch.setattr("empirics.vision.checkpoint._LARGEST_PAYLOAD", 1000)
    with pytest.raises(ValueError, match="must have at most 1000 bytes together"):
        save(path, CONTENTS, {"w": torch.zeros(1000)})


def test_older_checkpoints_do_not_say_their_size(path):
    line, _, payload = path.read_bytes().partition(b"\n")
    header = json.loads(line)
    del header["bytes"]
    path.write_bytes(json.dumps(header).encode() + b"\n" + payload)
    assert load(path, CONTENTS)["epoch"] == 3


class Harmful:
    def __reduce__(self):
        return (Path.touch, (Path("harmful"),))


def test_no_code_is_run_from_a_checkpoint(tmp_path, monkeypatch):
    import hashlib
    import io

    monkeypatch.chdir(tmp_path)
    memory = io.BytesIO()
    torch.save(Harmful(), memory)
    payload = memory.getvalue()
    assert pickle.PROTO in payload
    header = {
        "format": FORMAT,
        "version": 1,
        "contents": {},
        "sha256": hashlib.sha256(payload).hexdigest(),
    }
    path = tmp_path / "b.pt"
    path.write_bytes(json.dumps(header).encode() + b"\n" + payload)
    with pytest.raises(CheckpointError, match="holds something else than tensors"):
        load(path, {})
    assert not (tmp_path / "harmful").exists()


def test_a_write_that_fails_leaves_the_old_one(path, monkeypatch):
    def full(self, target):
        raise OSError("no room")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no room"):
        save(path, CONTENTS, {"state": {}})
    assert load(path, CONTENTS)["epoch"] == 3
    assert [file.name for file in path.parent.iterdir()] == ["a.pt"]
