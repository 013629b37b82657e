"""Hidden sizes from parameter budgets, so that architectures are compared at equal numbers of parameters."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from pipeline.errors import UserError

N = TypeVar("N", bound=nn.Module)


def within_budget(model: Mapping[str, Any], make: Callable[[dict[str, Any]], N], *, multiple: int = 1) -> N:
    """The network that `make` makes of a model's parameters, `hidden: auto` solved.

    Args:
        model: fields of a `LayersModel` in pipeline/config/schema/recurrent.py.
        multiple: `hidden` is to be a multiple of it.

    Raises:
        UserError: the smallest network has too many parameters already.
    """
    fields = {name: value for name, value in model.items() if name != "parameters"}
    if fields["hidden"] == "auto":

        def count(hidden: int) -> int:
            with torch.device("meta"), _Unfilled():
                return count_parameters(make(fields | {"hidden": hidden}))

        fields["hidden"] = largest_hidden(count, model["parameters"], multiple=multiple)
    return make(fields)


def count_parameters(network: nn.Module) -> int:
    """A tied matrix counts once."""
    return sum(parameter.numel() for parameter in network.parameters())


def largest_hidden(count: Callable[[int], int], budget: int, *, multiple: int = 1) -> int:
    """The largest multiple of `multiple` whose `count`, which grows with it, is within the budget."""
    least = count(multiple)
    if least > budget:
        raise UserError(
            f"model.parameters: {budget} is too small, hidden {multiple} alone has {least}; allow more"
        )
    fits, exceeds = 1, 2
    while count(exceeds * multiple) <= budget:
        fits, exceeds = exceeds, 2 * exceeds
    while exceeds - fits > 1:
        middle = (fits + exceeds) // 2
        fits, exceeds = (middle, exceeds) if count(middle * multiple) <= budget else (fits, middle)
    return fits * multiple


class _Unfilled(TorchFunctionMode):
    """No weights are drawn: on the meta device torch would first load its compiler, for seconds."""

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if getattr(function, "__module__", None) == nn.init.__name__:
            return kwargs["tensor"] if "tensor" in kwargs else args[0]
        return function(*args, **kwargs)
