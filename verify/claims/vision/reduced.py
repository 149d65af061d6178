"""The reduced study: accuracy over all values of a factor (Section 6, Figure 4; Appendix D).

16 seeds, the same for every factor and value; the plan, with families, sides and stopping rule, is
older than the first of these networks (`empirics/recorded/vision-reduced.plan.json`).
"""

from verify.claims.vision import _effects as effects
from verify.claims.vision._effects import ACCURACY, Beside, Fits, Greater, PerDoubling, Statement
from verify.claims.vision._reduced import FACTORS, SIZES
from verify.methods.relations import Relation

NAMES = ("kappa", "scale", "gamma", "all-weights")


def slope(name, sizes=SIZES):
    return effects.Study("reduced", name, sizes).at(PerDoubling(FACTORS[name]), ACCURACY)


def stated(name, relation=Relation.BELOW, by=0.0):
    one = Greater(slope(name), by=by, relation=relation)
    by_size = tuple(
        Beside(f"slope at n = {n:g}", Greater(slope(name, (n,))), len(NAMES) * len(SIZES))
        for n in SIZES
    )
    return Statement((one,), family=len(NAMES), beside=(*by_size, Fits("slope", slope(name))))
