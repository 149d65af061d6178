"""What the claims on the reduced study have in common, as its plan has it."""

from empirics.vision.protocol import PROTOCOLS
from empirics.vision.scaling import FACTORS as SCALED

REDUCED = PROTOCOLS["reduced"]
SIZES = (10.0, 20.0, 50.0, 96.0)
NAMES = ("kappa", "scale", "gamma", "all-weights")
FACTORS = {name: SCALED[name].values for name in NAMES}
SOURCES = {
    "kappa": ("Section 6, Figure 4a; Appendix D.1", "Appendix D.1, Figure 6"),
    "scale": ("Section 6, Figure 4b; Appendix D.2", "Appendix D.2, Figure 7"),
    "gamma": ("Section 6, Figure 4c; Appendix D.3", "Appendix D.3, Figure 8"),
    "all-weights": ("Appendix D.4, Figure 9", "Appendix D.4, Figure 9"),
}
SEEDS = 16
PLANNED = (
    f"reduced study: {REDUCED.classes - 2} pretraining classes of {REDUCED.images_per_class} "
    f"images, batches of {REDUCED.batch}, training losses of {REDUCED.pretraining_goal:g} and "
    f"{REDUCED.finetuning_goal:g}",
    f"{SEEDS} seeds, the same for every factor and value, within which all comparisons are",
    "intervals two-sided, simultaneous at 95 % in a family of the plan",
)
