r"""ℓ-order and pretraining dependence, derived (Section 5.1, Appendix B.2, Proposition B.1).

Per coordinate, with penalty q and fine-tuning scale c_FT(β_PT),

    ℓ  = ∂log q/∂log|β_FT|,    PD = ∂log q/∂log|β_PT|,    κ = ∂log c_FT/∂log|β_PT|.

Everything here starts from the network and is computed: the conserved quantities give the mirror
map's curvature and the hidden weights that pretraining leaves, the first integrates to q, the
second gives c_FT, and the three measures follow by logarithmic differentiation. The canonical
coordinates below then turn the measures into rational functions of signed symbols, for which
`theory.regime_bounds` can prove every bound.

Two quantities are derived a second time, on purpose, in another way than elsewhere in `theory`, and
share no code with it: `penalty_by_integration` is the rival of `theory.implicit_bias.penalty`,
compared in the claim regimes.lorder-closed-form; `scale_from_invariants` is the rival of
`theory.network.finetune_scale`, compared in regimes.transfer-closed-form. Do not change one to
agree with the other: these claims decide which is right.

    z = |β_FT|/c_FT,   h = ½ asinh z,   y = h coth h − 1          (y > 0)
    e = √(c² + β_PT²) − c,   s = 1 + λ/c,   g = γ²                 (e, s, g ≥ 0)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy as sp

from theory.shared import shared

# Magnitudes |β_FT| and |β_PT|; the absolute scale c; λ/c in [−1, 1]; γ ≥ 0; the scale c_FT.
BETA_FT = sp.Symbol("beta_FT", positive=True)
BETA_PT = sp.Symbol("beta_PT", positive=True)
ABSOLUTE = sp.Symbol("c", positive=True)
RATIO = sp.Symbol("r", real=True)
GAMMA = sp.Symbol("gamma", nonnegative=True)
SCALE = sp.Symbol("c_FT", positive=True)

# z = |β_FT|/c_FT, h = ½ asinh z, and x = e^h.
Z = sp.Symbol("z", positive=True)
H = sp.Symbol("h", positive=True)
X = sp.Symbol("x", positive=True)


# Canonical coordinates.
Y = sp.Symbol("y", positive=True)
E = sp.Symbol("e", nonnegative=True)
S = sp.Symbol("s", nonnegative=True)
G = sp.Symbol("g", nonnegative=True)


class DerivationError(ArithmeticError):
    """A step of a derivation does not hold."""


def require_zero(expression: Any, step: str) -> None:
    """Raise DerivationError unless `expression` cancels to zero; `step` says what it stands for."""
    remainder = sp.cancel(sp.together(expression))
    if remainder != 0:
        raise DerivationError(f"{step}: must reduce to zero, got {remainder}")


@dataclass(frozen=True)
class Conserved:
    """Conserved quantities and output of one coordinate's four weights (Section 3.1).

    What else is conserved, and whether these are independent, is the module `theory.invariants`.
    """

    lam_plus: Any
    lam_minus: Any
    absolute: Any
    beta: Any


def conserved(w_plus: Any, v_plus: Any, w_minus: Any, v_minus: Any) -> Conserved:
    """Return λ₊, λ₋, c and β of a state."""
    return Conserved(
        lam_plus=w_plus**2 - v_plus**2,
        lam_minus=w_minus**2 - v_minus**2,
        absolute=w_plus * w_minus + v_plus * v_minus,
        beta=w_plus * v_plus - w_minus * v_minus,
    )


@dataclass(frozen=True)
class _ReachableState:
    """States with λ₊ = λ₋, by sums and differences p = w₊+w₋, P = v₊+v₋, N = v₊−v₋."""

    p: Any
    P: Any
    N: Any
    lam: Any
    absolute: Any
    beta: Any
    squares: Any


@cache
def _reachable_state() -> _ReachableState:
    p, P, N = sp.symbols("p P N", positive=True)
    # λ₊ = λ₋ says (w₊−w₋)p = P·N, which leaves three free numbers.
    n = P * N / p
    weights = ((p + n) / 2, (P + N) / 2, (p - n) / 2, (P - N) / 2)
    state = conserved(*weights)
    require_zero(state.lam_plus - state.lam_minus, "equal relative scales")
    return _ReachableState(
        p, P, N, state.lam_plus, state.absolute, state.beta, sum(w**2 for w in weights)
    )


@cache
def curvature() -> Any:
    """Return q″(β), the mirror map's curvature, for the scale c_FT.

    The flow moves β at speed (w₊²+v₊²+w₋²+v₋²)|∇L|, so q″ is the inverse of that sum, here
    written through the conserved quantities.
    """
    state = _reachable_state()
    require_zero(
        state.squares**2 - 4 * (state.absolute**2 + state.beta**2),
        "squared speed from the conserved quantities",
    )
    return 1 / (2 * sp.sqrt(SCALE**2 + BETA_FT**2))


@cache
def penalty_by_integration() -> Any:
    """Return q(β_FT) at scale c_FT: its curvature integrated twice, q(0) = q′(0) = 0."""
    slope = sp.asinh(BETA_FT / SCALE) / 2
    root = sp.sqrt(SCALE**2 + BETA_FT**2)
    integral = BETA_FT * slope - (root - SCALE) / 2
    # An antiderivative is proved by differentiation; both vanish at 0.
    require_zero(_one_root(sp.diff(slope, BETA_FT) - curvature()), "q″ from q′")
    require_zero(_one_root(sp.diff(integral, BETA_FT) - slope), "q′ from q")
    require_zero(slope.subs(BETA_FT, 0), "q′(0) = 0")
    require_zero(integral.subs(BETA_FT, 0), "q(0) = 0")
    return integral


def _one_root(expression: Any) -> Any:
    """Write √(1+β²/c_FT²) as √(c_FT²+β²)/c_FT."""
    return expression.subs(
        sp.sqrt(1 + BETA_FT**2 / SCALE**2), sp.sqrt(SCALE**2 + BETA_FT**2) / SCALE
    )


@cache
def signed_sum_squared() -> Any:
    """Return (w₊+w₋)² after pretraining, a function of c, r and β_PT."""
    state, total = _reachable_state(), sp.Symbol("total", positive=True)
    require_zero(state.absolute + state.lam - (state.p**2 - state.N**2) / 2, "N² = p² − 2(c+λ)")
    require_zero(
        state.beta * (state.absolute + state.lam) - state.N * state.p * state.absolute,
        "β(c+λ) = N·p·c",
    )
    # The square of the second identity with the first inserted: a quadratic for p². Its roots
    # have the product −(β(c+λ)/c)² ≤ 0, so exactly one is positive.
    both = ABSOLUTE + ABSOLUTE * RATIO
    roots = sp.roots(ABSOLUTE**2 * total * (total - 2 * both) - (BETA_PT * both) ** 2, total)
    sample = {ABSOLUTE: 1, RATIO: 0, BETA_PT: 1}
    (root,) = [root for root in roots if root.subs(sample) > 0]
    return sp.factor(root)


@cache
def scale_from_invariants() -> Any:
    """Return c_FT(β_PT): the absolute scale of the re-initialised network (eqs. 4–5)."""
    hidden_squared = signed_sum_squared()
    w, v = sp.symbols("w v", nonnegative=True)
    scale = conserved(w, v, w, v).absolute
    scale = scale.subs(v, GAMMA).subs(w**2, hidden_squared)
    root = sp.sqrt(ABSOLUTE**2 + BETA_PT**2)
    return sp.expand(sp.simplify(scale.subs(root, sp.Symbol("root"))).subs("root", root))


def logarithmic_derivative(expression: Any, symbol: sp.Symbol) -> Any:
    """Return ∂log f/∂log x for f = `expression` and x = `symbol`."""
    return symbol * sp.diff(expression, symbol) / expression


@cache
def l_order() -> Any:
    """Return ℓ as a function of β_FT and c_FT."""
    return sp.cancel(
        sp.together(_one_root(logarithmic_derivative(penalty_by_integration(), BETA_FT)))
    )


@cache
def scale_sensitivity() -> Any:
    """Return ∂log q/∂log c_FT as a function of β_FT and c_FT."""
    return sp.cancel(
        sp.together(_one_root(logarithmic_derivative(penalty_by_integration(), SCALE)))
    )


@cache
def transfer() -> Any:
    """Return κ as a function of β_PT, c, r and γ."""
    return sp.together(logarithmic_derivative(scale_from_invariants(), BETA_PT))


def in_argument(expression: Any, others: frozenset[sp.Symbol] = frozenset()) -> Any:
    """Write a function of β_FT/c_FT as one of z; DerivationError if it depends on more.

    `others` are the symbols that may remain besides z.
    """
    root, arsinh = sp.symbols("root arsinh", positive=True)
    written = _one_root(sp.sympify(expression)).subs(
        {sp.sqrt(SCALE**2 + BETA_FT**2): SCALE * root, sp.asinh(BETA_FT / SCALE): arsinh}
    )
    written = sp.cancel(sp.together(written.subs(BETA_FT, Z * SCALE)))
    if written.free_symbols - {Z, root, arsinh} - others:
        raise DerivationError(f"must depend on beta_FT/c_FT alone, got {written}")
    return written.subs({root: sp.sqrt(1 + Z**2), arsinh: sp.asinh(Z)})


@cache
def pretraining_dependence() -> Any:
    """Return PD as a function of z and the canonical (e; c, s, g).

    q(β_FT; c_FT(β_PT)) is differentiated as a whole, c_FT entering through its slope κ.
    """
    kappa, scale = sp.Symbol("kappa", nonnegative=True), sp.Function("scale")(BETA_PT)
    total = logarithmic_derivative(penalty_by_integration().subs(SCALE, scale), BETA_PT)
    total = total.subs(sp.diff(scale, BETA_PT), kappa * scale / BETA_PT).subs(scale, SCALE)
    return in_argument(total, frozenset({kappa})).subs(kappa, canonical(transfer()))


def half_angle(expression: Any) -> Any:
    """Write a function of z as one of h = ½ asinh z: z = sinh 2h, √(1+z²) = cosh 2h, asinh z = 2h.

    The substitution is undone to check it: SymPy knows sinh and cosh of asinh.
    """
    expression = sp.sympify(expression)
    double = sp.Symbol("t", positive=True)
    marked = expression.subs(sp.asinh(Z), double)
    marked = marked.subs(sp.sqrt(1 + Z**2), sp.cosh(double)).subs(Z, sp.sinh(double))
    if marked.subs(double, sp.asinh(Z)) != expression:
        raise DerivationError(f"no way back from t = asinh z: {expression}")
    return marked.subs(double, 2 * H)


def in_exponential(expression: Any, t: sp.Symbol = H) -> Any:
    """Write hyperbolic functions of multiples of t in x = e^t: a rational function of x and t."""
    written = sp.sympify(expression).rewrite(sp.exp)
    return written.replace(lambda f: isinstance(f, sp.exp), lambda f: X ** sp.cancel(f.args[0] / t))


@cache
def l_order_half_angle() -> Any:
    """Return ℓ as a function of h."""
    return half_angle(in_argument(l_order()))


@cache
def normalised_penalty() -> Any:
    """Return φ(z) = 2q/c_FT as a function of z."""
    return sp.expand(in_argument(2 * penalty_by_integration() / SCALE))


@cache
def canonical_l_order() -> Any:
    """Return ℓ in y: with cosh h = (1+y)·sinh h/h, both h and sinh h must cancel."""
    order = l_order_half_angle()
    doubled = order.subs(
        {sp.sinh(2 * H): 2 * sp.sinh(H) * sp.cosh(H), sp.cosh(2 * H): 1 + 2 * sp.sinh(H) ** 2}
    )
    require_zero((doubled - order).rewrite(sp.exp), "double angles")
    written = sp.factor(sp.cancel(sp.together(doubled.subs(sp.cosh(H), (1 + Y) * sp.sinh(H) / H))))
    if written.free_symbols != {Y}:
        raise DerivationError(f"the order must be a function of h coth h, got {written}")
    return written


def canonical(expression: Any) -> Any:
    """Write a function of β_PT, c, r, γ (even in β_PT) in the coordinates e, c, s, g."""
    root = sp.sqrt(ABSOLUTE**2 + BETA_PT**2)
    written = sp.sympify(expression).subs(root, ABSOLUTE + E)
    written = written.subs({BETA_PT: sp.sqrt(E * (E + 2 * ABSOLUTE)), RATIO: S - 1})
    written = sp.factor(sp.cancel(sp.together(written.subs(GAMMA, sp.sqrt(G)))))
    if written.free_symbols - {ABSOLUTE, E, S, G} or not written.is_rational_function(E, S, G):
        raise DerivationError(f"must be rational in e, c, s, g, got {written}")
    return written


@dataclass(frozen=True)
class RegimePoint:
    """ℓ, κ, PD and c_FT in canonical coordinates; PD by the chain rule through c_FT."""

    l_order: Any
    transfer: Any
    pretraining_dependence: Any
    scale: Any


@shared
def regime_point() -> RegimePoint:
    """Return the pair of Proposition 5.1 as rational functions of (y; e, c, s, g)."""
    order, kappa = canonical_l_order(), canonical(transfer())
    scale = canonical(scale_from_invariants())
    # q is homogeneous of degree one in (β_FT, c_FT): Euler's relation.
    require_zero(in_argument(scale_sensitivity() + l_order()) - 1, "sensitivity is 1 − ℓ")
    return RegimePoint(order, kappa, sp.factor((1 - order) * kappa), scale)
