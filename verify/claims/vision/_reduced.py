"""What the claims on the reduced study have in common, as its plan has it."""

from empirics.vision.scaling import FACTORS as SCALED

SIZES = (10.0, 20.0, 50.0, 96.0)
NAMES = ("kappa", "scale", "gamma", "all-weights")
FACTORS = {name: SCALED[name].values for name in NAMES}
PLANNED = (
    "reduced study: 10 pretraining classes of 50 images, batches of 32, training losses of 0.2 "
    "and 0.01",
    "16 seeds, the same for every factor and value, within which all comparisons are",
    "intervals two-sided, simultaneous at 95 % in a family of the plan",
)
