"""What tests of replica claims share: statements, and formulas that are a little larger."""

import sympy as sp

from verify.claims.replica import l1_threshold, perfect_pretraining, stein

MORE, LESS = sp.Rational(101, 100), sp.Rational(99, 100)


def scaled(stated, name, factor):
    """Return formulas of which one is a little larger or smaller."""
    body = vars(stated)[name].body
    return stated.but("", **{name: lambda *at: factor * body(*at)}).subject


LEMMA, RECOVERY, THRESHOLD = stein.STATED, perfect_pretraining.STATED, l1_threshold.STATED


OTHER = sp.Symbol("a", positive=True)
