"""Changes of stated formulas, and whether a check accepts them."""

from dataclasses import replace

from verify.methods.formula import Formulas


def instead(stated, which, /, **fields):
    """Return formulas, or a statement with a formula, of which one has other fields."""
    if not isinstance(stated, Formulas):
        return stated._replace(**{which: replace(getattr(stated, which), **fields)})
    return Formulas(**{**vars(stated), which: replace(vars(stated)[which], **fields)})


def exchanged(formula, one, two):
    """Return the symbols of a formula with two in each other's place."""
    symbols = list(formula.symbols)
    symbols[one], symbols[two] = symbols[two], symbols[one]
    return tuple(symbols)


def accepted(decide, stated):
    """Whether a statement is decided to hold; a check may refuse it, by ValueError."""
    try:
        return decide(stated).holds is True
    except ValueError:
        return False
