"""Images made up from a seed, in CIFAR-100's shapes: for trying the code, not for findings."""

from __future__ import annotations

from typing import Any

import numpy as np

from empirics.vision.data import CLASSES, SIDE, ImageSet


def synthetic_images(counts: tuple[int, int] = (8, 2), seed: int = 0) -> ImageSet:
    """Return images of 100 classes, `counts` of each in the training and in the test part.

    A class is a smooth random pattern; its images are that pattern, with noise on every pixel.
    """
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(40.0, 215.0, (CLASSES, 4, 4, 3))
    patterns = coarse.repeat(SIDE // 4, axis=1).repeat(SIDE // 4, axis=2)
    parts: list[Any] = []
    for count in counts:
        labels = np.arange(CLASSES, dtype=np.int64).repeat(count)
        noisy = patterns[labels] + rng.normal(0.0, 20.0, (len(labels), SIDE, SIDE, 3))
        order = rng.permutation(len(labels))
        parts += [noisy.clip(0, 255).astype(np.uint8)[order], labels[order]]
    return ImageSet(parts[0], parts[1], parts[2], parts[3])
