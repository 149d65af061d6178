"""ψ has a stationary point (Proposition 4.2; Appendix E.2.3).

With ϱ > 0, or with α < 1, ψ is stationary somewhere, for every law of β* and c_FT with E[β*²] < ∞;
only where β* = 0 and σ = 0 it is not.

At each b, ψ falls in θ near 0 and rises far away, so that it has a minimum over θ. As a function of
b the minimum is concave; it rises where b is small and falls where b is large.

β̂ is between 0 and c_FT sinh(2z/τ), and e between 0 and q(z): limits of means are means of limits,
as |β̂| ≤ |z| and e ≤ z²/(2τ).
"""

import sympy as sp

from theory import saddle
from theory.implicit_bias import stationary_weight
from theory.replica import alpha, noise, tau, theta
from theory.saddle import b, w, z
from verify.claim import Check, Method
from verify.claims.replica._means import ESTIMATE, RESPONSE, SCALE, TARGET, Z, at_each, known, q
from verify.claims.replica._potential import AVERAGE, PSI, as_function, plane, varrho
from verify.claims.replica._signs import positive
from verify.claims.replica.estimator_derivative import ROOT, k
from verify.claims.replica.estimator_derivative import STATED as ESTIMATOR
from verify.claims.replica.stationarity import IN_B, IN_THETA
from verify.claims.replica.stationarity import STATED as STATIONARITY
from verify.methods.formula import Formula, Formulas, inserted
from verify.methods.identity import equal, prove_all
from verify.methods.notation import Mean, as_written
from verify.methods.relations import Limit, Side
from verify.registry import state

PULL = sp.Derivative(q(TARGET), TARGET)
NO_PULL, NO_NOISE = Limit(b, 0, Side.ABOVE), Limit(theta, 0, Side.ABOVE)
with as_written():
    ALONG = IN_B + theta / b * IN_THETA
STATED = Formulas(
    small_b_theta=Formula(
        2 * theta**2 / b * IN_THETA,
        (theta, noise, Mean(TARGET**2), alpha),
        lambda theta, sigma, signal, alpha: theta**2 - (sigma**2 + signal / alpha),
        limit=NO_PULL,
    ),
    small_b=Formula(ALONG, (theta,), lambda theta: theta, limit=NO_PULL),
    large_theta=Formula(IN_THETA, (b,), lambda b: b / 2, limit=Limit(theta, sp.oo)),
    small_theta=Formula(
        2 * theta**2 / b * IN_THETA, (noise,), lambda sigma: -(sigma**2), limit=NO_NOISE
    ),
    no_noise=Formula(
        2 / b * IN_THETA,
        (alpha, Mean(PULL**2), b),
        lambda alpha, squared, b: 1 - (1 + squared / b**2) / alpha,
        limit=NO_NOISE,
    ),
    small_theta_b=Formula(ALONG, (varrho, b), lambda ridge, b: -ridge * b, limit=NO_NOISE),
    large_b=Formula(
        PSI(theta, b) / b**2, (varrho,), lambda ridge: -ridge / 2, limit=Limit(b, sp.oo)
    ),
    large_b_without_ridge=Formula(
        PSI(theta, b) / b,
        (noise, theta, alpha),
        lambda sigma, theta, alpha: (sigma**2 / theta + theta - theta / alpha) / 2,
        limit=Limit(b, sp.oo),
    ),
)
CONTROLS = (
    STATED.but(
        "E[β*²] for E[β*²]/α",
        small_b_theta=lambda theta, sigma, signal, alpha: theta**2 - (sigma**2 + signal),
    ),
    STATED.but("b for b/2", large_theta=lambda b: b),
    STATED.but("−ϱ for −ϱ/2", large_b=lambda ridge: -ridge),
    STATED.but(
        "θ/α left out",
        large_b_without_ridge=lambda sigma, theta, alpha: (sigma**2 / theta + theta) / 2,
    ),
    STATED.but(
        "E[q′²]/b for E[q′²]/b²",
        no_noise=lambda alpha, squared, b: 1 - (1 + squared / b) / alpha,
    ),
    STATED.but("σ² for −σ²", small_theta=lambda sigma: sigma**2),
)


def decide(stated):
    """Take limits at each coordinate, between bounds of β̂ and e."""
    return prove_all(steps(stated), summary="slopes of ψ at all ends, and a minimum that turns")


def bounds():
    """Yield what β̂ and e lie between, so that their limits follow."""
    slope = sp.Symbol("q1", real=True)
    pulled = sp.diff(saddle.proximal(w, z, tau), w)
    (found,) = sp.solve(pulled.subs(sp.diff(saddle.penalty(w), w), slope), slope)
    yield "q′(β̂) = (z − β̂)/τ", equal(found, (z - w) / tau)
    yield (
        "β̂ is between 0 and z, so that |q′(β̂)| ≤ |z|/τ, and β̂ is between 0 and c_FT sinh(2z/τ)",
        equal(stationary_weight(z / tau, SCALE), SCALE * sp.sinh(2 * z / tau)),
    )
    yield "e is between 0 and q(z)", equal(saddle.proximal(z, z, tau), saddle.penalty(z))


def slopes():
    """Return ∂ψ/∂θ and ∂ψ/∂b at each coordinate, as `STATIONARITY` has their means."""
    unknown = sp.symbols("s_theta s_b", real=True)
    linear = {PSI: plane(unknown)}
    both = (STATIONARITY.noise, STATIONARITY.regularisation)
    found = sp.solve([one.left(linear) - one({Mean: at_each}) for one in both], unknown)
    return linear, found


def steps(stated):
    yield from bounds()
    share = sp.Symbol("s", positive=True)  # at most 1
    away, pull = sp.symbols("k q1", real=True)
    signal, squared = sp.symbols("B S", positive=True)  # E[β*²] and E[q′(β*)²]
    mean = known({Z: 0, Z**2: 1, TARGET**2: signal, pull**2: squared, pull * Z: 0})
    channel, step = TARGET + theta * Z, theta / b
    linear, slope_of = slopes()
    between = share * stationary_weight(channel / step, SCALE)
    # As q″ ≤ 1/(2c_FT), q′(β̂) is q′(β*) up to a multiple of β̂ − β*, which is one of θ.
    near = channel - step * (pull + theta * away)

    def limit(formula, estimate, fixed):
        root = ESTIMATOR.root({k: 4 * SCALE**2, ESTIMATE: estimate})
        at = {RESPONSE: ESTIMATOR.response({ROOT: root, tau: step}), ESTIMATE: estimate}
        values = {one: slope.subs(at, simultaneous=True) for one, slope in slope_of.items()}
        found = formula.towards.of(formula.left(linear).subs(values).subs(fixed))
        found = mean(found)
        return equal(found, formula({Mean: lambda of: mean(inserted(of, {q: pull_at(pull)}))}))

    quiet, smooth = {noise: 0}, {varrho: 0}
    for text, formula, estimate, fixed in (
        ("b → 0, where β̂ → 0: 2θ²/b times ∂ψ/∂θ", stated.small_b_theta, between, {}),
        ("and the slope in b where ∂ψ/∂θ = 0, as η′ → 0", stated.small_b, between, {}),
        ("θ → ∞, where β̂/θ → 0", stated.large_theta, between, {}),
        ("θ → 0, where β̂ → β*", stated.small_theta, near, {}),
        ("and without noise, (β̂ − β*)/θ → Z − q′(β*)/b", stated.no_noise, near, quiet),
        ("and the slope in b where ∂ψ/∂θ = 0", stated.small_theta_b, near, {}),
    ):
        yield text, limit(formula, estimate, fixed)
    function, _ = as_function(STATIONARITY.potential)
    least = {AVERAGE(theta, b): share * sp.Symbol("Q", positive=True)}  # e ≤ q(z), for any b
    for text, formula, fixed in (
        ("b → ∞: ψ/b²", stated.large_b, {}),
        ("and without ridge ψ/b", stated.large_b_without_ridge, smooth),
    ):
        found = formula.left({PSI: function}).subs(least).subs(fixed)
        yield text, equal(formula.towards.of(found), formula())
    yield from turns(stated, signal, squared)


def turns(stated, signal, squared):
    """Yield the signs that ψ's slopes have at the ends."""
    v, more = sp.symbols("v m", positive=True)
    means = {Mean: known({TARGET**2: signal, PULL**2: squared})}
    root = sp.sqrt(noise**2 + signal / alpha)
    for side, at in ((1, root * (1 + v)), (-1, root / (1 + v))):
        yield (
            "b → 0: ψ has its minimum over θ near θ₀, θ₀² = σ² + E[β*²]/α",
            positive("rises above, falls below", side * stated.small_b_theta(means | {theta: at})),
        )
    yield "where the minimum rises with b", positive("θ₀ > 0", stated.small_b())
    yield "far away ψ rises with θ, at any b", positive("b/2 > 0", stated.large_theta())
    yield (
        "near θ = 0 it falls, with noise,",
        positive("σ² > 0", -stated.small_theta({noise: more})),
    )
    slope = stated.no_noise
    yield (
        "and without, for α < 1 at any b,",
        positive("1/α > 1", -slope(means | {alpha: 1 / (1 + v)})),
    )
    # For α = 1 + v, (α − 1)b² < E[q′(β*)²] = (v + m)b².
    beyond = known({PULL**2: (v + more) * b**2})
    yield (
        "for α ≥ 1 where (α − 1)b² < E[q′(β*)²]",
        positive("below that b", -slope({Mean: beyond, alpha: 1 + v})),
    )
    yield (
        "and where b comes to that, θ → 0, and the minimum falls with b, as ϱ > 0",
        positive("ϱb > 0", -stated.small_theta_b({varrho: more})),
    )
    yield "b → ∞: with ϱ > 0, ψ → −∞", positive("ϱ/2 > 0", -stated.large_b({varrho: more}))
    enough = noise**2 * alpha / (1 - alpha) + more
    fall = -stated.large_b_without_ridge({theta: sp.sqrt(enough)}) * sp.sqrt(enough)
    yield (
        "without ridge for α < 1 at θ² = σ²α/(1 − α) + m: the minimum, which is below, falls there",
        positive("(1/α − 1)m > 0", sp.simplify(fall).subs(alpha, 1 / (1 + v))),
    )


def pull_at(pull):
    """Return q with the slope q′(β*)."""
    return lambda beta: pull * beta


state(
    "replica.existence",
    __doc__,
    (Check("slopes at the ends", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=(
        "Z is standard normal and independent of β*, E[β*²] < ∞, c_FT > 0",
        "σ > 0 or E[β*²] > 0; σ, ϱ ≥ 0; ϱ > 0 or α < 1",
        "a concave function that rises at first and falls in the end has a greatest value",
    ),
    requires=(
        "replica.stationarity",
        "replica.convex-concave",
        "replica.estimator-derivative",
        "implicit-bias.conjugate",
    ),
)
