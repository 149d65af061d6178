"""Hypotheses of the theorems behind it (Proposition 4.2; Section 4.2, “replica assumption”).

q has what Gordon's comparison uses for a convex penalty and a ridge. It is convex and grows faster
than |β|; at z = β* + θZ, where β̂ is the estimate, its envelope e and its squared slope have finite
means; and z²/(2τ) − e grows beyond all bounds. But it is not strongly convex: where |β| = 1/(2m),
its curvature is below m, for every m > 0.

So what is proved for strongly convex penalties is about q with a multiple of β² added. c is c_FT;
where that has several values, the means are bounded with the least of them.
"""

import sympy as sp

from theory import saddle
from theory.implicit_bias import penalty
from theory.replica import tau, theta
from verify.claim import Check, Method
from verify.claims.replica._limits import limit_of
from verify.claims.replica._means import ESTIMATE, TARGET, Z, known, q
from verify.claims.replica._potential import CHANNEL, ENVELOPE, at_place
from verify.claims.replica._signs import even, positive
from verify.methods.formula import Formula, Formulas, inserted
from verify.methods.identity import equal, prove_all, zero
from verify.methods.inequality import decide_on_half_line
from verify.methods.notation import Mean, as_written
from verify.methods.orthant import by_exponential, by_sinh, decide_on_orthant, on_line
from verify.methods.relations import NONNEGATIVE, POSITIVE, Limit, Relation, Side
from verify.registry import state

beta, z = sp.symbols("beta z", real=True)
size, c, m = sp.symbols("beta c m", positive=True)
with as_written():
    PULL = sp.Derivative(q(beta), beta)
    PULL_THERE = sp.Subs(PULL, beta, CHANNEL)
    BEND = sp.Derivative(q(beta), (beta, 2))
    REST = z**2 / (2 * tau) - ENVELOPE(z, tau)
    SLOW = sp.Derivative(q(size), size) / sp.log(size)
STATED = Formulas(
    curvature=Formula(
        BEND, (c, beta), lambda c, beta: 1 / (2 * sp.sqrt(c**2 + beta**2)), bounds=(POSITIVE,)
    ),
    flat=Formula(sp.Subs(BEND, beta, 1 / (2 * m)), (m,), lambda m: m, Relation.BELOW),
    coercive=Formula(
        q(beta),
        (m, beta, c),
        lambda m, beta, c: m * sp.Abs(beta) - c / 2 * (sp.cosh(2 * m) - 1),
        Relation.AT_LEAST,
    ),
    slope=Formula(
        sp.Abs(PULL), (beta, c), lambda beta, c: sp.Abs(beta) / (2 * c), Relation.AT_MOST
    ),
    logarithm=Formula(SLOW, (), lambda: sp.Rational(1, 2), limit=Limit(size, sp.oo)),
    mean_slope=Formula(
        Mean(PULL_THERE**2),
        (Mean(TARGET**2), theta, c),
        lambda signal, theta, c: (signal + theta**2) / (4 * c**2),
        Relation.AT_MOST,
    ),
    envelope=Formula(
        ENVELOPE(z, tau),
        (z, tau),
        lambda z, tau: z**2 / (2 * tau),
        Relation.AT_MOST,
        bounds=(NONNEGATIVE,),
    ),
    rest=Formula(
        REST,
        (ESTIMATE, tau, sp.Derivative(q(ESTIMATE), ESTIMATE), q(ESTIMATE)),
        lambda estimate, tau, pull, penalty: estimate**2 / (2 * tau) + (estimate * pull - penalty),
    ),
    mean_envelope=Formula(
        Mean(ENVELOPE(CHANNEL, tau)),
        (Mean(TARGET**2), theta, tau),
        lambda signal, theta, tau: (signal + theta**2) / (2 * tau),
        Relation.AT_MOST,
    ),
)
CONTROLS = (
    STATED.but("half the curvature", curvature=lambda c, beta: 1 / (4 * sp.sqrt(c**2 + beta**2))),
    STATED.but("curvature bounded from below", flat=lambda m: m / 2),
    STATED.but(
        "c(cosh 2m − 1)/4",
        coercive=lambda m, beta, c: m * sp.Abs(beta) - c / 4 * (sp.cosh(2 * m) - 1),
    ),
    STATED.but("|β|/(4c)", slope=lambda beta, c: sp.Abs(beta) / (4 * c)),
    STATED.but("q′ grows like log β", logarithm=lambda: sp.Integer(1)),
    STATED.but("E[β*²] + θ", mean_slope=lambda signal, th, c: (signal + th) / (4 * c**2)),
    STATED.but("z²/(4τ)", envelope=lambda z, tau: z**2 / (4 * tau)),
    STATED.but("β̂²/τ", rest=lambda b, tau, pull, penalty: b**2 / tau + (b * pull - penalty)),
    STATED.but("without θ²", mean_envelope=lambda signal, th, tau: signal / (2 * tau)),
)


def of_theory(beta):
    """Return q(β)."""
    return penalty(beta, c)


# q at β = c sinh t, t > 0.
t = sp.Symbol("t", positive=True)
AT_T = c * sp.sinh(t)
Q_AT_T = c * (1 - sp.cosh(t) + t * sp.sinh(t)) / 2


def at_t(expression, weight=beta):
    """Insert β = c sinh t."""
    return by_sinh(expression, weight, c, t)


def decide(stated):
    """Insert β = c sinh t, and z = β̂ + τt/2."""
    return prove_all(steps(stated), summary="each hypothesis for q, at c sinh t")


def steps(stated):
    yield "q = (c/2)(1 − cosh t + t sinh t) at β = c sinh t", equal(at_t(penalty(beta, c)), Q_AT_T)
    yield from of_envelope(stated)
    yield from of_growth(stated)
    yield from of_curvature(stated)
    yield from of_means(stated)


def of_curvature(stated):
    """Yield that q is convex, but not strongly."""
    here = {q: of_theory}
    yield "q″ as stated", equal(stated.curvature.left(here), stated.curvature())
    for bound in stated.curvature.bounds:
        margin = sp.factor(on_line(bound.margin(stated.curvature()), beta, c))
        yield "is positive", decide_on_orthant("q″ > 0", margin, strict=bound.strict)
        yield (
            "and as near to 0 as can be",
            zero(limit_of(Limit(beta, sp.oo), bound.margin(stated.curvature()))),
        )
    form, less = stated.flat, sp.Symbol("v", positive=True)
    for place in (place for one in form.name.atoms(sp.Subs) for place in one.point):
        if not place.is_rational_function(m):
            raise ValueError(f"the place must be a rational function of {m}, got {place}")
    found = inserted(form.name, here)
    # At c = (v − 1/v)/(4m), the root of c² + 1/(4m²) is (v + 1/v)/(4m).
    radius = {c: (less + 2) * less / (4 * m * (1 + less))}
    there = found.subs(radius).replace(
        lambda e: e.is_Pow and e.exp.is_Rational and not e.exp.is_Integer,
        lambda e: sp.factor(e.base) ** e.exp,
    )
    margin = sp.factor(form.relation.margin(there, form.side()))
    yield "at |β| = 1/(2m), for every c > 0", positive("q″ < m", margin, strict=form.strict)
    yield "it comes to m as c → 0", equal(limit_of(Limit(c, 0, Side.ABOVE), found), form.side())


def of_growth(stated):
    """Yield how q and its slope grow."""
    here = {q: of_theory}
    form, h = stated.coercive, sp.Symbol("h", positive=True)
    for one in (form, stated.slope):
        yield "as large for −β", even(one, beta, here)
    left = at_t(form.left(here))
    margin = form.relation.margin(left, form.side({beta: AT_T})).subs(t, 2 * h)
    yield "at β = c sinh 2h, q is its bound where m = h", zero(margin.subs(m, h))
    yield "with slope 0 in m", zero(sp.diff(margin, m).subs(m, h))
    yield (
        "and above elsewhere, so that q(β)/|β| grows beyond all m",
        decide_on_orthant("∂²/∂m² > 0", by_exponential(sp.diff(margin, m, 2), m)),
    )
    yield "the bound included", positive("0 ≥ 0", sp.expand(margin.subs(m, h)), strict=form.strict)
    there = form.margin(here | {beta: 0}, {beta: 0})
    by_v = sp.factor(there.rewrite(sp.exp).subs(m, sp.log(1 + h) / 2))
    yield "at β = 0", positive("(c/2)(cosh 2m − 1) ≥ 0", by_v, strict=form.strict)
    form = stated.slope
    left, side = at_t(form.left(here)), form.side({beta: AT_T})
    margin = sp.expand(form.relation.margin(left, side))
    yield "|q′| < |β|/(2c) for t > 0", decide_on_half_line("t/2 < ½ sinh t", margin, t)
    there = form.margin(here | {beta: 0}, {beta: 0})
    yield "and both are 0 at β = 0", positive("0 ≥ 0", there, strict=form.strict)
    yield "where one comes to the other", equal(sp.limit(left / side, t, 0), 1)
    form = stated.logarithm
    yield "q′ grows like ½ log β", equal(limit_of(form.towards, form.left(here)), form())


def of_envelope(stated):
    """Yield what the envelope is between, and what it lacks of its upper bound."""
    whole = saddle.proximal(beta, z, tau).subs(saddle.penalty(beta), penalty(beta, c))
    yield (
        "(β − z)²/(2τ) + q(β) is as large for −β and −z: e(−z) = e(z), and β̂ is odd",
        equal(whole.subs({beta: -beta, z: -z}, simultaneous=True), whole),
    )
    at = AT_T + tau * t / 2
    stationary = sp.diff(saddle.proximal(AT_T, z, tau).subs(saddle.penalty(AT_T), Q_AT_T), t)
    yield "β̂ = c sinh t is stationary at z = β̂ + τt/2", zero(stationary.subs(z, at))
    least = saddle.proximal(AT_T, at, tau).subs(saddle.penalty(AT_T), Q_AT_T)
    yield "where e = τt²/8 + q(β̂)", equal(least, tau * t**2 / 8 + Q_AT_T)
    here = {ENVELOPE: at_place(least, z, tau), z: at}
    mirrored = here | {z: -at}
    form, rest = stated.envelope, stated.rest
    lacking = rest({q: of_theory})
    for text, below, above in (
        ("e", form.left(mirrored), form.left(here)),
        ("z²/(2τ)", form.side({z: -z}), form.side()),
        ("z²/(2τ) − e", rest.left(mirrored), rest.left(here)),
        ("its right side", lacking.subs(ESTIMATE, -ESTIMATE), lacking),
    ):
        yield f"{text} is as large for −z", equal(below, above)
    for bound in form.bounds:
        margin = bound.margin(form.left(here))
        yield "it grows with τ", positive("t²/8 > 0", sp.diff(margin, tau))
        low = sp.expand(margin.subs(tau, 0) / c)
        yield "and is positive for all t > 0 as τ → 0", decide_on_half_line("e > 0", low, t)
        yield "not below 0 at z = 0", positive("0 ≥ 0", margin.subs(t, 0), strict=bound.strict)
        yield "but 0", zero(margin.subs(t, 0))
    v, side = sp.Symbol("v", positive=True), form.side({z: at})
    margin = sp.expand(form.relation.margin(form.left(here), side))
    by_v = sp.factor(margin.rewrite(sp.exp).subs(t, sp.log(1 + v)))
    yield "z²/(2τ) − e > 0 at t = log(1 + v)", positive("of squares", by_v)
    at_zero = {ENVELOPE: at_place(sp.Integer(0), z, tau), z: 0}
    there = form.margin(at_zero, {z: 0})
    yield "and both are 0 at z = 0, where e = 0", positive("0 ≥ 0", there, strict=form.strict)
    yield "they are one as c → 0", equal((form.left(here) / side).subs(c, 0), 1)
    found = at_t(lacking, ESTIMATE)
    yield "z²/(2τ) − e as stated", equal(sp.expand(rest.left(here)), found)
    none = rest({q: of_theory, ESTIMATE: 0})
    yield "at z = 0 and β̂ = 0, too", equal(rest.left(at_zero), none)
    surplus = sp.expand((t / 2 * AT_T - Q_AT_T) / c)
    yield (
        "β̂q′(β̂) − q(β̂) > 0: it is above β̂²/(2τ)",
        decide_on_half_line("½(cosh t − 1) > 0", surplus, t),
    )
    yield "which has no bound: 1/β̂ vanishes", zero(limit_of(Limit(t, sp.oo), 1 / AT_T))


def of_means(stated):
    """Yield the bounds of means, as means of bounds."""
    signal = sp.Symbol("B", nonnegative=True)
    mean = {Mean: known({TARGET**2: signal, TARGET * Z: 0, Z**2: 1})}
    short = sp.Symbol("v", nonnegative=True)
    parabola = sp.integrate(stated.slope.side({beta: size}), size) / (1 + short)
    slopes = {q: lambda at: parabola.subs(size, at)}
    values = {ENVELOPE: lambda at, step: stated.envelope.side({z: at, tau: step}) / (1 + short)}
    for text, form, bounded, of in (
        ("q′² is z²/(4c²) at most", stated.mean_slope, slopes, PULL_THERE**2),
        ("e is z²/(2τ) at most", stated.mean_envelope, values, ENVELOPE(CHANNEL, tau)),
    ):
        # Of another expression a bound need not be had by inserting one.
        if form.name != Mean(of):
            raise ValueError(f"the mean must be that of {of}, got {form.name}")
        margin = form.margin(bounded | mean, mean)
        yield f"{text}: the mean of that is the bound", zero(margin.subs(short, 0))
        yield "and of less is less", positive("bound", sp.factor(margin), strict=form.strict)
    less = sp.Symbol("a", nonnegative=True)
    bounds = [stated.mean_slope.side(mean | {c: scale}) for scale in (c, c + less)]
    yield "it is less for a larger c", positive("≥ 0", bounds[0] - bounds[1], strict=False)


state(
    "replica.theorem-hypotheses",
    __doc__,
    (Check("at β = c sinh t", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=(
        "Z is standard normal and independent of β*, E[β*²] < ∞",
        "c_FT > 0 is bounded from below, as it is by 2(c + λ) + γ² where that is positive",
        "means over coordinates tend to means over (β*, c_FT), as for independent ones with finite "
        "mean (law of large numbers)",
    ),
    requires=(
        "implicit-bias.penalty-zero-and-convex",
        "implicit-bias.conjugate",
        "replica.estimator-derivative",
    ),
    not_decided=(
        "that these are the hypotheses of Thrampoulidis, Abbasi & Hassibi (2018), Theorems 3.1 and "
        "4.1, word by word: only abstracts were at hand",
        "whether Gerbelot, Abbara & Krzakala (2023) includes q: proved there, by its abstract, for "
        "problems that are strongly convex enough, and for others under an assumption of "
        "concentration",
    ),
)
