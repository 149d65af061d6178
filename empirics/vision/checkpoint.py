"""Files of tensors that say what they are, and are refused when they are something else.

One line of JSON, then what `torch.save` wrote: the line names format, version, contents and a
digest of the rest. A file is written beside its place and moved there, so that a kill leaves the
old one or the new one; it is loaded with `weights_only=True`, which runs no code from it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from empirics.vision import VisionError

FORMAT = "finetuning-bias vision checkpoint"
VERSION = 1
_LONGEST_HEADER = 1 << 24
_LARGEST_PAYLOAD = 1 << 35
"""Bytes of tensors that a checkpoint may have: hundreds of ResNet-18s with their momenta."""


class CheckpointError(VisionError):
    """A checkpoint cannot be used; the message names the file and the reason."""


def save(path: Path, contents: Mapping[str, Any], tensors: Mapping[str, Any]) -> None:
    """Write `tensors`, nested values and tensors, under `contents`, JSON that says what they are.

    `OSError` if there is no place to write, `ValueError` if `load` would refuse so many bytes.
    """
    memory = io.BytesIO()
    torch.save(dict(tensors), memory)
    payload = memory.getbuffer()
    if len(payload) > _LARGEST_PAYLOAD:
        raise ValueError(
            f"tensors must have at most {_LARGEST_PAYLOAD} bytes together, got {len(payload)}"
        )
    header = {
        "format": FORMAT,
        "version": VERSION,
        "contents": contents,
        "bytes": len(payload),
        "sha256": hashlib.sha256(payload).hexdigest(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(json.dumps(header, sort_keys=True).encode() + b"\n")
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def read_contents(path: Path) -> dict[str, Any]:
    """Return what a checkpoint says it holds, without reading the tensors.

    Raises
    ------
    CheckpointError
        If it is not a checkpoint of this project, or of another version.
    """
    return dict(_header(path)["contents"])


def load(path: Path, contents: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tensors of a checkpoint, on CPU, if it holds exactly `contents`.

    Raises
    ------
    CheckpointError
        If it is not there, foreign, of another version, of other contents, too large, or damaged.
    """
    header = _header(path)
    if header["contents"] != json.loads(json.dumps(contents)):
        found, wanted = header["contents"], json.loads(json.dumps(contents))
        names = sorted({*found, *wanted})
        differ = [name for name in names if found.get(name) != wanted.get(name)]
        raise CheckpointError(f"{path} is of another configuration: {', '.join(differ)} differ")
    with path.open("rb") as file:
        start = len(file.readline(_LONGEST_HEADER))
        length = os.fstat(file.fileno()).st_size - start
        allowed = header.get("bytes", _LARGEST_PAYLOAD)  # older checkpoints do not say
        if length > min(allowed, _LARGEST_PAYLOAD):
            raise CheckpointError(
                f"{path} must have at most {min(allowed, _LARGEST_PAYLOAD)} bytes of tensors, "
                f"got {length}"
            )
        payload = file.read(length)
    if hashlib.sha256(payload).hexdigest() != header["sha256"]:
        raise CheckpointError(f"{path} is damaged: its digest is not the one that it was given")
    try:
        return dict(torch.load(io.BytesIO(payload), map_location="cpu", weights_only=True))
    except (pickle.UnpicklingError, RuntimeError, ValueError, TypeError) as error:
        raise CheckpointError(f"{path} holds something else than tensors: {error}") from error


def _header(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            line = file.readline(_LONGEST_HEADER)
    except FileNotFoundError as error:
        raise CheckpointError(f"there is no checkpoint {path}") from error
    try:
        header = json.loads(line)
    except ValueError as error:
        raise CheckpointError(f"{path} is not a checkpoint of this project: no header") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise CheckpointError(f"{path} is not a checkpoint of this project: another format")
    if header.get("version") != VERSION:
        raise CheckpointError(
            f"{path} is of version {header.get('version')!r}, this program reads {VERSION}"
        )
    if not isinstance(header.get("contents"), dict) or "sha256" not in header:
        raise CheckpointError(f"{path} is damaged: its header lacks contents or digest")
    if type(header.get("bytes", 0)) is not int:
        raise CheckpointError(f"{path} is damaged: its header's bytes are {header['bytes']!r}")
    return header
