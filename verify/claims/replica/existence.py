"""ψ has a stationary point (Proposition 4.2; Appendix E.2.3).

Where σ > 0 or E[β*²] > 0, and where ϱ > 0 or α < 1, ψ is stationary somewhere, for every law of β*
and c_FT with E[β*²] < ∞.

At any b, ψ rises in θ far away; it falls near 0, and so has a minimum over θ, unless σ = 0, α > 1
and b ≥ b₀, b₀² = E[q′(β*)²]/(α − 1): then its infimum is at θ = 0. As a function of b the infimum
is concave. It rises where b is small. With ϱ > 0 it falls beyond b₀, and where b comes to b₀, as θ
is then below ϱb; and it falls in the end.

β̂ is between 0 and c_FT sinh(2z/τ), e between 0 and q(z): limits of means are means of limits, as
|β̂| ≤ |z|, e ≤ z²/(2τ) and e ≤ q(β*) + bθZ²/2, and as |β̂ − β*| ≤ θ|Z| + θ|q′(β*)|/b for θ → 0; so
e is no less than q(β*) + q′(β*)(β̂ − β*), which comes to q(β*). Where E[q′(β*)²] is infinite, so is
b₀, and the limit with it is −∞ (Fatou).
"""

from functools import cache

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
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all, zero
from verify.methods.notation import Mean, as_written
from verify.methods.relations import Limit, Relation, Side
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
    smaller_theta=Formula(
        2 / b * IN_THETA + noise**2 / theta**2,
        (alpha, Mean(PULL**2), b),
        lambda alpha, squared, b: 1 - (1 + squared / b**2) / alpha,
        limit=NO_NOISE,
    ),
    at_zero=Formula(
        PSI(theta, b) - b * noise**2 / (2 * theta),
        (Mean(q(TARGET)), alpha, varrho, b),
        lambda penalty, alpha, ridge, b: penalty / alpha - ridge * b**2 / 2,
        limit=NO_NOISE,
    ),
    along=Formula(ALONG, (theta, varrho, b), lambda theta, r, b: theta - r * b, Relation.BELOW),
    large_b=Formula(
        PSI(theta, b) / b**2, (varrho,), lambda ridge: -ridge / 2, limit=Limit(b, sp.oo)
    ),
    larger_b=Formula(
        PSI(theta, b) / b + varrho * b / 2,
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
    STATED.but("2ϱb for ϱb", along=lambda theta, ridge, b: theta - 2 * ridge * b),
    STATED.but("E[q(β*)] for E[q(β*)]/α", at_zero=lambda e, alpha, r, b: e - r * b**2 / 2),
    STATED.but(
        "θ/α left out",
        larger_b=lambda sigma, theta, alpha: (sigma**2 / theta + theta) / 2,
    ),
    STATED.but(
        "E[q′²]/b for E[q′²]/b²",
        smaller_theta=lambda alpha, squared, b: 1 - (1 + squared / b) / alpha,
    ),
    STATED.but("σ² for −σ²", small_theta=lambda sigma: sigma**2),
)


def decide(stated):
    """Take limits at each coordinate, between bounds of β̂ and e."""
    return prove_all(steps(stated), summary="slopes of ψ at all ends, and a minimum that turns")


def bounds():
    """Yield what β̂ and e are between, so that their limits follow; β̂ is odd in z."""
    t, sinh = sp.symbols("t s", positive=True)
    estimate = SCALE * sinh
    at = estimate + tau * t / 2
    stationary = sp.diff(saddle.proximal(w, z, tau), w).subs(saddle.penalty(w).diff(w), t / 2)
    yield (
        "β̂ = c_FT sinh t solves (β̂ − z)/τ + q′(β̂) = 0 at z = β̂ + τt/2, as q′(β̂) = t/2",
        zero(stationary.subs({w: estimate, z: at}, simultaneous=True)),
    )
    yield "for that t", equal(stationary_weight(t / 2, SCALE), SCALE * sp.sinh(t))
    yield "β̂ > 0 for t > 0", positive("c_FT sinh t > 0", estimate)
    yield "β̂ < z", positive("τt/2 > 0", at - estimate)
    yield "and t < 2z/τ, so that β̂ < c_FT sinh(2z/τ)", positive("2z/τ − t > 0", 2 * at / tau - t)
    for text, place, most in (
        ("e ≤ q(z), as the least value is no larger than that at β = z,", z, saddle.penalty(z)),
        ("nor than that at β = 0", 0, z**2 / (2 * tau) + saddle.penalty(sp.Integer(0))),
    ):
        yield text, equal(saddle.proximal(sp.sympify(place), z, tau), most)
    channel = {z: TARGET + theta * Z, tau: theta / b}
    there = saddle.proximal(TARGET, z, tau).subs(channel, simultaneous=True)
    yield "or at β = β*", equal(there, saddle.penalty(TARGET) + b * theta * Z**2 / 2)
    away, pull, rise = sp.symbols("k q1 r1", real=True)
    condition = sp.diff(saddle.proximal(w, z, tau), w).subs(saddle.penalty(w).diff(w), pull + rise)
    (reached,) = sp.solve(condition.subs(w, TARGET + away), z)
    yield (
        "β̂ − β* and τ(q′(β̂) − q′(β*)), of one sign as q is convex, make up θZ − τq′(β*), "
        "so that |β̂ − β*| ≤ θ|Z| + θ|q′(β*)|/b",
        equal(reached - TARGET - tau * pull, away + tau * rise),
    )


@cache
def slopes():
    """Return ∂ψ/∂θ and ∂ψ/∂b at each coordinate, as `STATIONARITY` has their means."""
    unknown = sp.symbols("s_theta s_b", real=True)
    linear = {PSI: plane(unknown)}
    both = (STATIONARITY.noise, STATIONARITY.regularisation)
    found = sp.solve([one.left(linear) - one({Mean: at_each}) for one in both], unknown)
    return linear, found


@cache
def tends(limit, left, estimate):
    """Return the limit of an expression with slopes of ψ, for an estimate at each coordinate."""
    root = ESTIMATOR.root({k: 4 * SCALE**2, ESTIMATE: estimate})
    at = {RESPONSE: ESTIMATOR.response({ROOT: root, tau: theta / b}), ESTIMATE: estimate}
    values = {one: slope.subs(at, simultaneous=True) for one, slope in slopes()[1].items()}
    return limit.of(sp.expand(left.subs(values)))


def steps(stated):
    yield from bounds()
    share, size = sp.symbols("s Q", positive=True)  # the first at most 1
    away, pull = sp.symbols("k q1", real=True)
    # E[β*²], E[q′(β*)²], E[q(β*)]
    signal, squared, start = sp.symbols("B S q", nonnegative=True)
    mean = known({Z: 0, Z**2: 1, TARGET**2: signal, pull**2: squared, pull * Z: 0})
    channel, step = TARGET + theta * Z, theta / b
    between = share * stationary_weight(channel / step, SCALE)
    # As q″ ≤ 1/(2c_FT), q′(β̂) is q′(β*) up to a multiple of β̂ − β*, which is one of θ.
    near = channel - step * (pull + theta * away)
    linear, _ = slopes()
    slope = sp.Derivative(q(TARGET), TARGET)  # written again, as PULL is what is stated
    averaged = {Mean: known({TARGET**2: signal, slope**2: squared})}
    for text, formula, estimate in (
        ("b → 0, where β̂ → 0: 2θ²/b times ∂ψ/∂θ", stated.small_b_theta, between),
        ("and the slope in b where ∂ψ/∂θ = 0, as η′ → 0", stated.small_b, between),
        ("θ → ∞, where β̂/θ → 0", stated.large_theta, between),
        ("θ → 0, where β̂ → β*", stated.small_theta, near),
        ("and beside that, with (β̂ − β*)/θ → Z − q′(β*)/b", stated.smaller_theta, near),
    ):
        found = tends(formula.towards, formula.left(linear), estimate)
        yield text, equal(mean(found), formula(averaged))
    function, _ = as_function(STATIONARITY.potential)
    for text, formula, least in (
        ("θ → 0: ψ, where e is q(β*) up to a multiple of θ", stated.at_zero, start + theta * away),
        ("b → ∞, where e ≤ q(z): ψ/b²", stated.large_b, share * size),
        ("and beside that ψ/b", stated.larger_b, share * size),
    ):
        found = formula.left({PSI: function}).subs(AVERAGE(theta, b), least)
        yield text, equal(formula.towards.of(found), formula({Mean: known({q(TARGET): start})}))
    response = sp.Symbol("M", positive=True)
    of_means = {one: slope.subs(RESPONSE, response) for one, slope in slopes()[1].items()}
    gap = stated.along.margin(linear).subs(of_means)
    yield (
        "the slope in b where ∂ψ/∂θ = 0 is below θ − ϱb, as E[η′] > 0",
        positive("θE[η′]/α > 0", sp.expand(gap), strict=stated.along.strict),
    )
    yield "and comes to it as E[η′] → 0", equal(sp.limit(gap, response, 0), 0)
    yield from turns(stated, signal, squared)


def turns(stated, signal, squared):
    """Yield the signs that ψ's slopes have at the ends."""
    v, more = sp.symbols("v m", positive=True)
    means = {Mean: known({TARGET**2: signal, PULL**2: squared})}
    root = sp.sqrt(noise**2 + signal / alpha)
    for text, nonzero in (("σ > 0", {noise: more}), ("β* is not 0", {signal: more})):
        for side, at in ((1, root * (1 + v)), (-1, root / (1 + v))):
            found = side * stated.small_b_theta(means | {theta: at}).subs(nonzero)
            yield (
                f"b → 0: ψ has its minimum over θ near θ₀, θ₀² = σ² + E[β*²]/α, where {text}",
                positive("rises above, falls below", found),
            )
    yield "where the minimum rises with b", positive("θ₀ > 0", stated.small_b())
    yield "far away ψ rises with θ, at any b", positive("b/2 > 0", stated.large_theta())
    yield (
        "near θ = 0 it falls, with noise,",
        positive("σ² > 0", -stated.small_theta({noise: more})),
    )
    slope = stated.smaller_theta
    falls = -slope(means | {alpha: 1 / (1 + v)})
    yield "and without, for α < 1 at any b,", positive("1/α > 1", falls)
    yield "down to E[q′(β*)²]/b² as α → 1,", equal(sp.limit(falls, v, 0), squared / b**2)
    # For α = 1 + v, (α − 1)b² < E[q′(β*)²] = (v + m)b².
    before = known({PULL**2: (v + more) * b**2})
    yield (
        "for α ≥ 1 where (α − 1)b² < E[q′(β*)²]",
        positive("below b₀", -slope({Mean: before, alpha: 1 + v})),
    )
    beyond = known({PULL**2: v * b**2 / (1 + more)})
    yield (
        "beyond b₀ it rises from θ = 0 on, as it is convex; so θ → 0 where b comes to b₀",
        positive("beyond b₀", slope({Mean: beyond, alpha: 1 + v})),
    )
    ridged, penalty = {varrho: more}, {Mean: known({q(TARGET): signal})}
    yield (
        "and there its infimum falls with b, as ϱ > 0",
        positive("ϱb > 0", -sp.diff(stated.at_zero(penalty | ridged), b)),
    )
    yield (
        "and before b₀, where θ < ϱb",
        positive("ϱb − θ > 0", -stated.along.side(ridged | {theta: more * b / (1 + v)})),
    )
    yield "b → ∞: with ϱ > 0, ψ → −∞", positive("ϱ/2 > 0", -stated.large_b(ridged))
    enough = noise**2 * alpha / (1 - alpha) + more
    fall = -stated.larger_b({theta: sp.sqrt(enough)}) * sp.sqrt(enough)
    yield (
        "without ridge for α < 1 at θ² = σ²α/(1 − α) + m: the minimum, which is below, falls there",
        positive("(1/α − 1)m > 0", sp.simplify(fall).subs(alpha, 1 / (1 + v))),
    )


state(
    "replica.existence",
    __doc__,
    (Check("slopes at the ends", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=(
        "Z is standard normal and independent of β*, E[β*²] < ∞, c_FT > 0",
        "σ > 0 or E[β*²] > 0; σ, ϱ ≥ 0; ϱ > 0 or α < 1",
        "means and limits are exchanged, by these bounds (dominated convergence, Fatou's lemma); "
        "for b → 0 limits are uniform in θ near θ₀",
        "a concave function that rises at first and falls in the end has a greatest value",
    ),
    requires=(
        "replica.stationarity",
        "replica.convex-concave",
        "replica.estimator-derivative",
        "implicit-bias.conjugate",
        "implicit-bias.penalty-zero-and-convex",
    ),
)
