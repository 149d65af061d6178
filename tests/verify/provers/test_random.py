"""No engine proves what is false: random expressions, and what they would be if rules always held.

√(ab) = √a·√b and its like hold for positive numbers only. What an engine proves all the same is
evaluated by Arb at exact points, negative and complex ones included.
"""

import random

import pytest
import sympy as sp
from flint import ctx

from verify.provers import semialgebraic, transcendental
from verify.provers.evaluation import NotEvaluatedError, enclose, sign_at
from verify.provers.fractions import UndecidedError
from verify.provers.goals import Inequality
from verify.provers.polynomials import prove_equal, prove_sign

x, y = sp.symbols("x y", real=True)
p, q, t = sp.symbols("p q t", positive=True)
n = sp.Symbol("n", nonnegative=True)
m = sp.Symbol("m", negative=True)
z = sp.Symbol("z")
HALF, THIRD = sp.Rational(1, 2), sp.Rational(1, 3)

POWERS = [
    lambda a: a**HALF,
    lambda a: a**-HALF,
    lambda a: a**THIRD,
    lambda a: a**2,
    lambda a: 1 / a,
    lambda a: -a,
    sp.Abs,
]
FUNCTIONS = [sp.exp, sp.log, sp.sinh, sp.cosh, sp.tanh, sp.asinh, sp.acosh, sp.atanh, sp.cos]
ON_HALF_LINE = [t, sp.exp(t), sp.exp(-t), sp.sinh(t), sp.cosh(t / 2), sp.coth(t)]
# Rules that are true of positive numbers only, and others that are always true.
RULES = [
    lambda e: sp.powdenest(e, force=True),
    lambda e: sp.expand_log(e, force=True),
    lambda e: sp.logcombine(e, force=True),
    lambda e: sp.expand_power_base(e, force=True),
    lambda e: e.replace(lambda part: isinstance(part, sp.Abs), lambda part: part.args[0]),
    lambda e: e.replace(lambda part: part.is_Pow and part.exp == HALF, lambda part: -part),
    lambda e: e.rewrite(sp.exp),
    sp.together,
    sp.expand,
]


def drawn(rng, depth, leaves, functions):
    if depth == 0:
        return rng.choice([*leaves, sp.Integer(rng.randint(-3, 3)), HALF])
    if rng.random() < 0.45:
        return rng.choice(functions)(drawn(rng, depth - 1, leaves, functions))
    parts = (drawn(rng, d, leaves, functions) for d in (depth - 1, rng.randint(0, depth - 1)))
    return sp.Add(*parts) if rng.random() < 0.5 else sp.Mul(*parts)


def point(rng):
    def size():
        return sp.Rational(rng.randint(1, 400), rng.choice([1, 10, 100]))

    def side():
        return rng.choice([-1, 0, 1])

    own = {x: size() * side(), y: size() * side(), n: size() * rng.choice([0, 1])}
    return own | {p: size(), q: size(), t: size(), m: -size(), z: size() * side() - sp.I * size()}


@pytest.mark.parametrize("seed", range(60))
def test_identities(seed):
    rng = random.Random(seed)
    one = drawn(rng, rng.randint(2, 4), [x, y, p, q, n, m, z], [*POWERS, *FUNCTIONS])
    for rule in RULES:
        other = rule(one)
        try:
            prove_equal(one, other)
        except UndecidedError:
            continue
        for _ in range(4):
            there = point(rng)
            with ctx.workprec(200):
                try:
                    difference = enclose(one, there) - enclose(other, there)
                except NotEvaluatedError:
                    break
                assert not difference.is_finite() or difference.contains(0), f"{one} = {other}"


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("engine", [semialgebraic.decide, prove_sign, transcendental.prove])
def test_inequalities(engine, seed):
    rng, half_line = random.Random(seed), engine is transcendental.prove
    leaves = ON_HALF_LINE if half_line else [x, y, p, q, n, m]
    functions = POWERS if engine is semialgebraic.decide else [*POWERS, sp.exp, sp.cosh, sp.tanh]
    expression = drawn(rng, rng.randint(1, 4), leaves, POWERS[3:6] if half_line else functions)
    goal = Inequality(expression, rng.random() < 0.6, frozenset({t} if half_line else ()))
    try:
        proved = engine(goal) is None
    except UndecidedError:
        return
    for _ in range(8):
        sign = sign_at(expression, point(rng))
        violated = sign == -1 or (sign == 0 and goal.strict)
        assert not (proved and violated), f"{expression}, strict: {goal.strict}"
