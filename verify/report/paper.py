"""The paper's outline and what stands in it: every numbered item, and sentences that state more.

A claim names items in its `source`: by their numbers ("eqs. 2-3", "Proposition 4.2", "regime IV"),
and what has no number by the name given here, in quotation marks (“two pathways”). The words are
this project's own. `verify.report.coverage` lays claims beside items.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What the paper does with an item; what it states or shows needs a claim."""

    STATEMENT = "statement"
    FIGURE = "figure"
    DEFINITION = "definition"
    ASSUMPTION = "assumption"

    @property
    def needs_claim(self) -> bool:
        """Whether it says something that may be false."""
        return self in (Kind.STATEMENT, Kind.FIGURE)


@dataclass(frozen=True)
class Place:
    """A section of the paper; what has no section there is at `BEYOND`."""

    key: str
    title: str

    @property
    def heading(self) -> str:
        """Its number and title."""
        if self is BEYOND:
            return self.title
        return f"{'Appendix' if self.key[0].isalpha() else 'Section'} {self.key}: {self.title}"


@dataclass(frozen=True)
class Item:
    """One thing that the paper states, defines, assumes or shows."""

    name: str
    kind: Kind
    words: str


_S, _F, _D, _A = Kind.STATEMENT, Kind.FIGURE, Kind.DEFINITION, Kind.ASSUMPTION

BEYOND = Place("beyond", "Beyond the paper")
PAPER: dict[Place, tuple[Item, ...]] = {
    Place("3.1", "network architecture"): (
        Item("eq. 1", _D, "the network: in each coordinate two products of two weights"),
        Item("“two pathways”", _S, "two pathways allow β = 0 at the start, and no saddle there"),
        Item("Figure 1", _D, "a sketch of network and tasks"),
    ),
    Place("3.2", "training, and the start of fine-tuning"): (
        Item("“zero training error”", _A, "training goes on until the data are fitted"),
        Item("“equal pathways”", _A, "both pathways start with the same weights"),
        Item("eq. 2", _D, "the absolute scale c"),
        Item("eq. 3", _D, "the relative scale λ"),
        Item("eq. 4", _D, "hidden weights after pretraining: in both pathways their sum"),
        Item("“zero function”", _S, "with that, fine-tuning starts from β = 0"),
        Item("eq. 5", _D, "readout weights after pretraining: γ"),
    ),
    Place("3.3", "data"): (
        Item("eq. 6", _D, "the generalisation error"),
        Item("eq. 7", _D, "the data scales α_PT and α"),
        Item("“α_PT ≥ 1”", _S, "enough data: pretraining recovers its teacher"),
        Item("“α_PT = 1”", _S, "the same with just as many examples as coordinates"),
        Item("eq. 8", _D, "which coordinates are active in pretraining"),
        Item("eq. 9", _D, "their signs"),
        Item("eq. 10", _D, "which coordinates are active in fine-tuning"),
    ),
    Place("4.1", "implicit bias of fine-tuning"): (
        Item("Theorem 4.1", _S, "fine-tuning ends at the interpolator of least penalty"),
        Item("eqs. 11-12", _S, "the problem that it solves, and the penalty of a coordinate"),
        Item("eqs. 13-14", _S, "the scale of the penalty, from c, λ, γ and β_PT"),
        Item("“λ in pretraining”", _S, "λ has no effect on the β that pretraining learns"),
        Item("“Lippl & Lindsey”", _S, "the setting of Lippl & Lindsey (2024) is contained"),
        Item("“λ at small c”", _S, "even at very small c the generalisation depends on λ"),
    ),
    Place("4.2", "error formula"): (
        Item("eq. 15", _D, "the estimator, with ridge strength ϱ"),
        Item("“ϱ → 0”", _S, "for ϱ → 0 it is the end point of fine-tuning"),
        Item("eq. 16", _D, "the labels, with noise"),
        Item("“replica assumption”", _A, "the replica method applies, with replica symmetry"),
        Item("Proposition 4.2", _S, "the estimator decouples; hence the generalisation error"),
        Item("eqs. 17-18", _S, "the scalar problem, and the law of a coordinate"),
        Item("eq. 19", _S, "fixed-point equation of the effective regularisation τ"),
        Item("eq. 20", _S, "fixed-point equation of the effective noise θ²"),
    ),
    Place("5.1", "regimes in the limit"): (
        Item("“ℓ-order”", _D, "the measure of how much sparsity helps"),
        Item("“pretraining dependence”", _D, "the measure of how much pretrained features help"),
        Item("Proposition 5.1", _S, "the ranges of ℓ, PD and ℓ + PD"),
        Item("regime I", _S, "rich, independent of pretraining: its corner, penalty, limits"),
        Item("regime II", _S, "lazy, dependent on pretraining: its corner, penalty, limits"),
        Item("regime III", _S, "lazy, independent of pretraining: its corner, penalty, limits"),
    ),
    Place("5.2", "phase portrait"): (
        Item("“trade-off”", _S, "ℓ = 1 and PD = −1 exclude each other"),
        Item("“triangle”", _S, "the possible pairs (ℓ, PD) form a triangle"),
        Item("regime IV", _S, "rich, dependent on pretraining: between the corners"),
        Item("Figure 2", _F, "phase portrait of the pairs (ℓ, PD)"),
        Item("“λ, active”", _S, "active coordinates: λ leads from regime I past IV to II"),
        Item("“first layer”", _S, "for λ ≪ 0 it stays small, even after pretraining"),
        Item("“readouts”", _S, "resetting large readouts to γ lowers the scale"),
        Item("“c and γ, active”", _S, "active coordinates: c and γ lead to regime III"),
        Item("“PD = 0, inactive”", _S, "inactive coordinates do not depend on pretraining"),
        Item("“c and γ, inactive”", _S, "inactive coordinates: c and γ lead from regime I to III"),
        Item("“λ, inactive”", _S, "inactive coordinates: so does λ, less pronounced"),
    ),
    Place("5.3", "error curves"): (
        Item("Figure 3", _F, "error curves, by the theory and of trained networks"),
        Item("Experiment 1", _D, "the sweeps of Figures 3a-3c"),
        Item("Figure 3a", _F, "smaller c: the overlap of the tasks matters more"),
        Item("Figure 3b", _F, "smaller γ: the overlap of the tasks matters more"),
        Item("Figure 3c", _F, "smaller λ: the overlap of the tasks matters less"),
        Item("Experiment 2", _D, "the sweeps of Figures 3d and 3e"),
        Item("Figure 3d", _F, "smaller c: sparsity of new coordinates helps more"),
        Item("Figure 3e", _F, "smaller γ: sparsity of new coordinates helps more"),
        Item("Experiment 3", _D, "the sweeps of Figure 3f"),
        Item("Figure 3f", _F, "smaller λ: sparsity of shared coordinates helps more"),
        Item("“large c or γ”", _S, "this effect vanishes there"),
        Item("Experiment 4", _D, "a single task, without pretraining"),
    ),
    Place("6", "vision experiments"): (
        Item("Figure 4a", _F, "ResNet: smaller κ generalises better"),
        Item("Figure 4b", _F, "ResNet: larger c generalises worse"),
        Item("Figure 4c", _F, "ResNet: smaller γ generalises better, at intermediate n"),
    ),
    Place("A", "extended results"): (
        Item("Figure 5", _F, "which regime generalises best, by sparsity and overlap"),
    ),
    Place("B.1", "derivation of the implicit bias"): (
        Item("“conserved quantities”", _S, "λ in both pathways and c keep their values"),
        Item("“weights after pretraining”", _S, "the layers' weights, from β_PT, c and λ"),
        Item("“fine-tuning scale”", _S, "the conserved quantity that fine-tuning has"),
        Item("“from flow to penalty”", _S, "the penalty that belongs to a conserved quantity"),
    ),
    Place("B.2", "derivation of ℓ-order and pretraining dependence"): (
        Item("eq. 21", _D, "ℓ and PD as logarithmic derivatives of the penalty"),
        Item("eq. 22", _D, "abbreviations"),
        Item("eq. 23", _D, "the transfer κ"),
        Item("Proposition B.1", _S, "closed forms and bounds"),
        Item("eq. 24", _S, "ℓ in closed form"),
        Item("eq. 25", _S, "PD in closed form"),
        Item("eq. 26", _S, "κ in closed form"),
        Item("eq. 27", _S, "bounds of ℓ, κ and PD"),
        Item("eq. 28", _S, "bounds of ℓ + PD"),
        Item("“κ → 1”", _S, "when the upper bound of κ is approached"),
    ),
    Place("C.1", "derivation of the error formula"): (
        Item("Definition C.1", _D, "groups of coordinates"),
        Item("eq. 29", _A, "given its group, a coordinate's two teachers are independent"),
        Item("eqs. 30-31", _D, "the cited proposition's notation"),
        Item("“block mixture”", _A, "averages over coordinates tend to those over the groups"),
        Item("eq. 32", _S, "the R-transform of XᵀX"),
        Item("eq. 33", _S, "the effective parameters, by that R-transform"),
        Item("eq. 34", _S, "χ, from the mean derivative of the scalar estimator"),
        Item("“step 1 of eq. 34”", _S, "β* drops out, being independent of the noise"),
        Item("eq. 35", _S, "Stein's lemma"),
        Item("eq. 36", _D, "abbreviation in the scalar problem"),
        Item("eq. 37", _S, "the curvature of the penalty"),
        Item("eqs. 38-39", _S, "the derivative of the scalar estimator"),
        Item("eq. 40", _S, "the closure of the fixed point"),
    ),
    Place("D", "vision experiments, extended"): (
        Item("“PR and ENSD”", _D, "participation ratio, effective number of shared dimensions"),
        Item("Appendix D.1", _D, "κ: embedding and first three stages are scaled"),
        Item("Figure 6", _F, "smaller κ: dimensions after fine-tuning are few, and shared"),
        Item("Appendix D.2", _D, "c: all weights are scaled before pretraining"),
        Item("Figure 7", _F, "smaller c: dimensions after fine-tuning are few, and shared"),
        Item("Appendix D.3", _D, "γ: the last layer is scaled before fine-tuning"),
        Item("Figure 8", _F, "smaller γ: dimensions after fine-tuning are few, and shared"),
        Item("Appendix D.4", _D, "all weights are scaled before fine-tuning"),
        Item("Figure 9", _F, "smaller weights: better, dimensions few, and shared"),
        Item("Appendix D.5", _A, "what the experiments do not control"),
    ),
    Place("E.1", "implementation of Figure 2"): (
        Item("eqs. 41-46", _D, "how the code approximates ℓ and PD"),
    ),
    Place("E.2", "implementation of Figures 3 and 5"): (
        Item("Appendix E.2.1", _S, "the scalar problem's one minimiser and its curvature"),
        Item("Appendix E.2.2", _D, "a damped iteration, and when it stops"),
        Item("Appendix E.2.3", _S, "no second solution of the fixed point is found"),
        Item("Appendix E.2.4", _S, "how large the Monte-Carlo error is"),
        Item("Appendix E.2.5", _D, "parameters of the sweeps"),
        Item("Appendix E.2.6", _S, "networks trained as described follow the theory"),
    ),
    Place("E.3", "implementation of Figure 4"): (
        Item("Appendix E.3", _D, "how the ResNets are trained"),
    ),
}  # fmt: skip
OUTLINE = (*PAPER, BEYOND)
