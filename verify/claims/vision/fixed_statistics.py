"""κ where it acts on the function: a ResNet with fixed statistics (Section 6, Figure 4a).

In the reduced study with batch normalisation by fixed numbers, 16 seeds, test accuracy averaged
over n = 10, 20, 50 and 96 falls with log κ over κ = 2^(-1/2), 2^(-1/4) and 1, by the least-squares
slope. By itself it falls at n = 96; it is not decided at n = 10, 20 and 50.

With the batch's statistics κ is a learning rate. Here batch normalisation divides by those of the
initial network, and κ multiplies what the modules compute, besides its gradients: the smaller κ,
the less of an image reaches stage 4. Planned in
`empirics/recorded/vision-reduced-fixed-statistics.plan.json`, which says of one seed that κ = 2 and
√2 had diverged and κ = 1/2 had learned next to nothing in 30 epochs. The two values below 1 do not
differ in the mean: the slope is a step from them to 1.
"""

from verify.claim import Control
from verify.claims.vision import _effects as effects
from verify.claims.vision._effects import Beside, Statement
from verify.claims.vision._reduced import PLANNED, SEEDS, SIZES
from verify.claims.vision._values import ACCURACY, Greater, PerDoubling, Study
from verify.methods.relations import Relation
from verify.registry import state

# In the digits of the record.
KAPPAS = (0.707107, 0.840896, 1.0)


def slope(n=SIZES):
    study = Study("reduced-fixed-statistics", "kappa", n)
    return study.at(PerDoubling(KAPPAS), ACCURACY)


def stated(relation=Relation.BELOW, by=0.0, beside=()):
    return Statement((Greater(slope(), by=by, relation=relation),), SEEDS, 1, beside)


BY_SIZE = tuple(Beside(f"slope at n = {n:g}", Greater(slope((n,))), len(SIZES)) for n in SIZES)
state(
    "vision.fixed-statistics-kappa-accuracy",
    __doc__,
    effects.checks(
        stated(beside=BY_SIZE),
        Control("rises", stated(Relation.ABOVE)),
        Control("by more than 0.15 a doubling", stated(by=-0.15)),
    ),
    assumptions=("statistics of the initial network on its pretraining images", *PLANNED),
)
