"""Several ResNet-18 side by side: one set of tensors, one pass for all of them.

The weights of M networks are stacked along a leading axis, and a layer computes all of them at
once: convolutions in M groups, batch normalisation over M·C channels, one batched product for the
last layer. For M = 1 these are torchvision's own operations, and the outputs are the same to the
bit; but on a CPU the last two stages, whose maps are 2 x 2 pixels and one, sum in another order,
and agree to rounding. Names and shapes are those of `torchvision.models.resnet18().state_dict()`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.autograd.function import once_differentiable
from torch.nn import functional

from empirics.vision.state import State, is_buffer
from empirics.vision.torchvision_import import resnet18

STAGES = ("stem", "layer1", "layer2", "layer3", "layer4")
FINAL = ("fc.weight", "fc.bias")
_BATCH_NORM_MOMENTUM = 0.1
_BATCH_NORM_EPS = 1e-5
_STRIDES = {"layer1": 1, "layer2": 2, "layer3": 2, "layer4": 2}
# Of images of 32 x 32 the last stage sees 2 x 2 pixels, and then one.
_SEEING = {
    "layer4.0.conv1.weight": slice(1, 3),
    "layer4.0.conv2.weight": slice(1, 2),
    "layer4.1.conv1.weight": slice(1, 2),
    "layer4.1.conv2.weight": slice(1, 2),
}
_PIXELS = ((0, 0), (0, 1), (1, 0), (1, 1))


def initial_state(seed: int, classes: int = 100) -> State:
    """Return the state dict of torchvision's resnet18 as it initialises it under `seed`, on CPU.

    The generator of the process is left as it was.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return dict(resnet18(classes).state_dict())


@dataclass(frozen=True)
class Population:
    """M networks.

    Attributes
    ----------
    parameters, buffers
        Names of the state dict to tensors with M as leading axis. Training writes into them.
    """

    parameters: Mapping[str, Any]
    buffers: Mapping[str, Any]

    @classmethod
    def of(cls, states: Sequence[State], device: str | Any = "cpu") -> Population:
        """Stack state dicts; convolution weights are laid out channels-last.

        Raises
        ------
        ValueError
            If there are none, or they are not of one architecture.
        """
        if not states:
            raise ValueError("a population must have at least one network, got none")
        if any(state.keys() != states[0].keys() for state in states):
            raise ValueError("the networks of a population must have the same tensors")
        parameters: State = {}
        buffers: State = {}
        for name in states[0]:
            stacked = torch.stack([state[name] for state in states]).to(device)
            if stacked.ndim == 5:
                # (M, O, I, k, k) kept in memory as (M, O, k, k, I).
                stacked = stacked.permute(0, 1, 3, 4, 2).contiguous().permute(0, 1, 4, 2, 3)
            (buffers if is_buffer(name) else parameters)[name] = stacked
        return cls(parameters, buffers)

    def __len__(self) -> int:
        return int(self.parameters["fc.bias"].shape[0])

    def state(self, index: int) -> State:
        """Return a copy of one network's state dict, on CPU, in torchvision's layout."""
        every = {**self.parameters, **self.buffers}
        return {
            name: tensor[index].detach().to("cpu", copy=True, memory_format=torch.contiguous_format)
            for name, tensor in every.items()
        }

    def keep(self, which: Any) -> Population:
        """Return the population of the networks at the positions `which`, as copies."""
        return Population(
            {name: tensor.detach()[which] for name, tensor in self.parameters.items()},
            {name: tensor[which] for name, tensor in self.buffers.items()},
        )


def seeing(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters, or their momenta, without the taps that see only padding, as views.

    For images of 32 x 32; the gradient of the taps that are left out is zero.
    """
    return {
        name: tensor[..., _SEEING[name], _SEEING[name]] if name in _SEEING else tensor
        for name, tensor in tensors.items()
    }


def side_by_side(images: Any) -> Any:
    """Return images (B, M, H, W, 3) as the input (B, 3M, H, W), channels-last in memory."""
    batch, count, height, width, channels = images.shape
    moved = images.permute(0, 2, 3, 1, 4).reshape(batch, height, width, count * channels)
    return moved.permute(0, 3, 1, 2)


def features(
    networks: Population, inputs: Any, *, training: bool, momentum: float = _BATCH_NORM_MOMENTUM
) -> Any:
    """Yield (stage, activations of shape (B, M·C, H, W)) for the stem and the four stages.

    With `training`, batch normalisation uses the batch's statistics and updates the running ones,
    as torchvision's module does in training mode; with a momentum of 1 they become the batch's.
    """
    net = _Layers(networks, training, momentum)
    x = net.norm("bn1", net.conv("conv1", inputs, stride=2, padding=3))
    # The largest of what is positive, or 0: in this order on a quarter of the numbers.
    x = functional.relu_(functional.max_pool2d(x, kernel_size=3, stride=2, padding=1))
    yield "stem", x
    for stage in STAGES[1:]:
        for block, stride in ((f"{stage}.0", _STRIDES[stage]), (f"{stage}.1", 1)):
            x = net.block(block, x, stride)
        yield stage, x


def logits(networks: Population, inputs: Any, *, training: bool) -> Any:
    """Return the outputs, shape (M, B, classes), for inputs of shape (B, 3M, H, W)."""
    x = None
    for _, activations in features(networks, inputs, training=training):
        x = activations
    weight, bias = (networks.parameters[name] for name in FINAL)
    pooled = functional.adaptive_avg_pool2d(x, 1).flatten(1)
    if len(networks) == 1:
        return functional.linear(pooled, weight[0], bias[0]).unsqueeze(0)
    hidden = pooled.unflatten(1, (len(networks), -1)).transpose(0, 1)
    return torch.baddbmm(bias.unsqueeze(1), hidden, weight.transpose(1, 2))


def _one_pixel(x: Any, kernel: Any, padding: int) -> Any:
    """Return a convolution whose output is a single pixel, as one matrix product.

    Taps that see only padding, if the kernel still has them, are left out.
    """
    side = x.shape[-1]
    if kernel.shape[-1] > side:
        kernel = kernel[:, :, padding : padding + side, padding : padding + side]
    size = kernel.shape[-1]
    # Pixels first, channels last, as both lie in memory.
    flat = (part.permute(0, 2, 3, 1).flatten(1) for part in (x[:, :, :size, :size], kernel))
    return functional.linear(*flat)[:, :, None, None]


class _FourPixels(torch.autograd.Function):  # type: ignore[misc]
    """A 3 x 3 convolution of 2 x 2 pixels: all four see all four, so that it is one product.

    Half of a convolution's time would go into taps that see only padding.
    """

    @staticmethod
    def forward(ctx: Any, x: Any, kernel: Any) -> Any:
        # Pixels first, channels last, as both lie in memory.
        flat, taps = x.permute(0, 2, 3, 1).flatten(1), kernel.permute(0, 2, 3, 1)
        out, inside = kernel.shape[:2]
        whole = kernel.new_empty(2, 2, out, 2, 2, inside)
        for i, j in _PIXELS:
            whole[i, j] = taps[:, 1 - i : 3 - i, 1 - j : 3 - j]
        matrix = whole.view(4 * out, 4 * inside)
        ctx.save_for_backward(flat, matrix)
        return (flat @ matrix.T).unflatten(1, (2, 2, out)).permute(0, 3, 1, 2)

    @staticmethod
    @once_differentiable  # type: ignore[untyped-decorator]
    def backward(ctx: Any, gradient: Any) -> Any:
        flat, matrix = ctx.saved_tensors
        gradient = gradient.permute(0, 2, 3, 1).flatten(1)
        out, inside = matrix.shape[0] // 4, matrix.shape[1] // 4
        whole = (gradient.T @ flat).view(2, 2, out, 2, 2, inside)
        taps = whole.new_zeros(out, 3, 3, inside)
        for i, j in _PIXELS:
            taps[:, 1 - i : 3 - i, 1 - j : 3 - j] += whole[i, j]
        back = (gradient @ matrix).unflatten(1, (2, 2, inside))
        return back.permute(0, 3, 1, 2), taps.permute(0, 3, 1, 2)


class _Layers:
    """The layers of a population, by name."""

    def __init__(self, networks: Population, training: bool, momentum: float) -> None:
        self.parameters, self.buffers = networks.parameters, networks.buffers
        self.count = len(networks)
        self.training, self.momentum = training, momentum

    def conv(self, name: str, x: Any, *, stride: int = 1, padding: int = 0) -> Any:
        weight = self.parameters[f"{name}.weight"].flatten(0, 1)
        if self.count == 1 and x.is_cpu:
            if x.shape[-1] <= stride:
                return _one_pixel(x, weight, padding)
            # Automatic mixed precision does not see into a function of one's own.
            if x.shape[-1] == 2 and padding == 1 and not torch.is_autocast_enabled("cpu"):
                return _FourPixels.apply(x, weight)
        return functional.conv2d(x, weight, stride=stride, padding=padding, groups=self.count)

    def norm(self, name: str, x: Any) -> Any:
        return functional.batch_norm(
            x,
            self.buffers[f"{name}.running_mean"].view(-1),
            self.buffers[f"{name}.running_var"].view(-1),
            self.parameters[f"{name}.weight"].flatten(),
            self.parameters[f"{name}.bias"].flatten(),
            self.training,
            self.momentum,
            _BATCH_NORM_EPS,
        )

    def block(self, name: str, x: Any, stride: int) -> Any:
        out = functional.relu_(
            self.norm(f"{name}.bn1", self.conv(f"{name}.conv1", x, stride=stride, padding=1))
        )
        out = self.norm(f"{name}.bn2", self.conv(f"{name}.conv2", out, padding=1))
        if f"{name}.downsample.0.weight" in self.parameters:
            x = self.norm(
                f"{name}.downsample.1", self.conv(f"{name}.downsample.0", x, stride=stride)
            )
        return functional.relu_(out + x)
