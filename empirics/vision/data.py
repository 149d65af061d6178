"""CIFAR-100: reading, checking, the class split of a seed, and images resident on a device.

Images come from the official archive through torchvision, or from an .npz file with the arrays
train_images (uint8, N x 32 x 32 x 3), train_labels, test_images and test_labels. Either is
checked wholly on reading. Source of the protocol: Section 6 and Appendix E.3.
"""

from __future__ import annotations

import lzma
import tokenize
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from empirics.vision import VisionError
from empirics.vision.torchvision_import import load

CLASSES = 100
SIDE = 32
OFFICIAL_COUNTS = (500, 100)
KEYS = ("train_images", "train_labels", "test_images", "test_labels")
# Pixels in [0, 1] are scaled by (x - MEAN)/SPREAD, channel by channel.
MEAN = 0.5
SPREAD = 0.5

# Labels of the random streams of a seed: different draws come from different ones.
_SPLIT_STREAM = 1
_IMAGE_STREAM = 2

Bytes = NDArray[np.uint8]
Labels = NDArray[np.int64]


# What reading a damaged or hostile archive may raise, in zipfile, its decompressors and numpy.
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    tokenize.TokenError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    OSError,
    RuntimeError,
    MemoryError,
)


class DataError(VisionError):
    """A source of images is missing, damaged or not what it says."""


@dataclass(frozen=True)
class ImageSet:
    """CIFAR-100 as arrays.

    Attributes
    ----------
    train_images, test_images
        Pixels, uint8, shape (N, 32, 32, 3).
    train_labels, test_labels
        Fine labels 0..99, int64, shape (N,).
    """

    train_images: Bytes
    train_labels: Labels
    test_images: Bytes
    test_labels: Labels


@dataclass(frozen=True)
class ClassSplit:
    """Two classes to fine-tune on, and those to pretrain on."""

    finetuning: tuple[int, int]
    pretraining: tuple[int, ...]


def read(
    source: Path, *, download: bool = False, counts: tuple[int, int] = OFFICIAL_COUNTS
) -> ImageSet:
    """Read an .npz file, or a folder that holds or shall hold the official archive.

    `counts` are the images of each class in the training and the test part.

    Raises
    ------
    DataError
        If there is nothing to read, or it is damaged, or its shapes, types, classes or counts
        are not those of CIFAR-100.
    """
    if source.suffix == ".npz":
        return read_npz(source, counts=counts)
    return read_official(source, download=download, counts=counts)


def read_npz(path: Path, *, counts: tuple[int, int] = OFFICIAL_COUNTS) -> ImageSet:
    """Read the arrays of an .npz file; `DataError` as in `read`."""
    if not path.is_file():
        raise DataError(f"images must be in a file, got {path}, which is not there")
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            missing = [key for key in KEYS if f"{key}.npy" not in names]
            if missing:
                raise DataError(f"{path} must have the arrays {', '.join(KEYS)}; lacks {missing}")
            _check_forms({key: _header(archive, key) for key in KEYS}, str(path), counts)
            arrays = {key: _array(archive, key) for key in KEYS}
    except _UNREADABLE as error:
        raise DataError(f"{path} must be a whole .npz file of arrays: {error}") from error
    return checked(arrays, str(path), counts)


def read_official(
    root: Path,
    *,
    download: bool = False,
    counts: tuple[int, int] = OFFICIAL_COUNTS,
    dataset: Callable[..., Any] | None = None,
) -> ImageSet:
    """Read the official archive with torchvision, which checks its md5 sums; `DataError` as above.

    `dataset` is torchvision's CIFAR100 unless a class of the same interface is given.
    """
    load()
    reader = dataset or import_module("torchvision.datasets").CIFAR100
    arrays: dict[str, Any] = {}
    for part in ("train", "test"):
        try:
            read_part = reader(root=str(root), train=part == "train", download=download)
        except (RuntimeError, OSError, EOFError, KeyError, ValueError, ImportError) as error:
            hint = "" if download else "; --download fetches it"
            raise DataError(
                f"{root} must hold CIFAR-100's official archive, whole ({part} part): {error}{hint}"
            ) from error
        arrays[f"{part}_images"] = np.asarray(read_part.data)
        arrays[f"{part}_labels"] = np.asarray(read_part.targets)
    return checked(arrays, str(root), counts)


def checked(arrays: dict[str, Any], origin: str, counts: tuple[int, int]) -> ImageSet:
    """Return `arrays` as an `ImageSet`; `DataError`, naming `origin`, if they cannot be one."""
    _check_forms({key: _Form(a.dtype, a.shape) for key, a in arrays.items()}, origin, counts)
    for part, per_class in zip(("train", "test"), counts, strict=True):
        labels = arrays[f"{part}_labels"]
        if len(labels) and not (labels.min() >= 0 and labels.max() < CLASSES):
            raise DataError(
                f"{origin}: {part}_labels must lie in 0..{CLASSES - 1}, "
                f"got {labels.min()}..{labels.max()}"
            )
        found = np.bincount(labels.astype(np.int64), minlength=CLASSES)
        wrong = np.flatnonzero(found != per_class)
        if wrong.size:
            raise DataError(
                f"{origin}: the {part} part must have {per_class} images in each of {CLASSES} "
                f"classes, got {found[wrong[0]]} in class {wrong[0]} ({wrong.size} classes differ)"
            )
    return ImageSet(
        arrays["train_images"],
        arrays["train_labels"].astype(np.int64),
        arrays["test_images"],
        arrays["test_labels"].astype(np.int64),
    )


@dataclass(frozen=True)
class _Form:
    """What the header of an array says: enough to know how much memory it takes."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]


def _check_forms(forms: dict[str, _Form], origin: str, counts: tuple[int, int]) -> None:
    """Refuse types, shapes and sizes beyond those of an `ImageSet`, before anything is unpacked."""
    for part, per_class in zip(("train", "test"), counts, strict=True):
        images, labels = forms[f"{part}_images"], forms[f"{part}_labels"]
        if images.dtype != np.uint8 or images.shape[1:] != (SIDE, SIDE, 3):
            raise DataError(
                f"{origin}: {part}_images must be uint8 of shape (N, {SIDE}, {SIDE}, 3), "
                f"got {images.dtype} of shape {images.shape}"
            )
        count = images.shape[0]
        if labels.dtype.kind not in "iu" or labels.shape != (count,):
            raise DataError(
                f"{origin}: {part}_labels must be one integer for each of {count} images, "
                f"got {labels.dtype} of shape {labels.shape}"
            )
        if not 0 <= count <= per_class * CLASSES:
            raise DataError(
                f"{origin}: the {part} part must have {per_class} images in each of {CLASSES} "
                f"classes, got {count} in all"
            )


def _header(archive: zipfile.ZipFile, key: str) -> _Form:
    """Read what an array is, and nothing of the array."""
    with archive.open(f"{key}.npy") as member:
        version = np.lib.format.read_magic(member)
        if version != (1, 0):  # the others' headers may be as long as they please
            raise ValueError(f"{key} must be in version (1, 0) of numpy's format, got {version}")
        shape, _, dtype = np.lib.format.read_array_header_1_0(member)
        return _Form(dtype, shape)


def _array(archive: zipfile.ZipFile, key: str) -> Any:
    with archive.open(f"{key}.npy") as member:
        return np.lib.format.read_array(member, allow_pickle=False)


def class_split(seed: int, classes: int = CLASSES) -> ClassSplit:
    """Return the split of a seed: a random permutation of all 100 classes, cut to `classes`.

    The first two are fine-tuned on, the others pretrained on. `ValueError` unless
    4 <= classes <= 100 and seed >= 0.
    """
    if not 4 <= classes <= CLASSES:
        raise ValueError(f"classes must satisfy 4 <= classes <= {CLASSES}, got {classes}")
    order = _rng(seed, _SPLIT_STREAM).permutation(CLASSES)[:classes].tolist()
    return ClassSplit((order[0], order[1]), tuple(order[2:]))


def pretraining_images(images: ImageSet, split: ClassSplit, seed: int, per_class: int) -> Labels:
    """Return the indices of the training images to pretrain on, `per_class` of each class.

    Which images is drawn from the seed; more of them contain fewer. `ValueError` if a class has
    fewer.
    """
    rng = _rng(seed, _IMAGE_STREAM)
    order = rng.permutation(len(images.train_labels))
    chosen = [_of_class(images.train_labels, order, c, per_class) for c in split.pretraining]
    return np.concatenate(chosen)


def finetuning_images(images: ImageSet, split: ClassSplit, seed: int, n: int) -> Labels:
    """Return the indices of n fine-tuning images, n/2 of each class in turn; more contain fewer.

    `ValueError` unless n is even, at least 2, and both classes have n/2 images.
    """
    if n < 2 or n % 2:
        raise ValueError(f"n must be even and >= 2, for two classes of equal size, got {n}")
    order = _rng(seed, _IMAGE_STREAM).permutation(len(images.train_labels))
    chosen = [_of_class(images.train_labels, order, c, n // 2) for c in split.finetuning]
    return np.stack(chosen, axis=1).ravel()


def test_images(images: ImageSet, split: ClassSplit) -> Labels:
    """Return the indices of all test images of the two fine-tuning classes."""
    return np.flatnonzero(np.isin(images.test_labels, split.finetuning))


def positions(labels: Labels, classes: tuple[int, ...]) -> Labels:
    """Return, for each label, its position in `classes`; `ValueError` if it has none."""
    table = np.full(CLASSES, -1, dtype=np.int64)
    table[list(classes)] = np.arange(len(classes))
    found = table[labels]
    if (found < 0).any():
        raise ValueError(f"labels must be of the classes {classes}, got {labels[found < 0][0]}")
    return found


def normalised(pixels: Any) -> Any:
    """Return uint8 pixels as float32, (x/255 - 0.5)/0.5, in [-1, 1]; a torch tensor."""
    return (pixels.float() / 255.0 - MEAN) / SPREAD


def _of_class(labels: Labels, order: Labels, wanted: int, count: int) -> Labels:
    members: Labels = order[labels[order] == wanted]
    if len(members) < count:
        raise ValueError(
            f"class {wanted} must have at least {count} training images, got {len(members)}"
        )
    return members[:count]


def _rng(seed: int, stream: int) -> np.random.Generator:
    if seed < 0:
        raise ValueError(f"seed must be >= 0, got {seed}")
    return np.random.default_rng([seed, stream])
