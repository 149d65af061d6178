"""What the claims on the reduced study have in common, as its plan has it."""

from empirics.vision.scaling import FACTORS as SCALED

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
    "reduced study: 10 pretraining classes of 50 images, batches of 32, training losses of 0.2 "
    "and 0.01",
    f"{SEEDS} seeds, the same for every factor and value, within which all comparisons are",
    "intervals two-sided, simultaneous at 95 % in a family of the plan",
)
