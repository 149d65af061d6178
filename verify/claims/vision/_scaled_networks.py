"""torchvision's ResNet-18 in double precision: what scaling its weights does to it.

The network is torchvision's own module, in training mode, with ε = 10⁻³⁰ in batch normalisation:
then the scale of a convolution has no influence on what is normalised after it. Scaling is
written here, not taken from the study's own code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

import sympy as sp

from verify.claim import Check, Control, Measurement, Method
from verify.methods.formula import Formula, Formulas
from verify.methods.numeric import Worst, compared
from verify.methods.on_arrays import on_arrays

OPTIONS: dict[str, Any] = {"needs": ("torch", "empirics.vision.torchvision_loaded"), "limit": 300.0}
SEED = 7
# torch refuses 0 in training; this is 0 to rounding, beside variances of about 1.
EPS = 1e-30
CLASSES = 10
IMAGES = 6
VALUES = (0.125, 0.3, 4.0)
MODULES = ("conv1", "bn1", "layer1", "layer2", "layer3", "layer4", "fc")
# Rounding of 18 layers in double precision is about 1e-13; a wrong power of κ is far above.
TOLERANCE = 1e-9
RATE = 1e-3
STEPS = 2

State = Mapping[str, Any]

# The parameters of some modules, those of all others, and the outputs as a function of both.
SCALED, OTHERS = sp.symbols(r"\theta_A \theta_B")
OUTPUTS = sp.Function("f")
UNSCALED = OUTPUTS(SCALED, OTHERS)


def network(state: State, eps: float = EPS) -> Any:
    """Return torchvision's module with these weights, in training mode, with this ε."""
    import torch

    from empirics.vision.torchvision_import import load

    load()
    from torchvision.models import resnet18

    torch.set_num_threads(1)
    with torch.device("meta"):  # no memory, and no random weights that nobody uses
        module = resnet18(num_classes=CLASSES, norm_layer=partial(torch.nn.BatchNorm2d, eps=eps))
    module.load_state_dict({name: tensor.clone() for name, tensor in state.items()}, assign=True)
    return module.train()


@cache
def problem() -> tuple[State, Any, Any]:
    """Return a state whose affine parameters are neither 1 nor 0, images and labels."""
    import torch

    from empirics.vision.resnet import initial_state

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        state = {}
        for name, tensor in initial_state(SEED, CLASSES).items():
            state[name] = tensor.double() if tensor.is_floating_point() else tensor
            if tensor.ndim == 1 and name.endswith(("weight", "bias")):
                state[name] = state[name] + 0.3 * torch.rand(tensor.shape).double()
        images = torch.rand(IMAGES, 3, 32, 32).double()
    return state, images, torch.arange(IMAGES)


def scaled(state: State, modules: tuple[str, ...], factor: float) -> State:
    """Return the state with the weights and biases of the modules multiplied."""
    return {
        name: tensor * factor
        if name.endswith(("weight", "bias")) and _of(name, modules)
        else tensor
        for name, tensor in state.items()
    }


def _of(name: str, modules: tuple[str, ...]) -> bool:
    return name.partition(".")[0] in modules


def _rest(modules: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in MODULES if name not in modules)


@cache
def outputs(
    modules: tuple[str, ...] = (), value: float = 1.0, others: float = 1.0, *, eps: float = EPS
) -> Any:
    """Return the logits, shape (images, classes), with the weights of `modules` multiplied.

    So are those of all others, by `others`; ε is that of batch normalisation.
    """
    import torch

    start, images, _ = problem()
    multiplied = scaled(scaled(start, modules, value), _rest(modules), others)
    with torch.no_grad():
        return network(multiplied, eps)(images)


@cache
def after_training(
    modules: tuple[str, ...],
    weights: float,
    rate: float,
    others: float = 1.0,
    *,
    eps: float = EPS,
) -> Any:
    """Return the logits after SGD with momentum, weights and rate of `modules` multiplied.

    The weights of all other modules are multiplied by `others`.
    """
    import torch

    start, images, labels = problem()
    module = network(scaled(scaled(start, modules, weights), _rest(modules), others), eps)
    parameters = [
        {"params": [parameter], "lr": RATE * (rate if _of(name, modules) else 1.0)}
        for name, parameter in module.named_parameters()
    ]
    optimiser = torch.optim.SGD(parameters, lr=RATE, momentum=0.9)
    for _ in range(STEPS):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(module(images), labels).backward()
        optimiser.step()
    with torch.no_grad():
        return module(images)


class Outputs(NamedTuple):
    """Equalities between outputs of networks whose parameters are multiplied by factors.

    A is a set of modules, `SCALED` are their parameters, and `OTHERS` all others; ε of batch
    normalisation is 0 to rounding, unless it is given.
    """

    modules: tuple[str, ...]
    equalities: Formulas
    eps: float = EPS

    def latex(self) -> str:
        shown = rf"{self.equalities.latex()} \\ A = \{{\text{{{', '.join(self.modules)}}}\}}"
        if self.eps == EPS:
            return shown
        return rf"{shown}, \quad \epsilon = {sp.latex(sp.Float(self.eps, 15))}"

    def but(self, variant: str, **others: Any) -> Control:
        """Return a control: some equalities replaced, or only their right sides."""
        changed = self.equalities.but(variant, **others).subject
        return Control(variant, self._replace(equalities=changed))


Network = Callable[[float, float], Any]


def sides(
    equality: Formula, at: Mapping[Any, float | Any], left: Network, right: Network
) -> tuple[Any, Any]:
    """Return both sides, of what these compute with `SCALED` and `OTHERS` multiplied by factors.

    Raises
    ------
    ValueError
        If it is not of outputs in which these, in this order, are multiplied by numbers.
    """
    found: dict[Any, Any] = {}
    numbers = {symbol: value for symbol, value in at.items() if isinstance(value, float)}

    def computed(network: Network, *parameters: Any) -> Any:
        factors = [
            sp.cancel(one.subs(numbers) / own)
            for one, own in zip(parameters, (SCALED, OTHERS), strict=True)
        ]
        if not all(factor.is_number for factor in factors):
            raise ValueError(f"parameters that are multiplied must be stated, got {parameters}")
        name = sp.Dummy()
        found[name] = network(*map(float, factors))
        return name

    given: dict[Any, Any] = {**numbers}
    for symbol in at.keys() - numbers.keys():
        given[symbol] = sp.Dummy()
        found[given[symbol]] = at[symbol]
    one = equality.left({**given, OUTPUTS: partial(computed, left)})
    other = equality({**given, OUTPUTS: partial(computed, right)})
    return on_arrays(one, found), on_arrays(other, found)


def compare(
    quantity: str,
    between: tuple[str, str],
    pairs: Sequence[tuple[Any, Any]],
    values: tuple[float, ...] = VALUES,
) -> Measurement:
    """Compare two arrays of logits for each of the values, in turn, relative to the largest logit.

    `ValueError` unless there are as many pairs for each value.
    """
    worst, values = Worst(), values * (len(pairs) // len(values))
    for value, (one, two) in zip(values, pairs, strict=True):
        logits = {between[0]: str(one[0, :3].tolist()), between[1]: str(two[0, :3].tolist())}
        worst.at((one - two).abs().max() / two.abs().max(), factor=value, **logits)
    text = f"{quantity} differ by {{worst}} of the largest, at {{count}} values"
    return compared(worst.measured(text), quantity, between)


def check(
    name: str,
    decide: Callable[[Any], Measurement],
    stated: Any,
    controls: tuple[Control, ...],
    method: Method = Method.FLOAT64,
) -> Check:
    """Return a check of outputs of these networks."""
    reason = "rounding of 18 layers in double precision, with room; two steps do not amplify it"
    return Check(name, method, decide, stated, controls, TOLERANCE, reason, **OPTIONS, seed=SEED)
