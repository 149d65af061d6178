"""Reading CIFAR-100 from both kinds of source, what is refused, and the splits of a seed."""

import hashlib
import pickle
import zipfile
from dataclasses import asdict
from types import MappingProxyType

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from empirics.vision import data  # noqa: E402
from empirics.vision.synthetic import synthetic_images  # noqa: E402
from empirics.vision.torchvision_import import load  # noqa: E402

COUNTS = (4, 2)


@pytest.fixture(scope="module")
def images():
    return synthetic_images(COUNTS)


@pytest.fixture
def archive(tmp_path, images):
    path = tmp_path / "images.npz"
    np.savez(path, **asdict(images))
    return path


def spoiled(tmp_path, images, **changes):
    path = tmp_path / "spoiled.npz"
    np.savez(path, **{**asdict(images), **changes})
    return path


def test_npz_comes_back(archive, images):
    found = data.read(archive, counts=COUNTS)
    for name, array in asdict(images).items():
        assert (getattr(found, name) == array).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda i: {"train_images": i.train_images[:, :, :, :2]}, "train_images must be uint8"),
        (lambda i: {"train_images": i.train_images.astype(np.float32)}, "got float32"),
        (lambda i: {"test_labels": i.test_labels[:-1]}, "one integer for each of 200 images"),
        (lambda i: {"test_labels": i.test_labels * 1.0}, "one integer for each"),
        (lambda i: {"train_labels": i.train_labels + 1}, r"must lie in 0..99, got 1..100"),
        (lambda i: {"train_labels": i.train_labels - 1}, r"must lie in 0..99, got -1..98"),
        (
            lambda i: {"train_labels": np.where(i.train_labels == 7, 8, i.train_labels)},
            "0 in class 7",
        ),
        (
            lambda i: {"train_images": i.train_images[1:], "train_labels": i.train_labels[1:]},
            "must have 4 images in each of 100 classes, got 3 in class",
        ),
        (
            lambda i: {"test_images": i.test_images[:0], "test_labels": i.test_labels[:0]},
            r"test part must have 2 images .*100 classes differ",
        ),
        (lambda i: {"train_labels": np.array([{}], dtype=object)}, "got object of"),
    ],
)
def test_wrong_contents_are_refused(tmp_path, images, change, said):
    path = spoiled(tmp_path, images, **change(images))
    with pytest.raises(data.DataError, match=said) as refused:
        data.read(path, counts=COUNTS)
    assert str(path) in str(refused.value)


def test_damaged_files_are_refused(tmp_path, archive, images):
    whole = archive.read_bytes()
    archive.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(data.DataError, match="must be a whole"):
        data.read(archive, counts=COUNTS)
    archive.write_bytes(b"not a zip file")
    with pytest.raises(data.DataError, match="must be a whole"):
        data.read(archive, counts=COUNTS)
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0xFF
    archive.write_bytes(bytes(flipped))
    with pytest.raises(data.DataError, match="must be a whole"):
        data.read(archive, counts=COUNTS)
    with pytest.raises(data.DataError, match="which is not there"):
        data.read(tmp_path / "none.npz")
    single = tmp_path / "single.npz"
    with single.open("wb") as file:
        np.save(file, images.train_labels)
    with pytest.raises(data.DataError, match=r"must be a whole \.npz file of arrays: File"):
        data.read(single)
    partial = tmp_path / "partial.npz"
    np.savez(partial, train_images=images.train_images)
    with pytest.raises(data.DataError, match=r"lacks \['train_labels', 'test_images'"):
        data.read(partial)


def test_spoiled_bytes_of_a_packed_archive_are_refused(tmp_path, images):
    path = tmp_path / "packed.npz"
    np.savez_compressed(path, **asdict(images))
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(100):
        content = bytearray(whole)
        place = rng.integers(len(whole) - 8)
        content[place : place + 8] = rng.bytes(8)
        path.write_bytes(bytes(content))
        try:
            data.read(path, counts=COUNTS)
        except data.DataError as error:
            refused += str(path) in str(error)
    # Some bytes, such as those of dates, do not matter.
    assert refused > 90


def with_header(tmp_path, images, header):
    """Write an archive whose first array has a header of its own, and no contents."""
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, **{**asdict(images), "train_images": np.zeros(0)})
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["train_images.npy"] = header
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def numpy_header(text, version=1):
    content = text.encode() + b"\n"
    return (
        b"\x93NUMPY" + bytes([version, 0]) + len(content).to_bytes(2 * version, "little") + content
    )


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ("(1000000000000, 32, 32, 3)", "one integer for each of 1000000000000 images"),
        ("(400, 32, 32, 3000000000)", "must be uint8 of shape"),
        ("(-400, 32, 32, 3)", "one integer for each of -400 images"),
        ("()", "must be uint8 of shape"),
        ("(400, 32, 32, 3)", "must be a whole"),
        ("((((", "must be a whole"),
        ("-" * 9000 + "1", "must be a whole"),
        ("{}", "must be a whole"),
    ],
)
def test_what_an_archive_asks_for_is_bounded(tmp_path, images, shape, said):
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}}}"
    path = with_header(tmp_path, images, numpy_header(header))
    with pytest.raises(data.DataError, match=said):
        data.read(path, counts=COUNTS)


def test_headers_without_a_bound_are_refused(tmp_path, images):
    header = "{'descr': '|u1', 'fortran_order': False, 'shape': (400, 32, 32, 3)}"
    path = with_header(tmp_path, images, numpy_header(header, version=2))
    with pytest.raises(data.DataError, match=r"must be in version \(1, 0\)"):
        data.read(path, counts=COUNTS)


def test_more_images_than_expected_are_not_unpacked(tmp_path, images, monkeypatch):
    path = spoiled(tmp_path, images)
    monkeypatch.setattr(data, "_array", lambda *_: pytest.fail("an array was unpacked"))
    with pytest.raises(data.DataError, match=r"must have 3 images in each .* got 400 in all"):
        data.read(path, counts=(3, 2))


def test_official_counts_are_the_default(archive):
    with pytest.raises(data.DataError, match="must have 500 images in each"):
        data.read(archive)


def official(root, images):
    """Write the images as torchvision expects the official archive; return its reader for them."""
    load()
    from torchvision.datasets import CIFAR100

    folder = root / CIFAR100.base_folder
    folder.mkdir(parents=True)
    sums = {}
    for part in ("train", "test"):
        pixels = getattr(images, f"{part}_images").transpose(0, 3, 1, 2).reshape(-1, 3072)
        labels = getattr(images, f"{part}_labels").tolist()
        content = pickle.dumps({"data": pixels, "fine_labels": labels})
        (folder / part).write_bytes(content)
        sums[part] = hashlib.md5(content, usedforsecurity=False).hexdigest()
    content = pickle.dumps({"fine_label_names": [f"class {i}" for i in range(100)]})
    (folder / "meta").write_bytes(content)
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()

    class Declared(CIFAR100):
        """torchvision's own reader, which checks these md5 sums instead of the official ones."""

        train_list = (("train", sums["train"]),)
        test_list = (("test", sums["test"]),)
        meta = MappingProxyType({**CIFAR100.meta, "md5": digest})

    return Declared


def test_torchvision_reads_an_archive(tmp_path, images):
    reader = official(tmp_path, images)
    found = data.read_official(tmp_path, counts=COUNTS, dataset=reader)
    for name, array in asdict(images).items():
        assert (getattr(found, name) == array).all()


def test_torchvision_refuses_a_damaged_archive(tmp_path, images):
    reader = official(tmp_path, images)
    path = tmp_path / reader.base_folder / "test"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(data.DataError, match=r"\(train part\): Dataset not found"):
        data.read_official(tmp_path, counts=COUNTS, dataset=reader)


def test_no_archive_says_how_to_get_one(tmp_path):
    with pytest.raises(data.DataError, match="--download fetches it"):
        data.read(tmp_path)


def test_split_is_of_the_seed():
    split = data.class_split(3)
    assert split == data.class_split(3)
    assert split != data.class_split(4)
    assert len(split.pretraining) == 98
    assert sorted((*split.finetuning, *split.pretraining)) == list(range(100))
    few = data.class_split(3, classes=12)
    assert few.finetuning == split.finetuning
    assert few.pretraining == split.pretraining[:10]
    # The first class of a permutation is uniform: 300 of them miss few of 100 classes.
    firsts = {data.class_split(seed).finetuning[0] for seed in range(300)}
    assert len(firsts) > 85
    for classes in (3, 101):
        with pytest.raises(ValueError, match="4 <= classes <= 100"):
            data.class_split(0, classes)
    with pytest.raises(ValueError, match="seed must be >= 0, got -1"):
        data.class_split(-1)


def test_images_of_a_seed_are_nested_balanced_and_of_their_classes(images):
    split = data.class_split(0)
    small, large = (data.pretraining_images(images, split, 0, count) for count in (2, 4))
    assert len(small) == 2 * 98
    assert set(small) < set(large)
    assert set(images.train_labels[large]) == set(split.pretraining)
    four, eight = (data.finetuning_images(images, split, 0, n) for n in (4, 8))
    assert (eight[:4] == four).all()
    assert images.train_labels[eight].tolist() == 4 * list(split.finetuning)
    assert len(set(eight)) == 8
    tests = data.test_images(images, split)
    assert len(tests) == 2 * COUNTS[1]
    assert set(images.test_labels[tests]) == set(split.finetuning)
    for n in (0, 3, -2):
        with pytest.raises(ValueError, match="n must be even and >= 2"):
            data.finetuning_images(images, split, 0, n)
    with pytest.raises(ValueError, match="must have at least 5 training images, got 4"):
        data.finetuning_images(images, split, 0, 10)


def test_positions():
    assert data.positions(np.array([7, 3, 7]), (3, 7)).tolist() == [1, 0, 1]
    with pytest.raises(ValueError, match=r"labels must be of the classes \(3, 7\), got 5"):
        data.positions(np.array([3, 5]), (3, 7))


def test_normalisation():
    pixels = torch.tensor([0, 255, 51], dtype=torch.uint8)
    assert data.normalised(pixels).tolist() == pytest.approx([-1.0, 1.0, -0.6], abs=1e-6)
