r"""Initialisation of a diagonal network, and its weights after pretraining (Section 3.2).

The weights start at w₊ = w₋ = w₀ (hidden) and v₊ = v₋ = v₀ (output), the same in every coordinate,
so that β = w₊v₊ − w₋v₋ starts at 0. They enter through

    c = w₀² + v₀² > 0   absolute scale          λ = w₀² − v₀² ∈ [−c, c]   relative scale.

The gradient flow turns them hyperbolically by h = ½ asinh(β/c), as c = w₊w₋ + v₊v₋ and
λ = w±² − v±² are conserved (Appendix B.1):

    w± = w₀ cosh h ± v₀ sinh h          v± = v₀ cosh h ± w₀ sinh h

Fine-tuning restarts from w± = w₊ + w₋ and v± = γ (eqs. 4–5), so the scale of its penalty is

    c_FT(β_PT) = (1 + λ/c)(c + R) + γ²,   R = √(c² + β_PT²).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from numerics.validation import FloatArray, finite_array, finite_scalar, require

REGIMES = {
    "I": (1e-6, -0.9999, 0.0),
    "II": (1e-6, 0.99, 0.0),
    "III": (1e-6, 0.0, 1.0),
    "IV": (1e-6, -0.99, 0.0),
}
"""The regimes of Figure 5 as (c, λ/c, γ); regime I, the limit λ → −c, has λ/c = −0.9999."""


@dataclass(frozen=True)
class LayerWeights:
    """Weights of a diagonal network, β = w_plus·v_plus − w_minus·v_minus, coordinate by coordinate.

    Attributes
    ----------
    w_plus, w_minus
        Hidden weights of the positive and the negative path.
    v_plus, v_minus
        Output weights of the positive and the negative path.
    """

    w_plus: FloatArray
    v_plus: FloatArray
    w_minus: FloatArray
    v_minus: FloatArray


@dataclass(frozen=True)
class Initialization:
    """Initialisation (c, λ, γ) of pretraining and fine-tuning, equal in all coordinates.

    Attributes
    ----------
    c
        Absolute scale w₀² + v₀² before pretraining, positive.
    lam
        Relative scale λ = w₀² − v₀² before pretraining, |lam| ≤ c.
    gamma
        Output weights γ ≥ 0 at the start of fine-tuning.

    Raises
    ------
    ValueError
        If one of them is not a finite real number or is out of range.
    """

    c: float
    lam: float
    gamma: float = 0.0

    def __post_init__(self) -> None:
        c = finite_scalar("c", self.c)
        lam = finite_scalar("lam", self.lam)
        gamma = finite_scalar("gamma", self.gamma)
        require(c > 0, "absolute scale must satisfy c > 0", "c", c)
        if abs(lam) > c:
            raise ValueError(f"relative scale must satisfy |lam| <= c, got lam={lam!r}, c={c!r}")
        require(gamma >= 0, "re-initialisation scale must satisfy gamma >= 0", "gamma", gamma)
        object.__setattr__(self, "c", c)
        object.__setattr__(self, "lam", lam)
        object.__setattr__(self, "gamma", abs(gamma))  # -0.0 becomes 0.0

    @classmethod
    def from_weights(cls, w0: float, v0: float, gamma: float = 0.0) -> Initialization:
        """Return the initialisation of hidden weights `w0` and output weights `v0`.

        Raise ValueError if they are not finite real numbers, or if w0² + v0² is 0 or infinite in
        float64.
        """
        hidden, output = abs(finite_scalar("w0", w0)), abs(finite_scalar("v0", v0))
        lam = (hidden - output) * (hidden + output)
        # |λ| + 2 min² rather than w0² + v0²: rounding then cannot put |λ| above c.
        # A product, as a power would raise OverflowError.
        smaller = min(hidden, output)
        return cls(abs(lam) + 2.0 * (smaller * smaller), lam, gamma)

    @property
    def relative_scale(self) -> float:
        """Ratio r = λ/c, in [−1, 1]."""
        return self.lam / self.c

    @property
    def initial_weights(self) -> tuple[float, float]:
        """(w₀, v₀) = (√((c+λ)/2), √((c−λ)/2)), the non-negative weights before pretraining."""
        hidden, output = np.sqrt(0.5 * self.c + 0.5 * np.array([self.lam, -self.lam]))
        return float(hidden), float(output)

    @property
    def is_saddle(self) -> bool:
        """Whether λ = −c and γ = 0: fine-tuning starts from zero weights, c_FT = 0 for any β_PT."""
        return self.lam == -self.c and self.gamma == 0.0

    @property
    def sign_change(self) -> float:
        """Size c √(c²/λ² − 1) of β beyond which pretraining has made one weight negative.

        That weight belongs to the path that opposes β: the hidden one for λ < 0, the output one for
        λ > 0. At λ = 0 there is none, and the size is inf.
        """
        if self.lam == 0.0:
            return float("inf")
        distance = abs(self.lam)
        root = np.sqrt((self.c - distance) / self.c) * np.sqrt(1.0 + distance / self.c)
        with np.errstate(over="ignore"):
            return float(root * (self.c / np.float64(distance)) * self.c)

    @np.errstate(all="ignore")
    def finetune_scale(self, beta_pt: ArrayLike) -> FloatArray:
        """Return c_FT = √k/2, the scale of the penalty of fine-tuning (Theorem 4.1).

        Parameters
        ----------
        beta_pt
            Pretrained coefficients β_PT, any shape.

        Returns
        -------
        FloatArray
            c_FT in the shape of `beta_pt`; even in it. It is 0 exactly where `is_saddle`, and the
            meaningful limit is then ℓ1.

        Raises
        ------
        ValueError
            If `beta_pt` is not real and finite, or c_FT is beyond the range of float64.
        """
        learned, fixed = self.finetune_scale_parts(beta_pt)
        return learned + fixed

    @np.errstate(all="ignore")
    def finetune_scale_parts(self, beta_pt: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return (w₊ + w₋)² and γ², the two parts of c_FT; arguments and errors as there."""
        beta_pt = finite_array("beta_pt", beta_pt)
        # c + λ is exact near λ = −c, where the factor is small.
        factor = (self.c + self.lam) / self.c
        learned = factor * (self.c + np.hypot(self.c, beta_pt))
        fixed = np.full(beta_pt.shape, self.gamma * self.gamma)
        total = learned + fixed
        representable = np.isfinite(total) & ((total > 0.0) | self.is_saddle)
        require(representable, "c_FT must be within the range of float64", "c_FT", total)
        return learned, fixed[()]

    @np.errstate(all="ignore")
    def pretraining_layer_weights(self, beta_pt: ArrayLike) -> LayerWeights:
        """Return the weights of the gradient flow at the end of pretraining to `beta_pt`.

        With β = |β_PT|, P = √(R + c) and β/P = √(R − c), the path in favour of β has

            w = ½(√(1+r) P + √(1−r) β/P),     v = ½(√(1−r) P + √(1+r) β/P),

        and the opposing weights follow from w₊w₋ = ½(c + rR), v₊v₋ = ½(c − rR), whose zero, where a
        weight changes sign (`sign_change`), is split off as a linear factor.

        Parameters
        ----------
        beta_pt
            Pretrained coefficients β_PT, any shape.

        Returns
        -------
        LayerWeights
            Arrays in the shape of `beta_pt`. Each weight x is within a few units in the last place
            of max(|x|, |β ∂x/∂β|).

        Raises
        ------
        ValueError
            If `beta_pt` is not real and finite, or c + √(c² + β_PT²) overflows.
        """
        beta_pt = finite_array("beta_pt", beta_pt)
        size = np.abs(beta_pt)
        total = self.c + np.hypot(self.c, size)
        require(np.isfinite(total), "c + hypot(c, beta_pt) must be finite", "beta_pt", beta_pt)
        plus, minus = np.sqrt((self.c + self.lam) / self.c), np.sqrt((self.c - self.lam) / self.c)
        root_sum = np.sqrt(total)
        root_difference = size / root_sum
        w_with = 0.5 * (plus * root_sum + minus * root_difference)
        v_with = 0.5 * (minus * root_sum + plus * root_difference)
        w_against = self._opposing(self.lam, size, w_with)
        v_against = self._opposing(-self.lam, size, v_with)
        swap = beta_pt < 0
        return LayerWeights(
            w_plus=np.where(swap, w_against, w_with)[()],
            v_plus=np.where(swap, v_against, v_with)[()],
            w_minus=np.where(swap, w_with, w_against)[()],
            v_minus=np.where(swap, v_with, v_against)[()],
        )

    def _opposing(self, lam: float, size: FloatArray, partner: FloatArray) -> FloatArray:
        """½(c + λR/c) over `partner`: the weight whose product with `partner` is conserved."""
        ratio = abs(lam) / self.c
        radius = np.hypot(self.c, size)
        if lam >= 0.0:
            against = 0.5 * (self.c + ratio * radius) / partner
        elif lam == -self.c:
            # ½(c − R) = −partner²: to the last bit, as the start of fine-tuning is then a saddle.
            against = -partner
        else:
            # c² − r²R² = (c√(1−r²) − |r|β)(c√(1−r²) + |r|β)
            edge = self.c * (np.sqrt((self.c + lam) / self.c) * np.sqrt((self.c - lam) / self.c))
            scaled_size = ratio * size
            # Each factor takes half of the divisor: (edge + scaled_size)/divisor can underflow.
            root = np.sqrt(self.c + ratio * radius)
            against = 0.5 * ((edge - scaled_size) / partner / root) * ((edge + scaled_size) / root)
        # At the start the two paths are equal, and possibly 0.
        return np.where((size == 0.0) | (partner == 0.0), partner, against)
