"""Changes of stated formulas, and whether a check accepts them."""

from dataclasses import replace

import sympy as sp

from verify.claims.replica import l1_threshold, perfect_pretraining, stein
from verify.methods.formula import Formulas

MORE, LESS = sp.Rational(101, 100), sp.Rational(99, 100)


def scaled(stated, name, factor):
    """Return formulas of which one is a little larger or smaller."""
    body = vars(stated)[name].body
    return stated.but("", **{name: lambda *at: factor * body(*at)}).subject


def instead(stated, which, **fields):
    """Return formulas, or a statement with a formula, of which one has other fields."""
    if not isinstance(stated, Formulas):
        return stated._replace(**{which: replace(getattr(stated, which), **fields)})
    return Formulas(**{**vars(stated), which: replace(vars(stated)[which], **fields)})


def holds(decide, stated):
    """Whether a statement is accepted: one that is refused, by ValueError, is not."""
    try:
        return decide(stated).holds is True
    except ValueError:
        return False


LEMMA, RECOVERY, THRESHOLD = stein.STATED, perfect_pretraining.STATED, l1_threshold.STATED


OTHER = sp.Symbol("a", positive=True)
