r"""The scalar channel of fine-tuning, averaged over the law of c_FT that pretraining left.

Within a group of coordinates c_FT is independent of (β*_FT, Z): every moment of the channel is the
mean, over c_FT, of the moment at that scale. Each node of a rule for this mean is a group of
`numerics.replica.quadrature`. The states are taken in portions, so that memory does not depend on
the number of states times that of nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.replica.quadrature import (
    ChannelDetails,
    ChannelGroups,
    ChannelMoments,
    channel_moments,
    observed_penalty,
)
from numerics.validation import FloatArray

# Pairs of node and state that are evaluated at once.
_PORTION = 16_384


@dataclass(frozen=True)
class ScaleMixture:
    """A task's groups, each a mixture of N nodes in all over c_FT.

    Attributes
    ----------
    nodes
        The nodes as groups of the channel, (N,).
    group
        To which of the G groups of the task a node belongs, increasing, shape (N,).
    weight
        Weight of a node within its group, shape (N,).
    directions
        Mean derivatives of log c_FT at a node in P parameters, shape (P, N).
    tilts
        Relative derivatives of the weights in these parameters, shape (P, N).
    """

    nodes: ChannelGroups
    group: NDArray[np.intp]
    weight: FloatArray
    directions: FloatArray
    tilts: FloatArray

    def within_groups(self, values: FloatArray) -> FloatArray:
        """Return the means over c_FT within each group, (G, A), of values at the nodes, (N, A)."""
        starts = np.flatnonzero(np.diff(self.group, prepend=-1))
        return np.asarray(np.add.reduceat(self.weight[:, None] * values, starts))

    def parameter_slopes(self, values: FloatArray, scale_slopes: FloatArray) -> FloatArray:
        """Return the derivatives of a mean over all nodes in the parameters, shape (P, A).

        `values` are those at the nodes, `scale_slopes` the derivatives of the mean in the log C of
        each node: (N, A).
        """
        tilted = self.tilts @ (self.nodes.probability[:, None] * values)
        return np.asarray(self.directions @ scale_slopes + tilted)

    @property
    def typical_scales(self) -> FloatArray:
        """Geometric mean of c_FT within each group, shape (G,)."""
        return np.asarray(np.exp(self.within_groups(np.log(self.nodes.scale)[:, None])[:, 0]))

    def observed_penalty(self, variance: FloatArray) -> FloatArray:
        """Return E[q(β* + ε)] within each group, ε ~ N(0, variance): shape (G, A)."""
        return self.within_groups(observed_penalty(self.nodes, variance))


@dataclass(frozen=True)
class AveragedChannel:
    """Moments of the channel, averaged over c_FT by a rule; a `MomentFunction`.

    Attributes
    ----------
    mixture
        The rule.
    coarse
        The same groups by a rule with fewer nodes, for the coarse moments.
    """

    mixture: ScaleMixture
    coarse: ScaleMixture

    def __call__(
        self,
        groups: ChannelGroups,
        log_tau: FloatArray,
        log_theta_squared: FloatArray,
        *,
        coarse: bool = False,
        detailed: bool = False,
    ) -> ChannelMoments:
        """Return the moments at the states (log τ, log θ²), arrays of shape (A,).

        `groups` are the task's, with one scale each; they serve the solver's first guess and are
        not used here. The details' scale slopes are those in the P directions of the mixture,
        (P, A).
        """
        del groups
        mixture = self.coarse if coarse else self.mixture
        width = max(1, _PORTION // mixture.weight.size)
        parts = []
        for first in range(0, log_tau.size, width):
            part = slice(first, first + width)
            moments = channel_moments(
                mixture.nodes,
                log_tau[part],
                log_theta_squared[part],
                coarse=coarse,
                detailed=detailed,
            )
            parts.append(_within_groups(mixture, moments) if detailed else moments)
        return _joined(parts)


def _within_groups(mixture: ScaleMixture, moments: ChannelMoments) -> ChannelMoments:
    """Return the moments with the details of the task's groups instead of those of the nodes."""
    details = moments.in_detail()
    return replace(
        moments,
        details=replace(
            details,
            group_response=mixture.within_groups(details.group_response),
            group_error=mixture.within_groups(details.group_error),
            group_residual=mixture.within_groups(details.group_residual),
            group_penalty=mixture.within_groups(details.group_penalty),
            response_scale_slope=mixture.parameter_slopes(
                details.group_response, details.response_scale_slope
            ),
            error_scale_slope=mixture.parameter_slopes(
                details.group_error, details.error_scale_slope
            ),
            residual_scale_slope=mixture.parameter_slopes(
                details.group_residual, details.residual_scale_slope
            ),
        ),
    )


def _joined(parts: Sequence[ChannelMoments]) -> ChannelMoments:
    """Join moments of several portions of states, along the last axis of each array."""
    if len(parts) == 1:
        return parts[0]

    def joined(records: Sequence[Any], skipped: str = "") -> dict[str, Any]:
        names = [field.name for field in fields(records[0]) if field.name != skipped]
        return {
            name: np.concatenate([getattr(one, name) for one in records], axis=-1) for name in names
        }

    details = None
    if parts[0].details is not None:
        details = ChannelDetails(**joined([part.in_detail() for part in parts]))
    return ChannelMoments(**joined(parts, "details"), details=details)
