"""The arguments of the golden table: generic points, corners and regime transitions, seeded."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

from numerics.multiprecision import finetune_scale

Draw = dict[str, float]


def all_points(seed: int) -> Iterator[tuple[str, Draw]]:
    """Yield (region, arguments); the same for the same seed."""
    rng = random.Random(seed)
    regions: tuple[tuple[str, Callable[[random.Random], Iterator[Draw]]], ...] = (
        ("generic", _generic),
        ("small and moderate z", _moderate_ratio),
        ("tiny z", _tiny_ratio),
        ("huge z", _huge_ratio),
        ("|lam| = c", _extreme_relative_scale),
        ("lam = 0", _balanced),
        ("sign change", _sign_change),
        ("gamma = 0", _no_readout),
        ("beta = 0", _zero_coefficient),
        ("lam to -c", _towards_saddle),
        ("kappa to 1", _full_transfer),
        ("proximal corners", _proximal_corners),
    )
    for region, draw in regions:
        for point in draw(rng):
            yield region, _completed(point)


def _completed(point: Draw) -> Draw:
    """Set `scale` and the β_FT that belongs to it.

    Unless a point gives its own, `scale` is c_FT rounded to float64; `relative` is z = β_FT/c_FT.
    """
    done = dict(point)
    if "scale" not in done:
        done["scale"] = float(
            finetune_scale(done["beta_pt"], done["c"], done["lam"], done["gamma"], digits=20)
        )
    ratio = done.pop("relative", None)
    if ratio is not None:
        done["beta_ft"] = _short(ratio * done["scale"])
    return done


def _short(value: float) -> float:
    return float(f"{value:.6g}")


def _power(rng: random.Random, low: float, high: float) -> float:
    """Draw a number between 10^low and 10^high, uniformly in the logarithm."""
    return _short(10 ** rng.uniform(low, high))


def _signed(rng: random.Random, low: float, high: float) -> float:
    return math.copysign(_power(rng, low, high), rng.random() - 0.5)


def _draw(rng: random.Random) -> Draw:
    c = _power(rng, -6, 3)
    return {
        "c": c,
        "lam": _short(0.999 * c * rng.uniform(-1, 1)),
        "gamma": rng.choice((0.0, _power(rng, -4, 2))),
        "beta_pt": _signed(rng, -3, 3),
        "beta_ft": _signed(rng, -3, 3),
        "slope": _signed(rng, -3, 1.5),
        "z": _signed(rng, -3, 3),
        "tau": _power(rng, -6, 6),
    }


def _generic(rng: random.Random) -> Iterator[Draw]:
    for _ in range(140):
        yield _draw(rng)


def _moderate_ratio(rng: random.Random) -> Iterator[Draw]:
    for step in range(70):
        # 0.001 to 10, densest where kernels that use series would switch.
        ratio = 10 ** (-3 + 4 * step / 69)
        yield _draw(rng) | {"relative": _short(ratio), "slope": _short(ratio / 2)}


def _tiny_ratio(rng: random.Random) -> Iterator[Draw]:
    for step in range(40):
        size = 10 ** (-150 + 147 * step / 39)
        yield _draw(rng) | {
            "relative": size * rng.choice((-1, 1)),
            "slope": _short(size),
            "z": _short(-size),
            "beta_pt": _short(size),
        }


def _huge_ratio(rng: random.Random) -> Iterator[Draw]:
    for step in range(40):
        size = 10 ** (2 + 148 * step / 39)
        yield _draw(rng) | {
            "relative": size * rng.choice((-1, 1)),
            "slope": _short(3 + 297 * step / 39),
            "z": _short(size),
        }


def _extreme_relative_scale(rng: random.Random) -> Iterator[Draw]:
    for step in range(48):
        point = _draw(rng)
        side = -1.0 if step % 3 else 1.0
        # One third of the points lie on the saddle λ = −c, γ = 0, where c_FT = 0.
        gamma = 0.0 if step % 3 == 1 else _power(rng, -4, 1)
        yield point | {"lam": side * point["c"], "gamma": gamma}


def _balanced(rng: random.Random) -> Iterator[Draw]:
    for _ in range(24):
        yield _draw(rng) | {"lam": 0.0}


def _sign_change(rng: random.Random) -> Iterator[Draw]:
    # Pythagorean triples: the weight that vanishes is exactly 0 in float64 as well.
    for c, lam, beta in ((5.0, -4.0, 3.75), (5.0, 4.0, 3.75), (1.25, -1.0, -0.9375)):
        yield _draw(rng) | {"c": c, "lam": lam, "beta_pt": beta}
    for step in range(45):
        point = _draw(rng)
        ratio = rng.choice((-1, 1)) * rng.uniform(0.05, 0.95)
        edge = point["c"] * math.sqrt(1 / ratio**2 - 1)
        offset = rng.choice((-1, 1)) * 10.0 ** (-(step % 15))
        yield point | {
            "lam": ratio * point["c"],
            "beta_pt": rng.choice((-1, 1)) * edge * (1 + offset / 2),
        }


def _no_readout(rng: random.Random) -> Iterator[Draw]:
    for _ in range(24):
        yield _draw(rng) | {"gamma": 0.0}


def _zero_coefficient(rng: random.Random) -> Iterator[Draw]:
    for step in range(24):
        zeros: tuple[dict[str, float], ...] = (
            {"beta_pt": 0.0},
            {"beta_ft": 0.0},
            {"beta_pt": 0.0, "beta_ft": 0.0, "slope": 0.0, "z": 0.0},
            {"z": 0.0, "slope": 0.0},
        )
        yield _draw(rng) | zeros[step % 4]


def _towards_saddle(rng: random.Random) -> Iterator[Draw]:
    for step in range(45):
        point = _draw(rng)
        lam = -point["c"] * (1 - 10.0 ** -(1 + step % 15))
        yield point | {"lam": lam, "gamma": (0.0, _power(rng, -9, -3), 0.0)[step // 15]}


def _full_transfer(rng: random.Random) -> Iterator[Draw]:
    for step in range(36):
        point = _draw(rng)
        beta = point["c"] * 10 ** (1 + 149 * step / 35)
        yield point | {"gamma": 0.0, "beta_pt": _short(beta), "relative": _power(rng, -3, 1)}


def _proximal_corners(rng: random.Random) -> Iterator[Draw]:
    for step in range(40):
        point = _draw(rng)
        corners: tuple[dict[str, float], ...] = (
            {"tau": 0.0},
            {"scale": _power(rng, -150, -100), "tau": _power(rng, -3, 0)},
            {"tau": _power(rng, 50, 100)},
            {"tau": _power(rng, -100, -50)},
            {"scale": _power(rng, 50, 100)},
        )
        yield point | corners[step % 5]
