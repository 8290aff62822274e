"""Draw the numbers of a network again: by its configuration where it has one, else module by module."""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator
from typing import Any

SETTLE = 15  # power iterations that spectral normalisation makes at construction


def deep_copy(model: Any) -> Any:
    """Return a copy of a module; activations that it keeps from an earlier pass are copied without their gradients' graph."""
    memo: dict[int, Any] = {}
    for module in model.modules():
        for value in vars(module).values():
            _detach(value, memo, deepest=2)
    return copy.deepcopy(model, memo)


def draw_anew(model: Any) -> None:
    """Draw the parameters of a module as their modules do at construction, children before their parents.

    A Hugging Face network takes what its class makes of its configuration; other modules are reset by `reset_parameters()`. What
    a weight is made from (weight and spectral normalisation, parametrizations) is set from a weight that was drawn.
    """
    import torch

    with torch.no_grad():
        for module in _children_first(model, set()):
            if has_configuration(module):
                _construct(module)
            elif (reset := reset_of(module)) is not None:
                _draw(module, reset.__name__)


def has_configuration(module: Any) -> bool:
    """Whether a module is a Hugging Face network, which its class makes from its configuration alone."""
    mro = type(module).__mro__
    return hasattr(module, "config") and any(
        c.__name__ == "PreTrainedModel" and c.__module__.split(".")[0] == "transformers" for c in mro
    )


def reset_of(module: Any) -> Callable[[], Any] | None:
    """Return the method that draws a module's parameters; torch's attention and transformer have it underscored."""
    return getattr(module, "reset_parameters", None) or getattr(module, "_reset_parameters", None)


def put_back(module: Any, plain: Any) -> None:
    """Set what the weights of a module are made from, so that they are those of `plain`, the module without such making."""
    from torch.nn.utils import parametrize

    made = list(getattr(module, "parametrizations", ())) if parametrize.is_parametrized(module) else []
    for name in made:
        _set_parametrized(module, name, getattr(plain, name).detach())
    hooks = _old_hooks(module)
    for hook in hooks:
        _set_hooked(module, hook, getattr(plain, hook.name).detach())
    aside = {*made, *(hook.name for hook in hooks)}
    for key, value in (*plain.named_parameters(recurse=False), *plain.named_buffers(recurse=False)):
        if key not in aside:
            getattr(module, key).copy_(value)


def without_making(module: Any) -> Any | None:
    """Return a copy of a module whose weights are plain parameters; None where they are so already."""
    from torch.nn.utils import parametrize, remove_spectral_norm, remove_weight_norm

    parametrized, hooks = parametrize.is_parametrized(module), _old_hooks(module)
    if not parametrized and not hooks:
        return None
    plain = deep_copy(module)
    if parametrized:
        _remove_parametrizations(plain)
    for hook in hooks:
        (remove_weight_norm if type(hook).__name__ == "WeightNorm" else remove_spectral_norm)(plain, hook.name)
    return plain


def children_first(model: Any) -> Generator[Any]:
    """Walk over the modules, each once, children before their parents."""
    yield from _children_first(model, set(), whole=False)


def _draw(module: Any, reset: str) -> None:
    plain = without_making(module)
    getattr(module if plain is None else plain, reset)()
    if plain is not None:
        put_back(module, plain)


def _construct(module: Any) -> None:
    fresh = type(module)(copy.deepcopy(module.config))
    module.load_state_dict(fresh.state_dict())


def _remove_parametrizations(module: Any) -> None:
    """Make parametrized weights plain parameters; torch's own function would take them from the class, which copies share."""
    import torch

    weights = {name: getattr(module, name).detach().clone() for name in module.parametrizations}
    del module.parametrizations
    module.__class__ = type(module).__bases__[0]
    for name, weight in weights.items():
        module.register_parameter(name, torch.nn.Parameter(weight))


def _set_parametrized(module: Any, name: str, weight: Any) -> None:
    made = module.parametrizations[name]
    try:
        setattr(module, name, weight)
    except Exception:  # it cannot be turned round: then the weight at construction is the original itself
        if hasattr(made, "original") and made.original.shape == weight.shape:
            made.original.copy_(weight)
    if any(True for _ in made.buffers()):
        flags = {part: part.training for part in made.modules()}
        made.train()
        for _ in range(SETTLE):
            getattr(module, name)
        for part, flag in flags.items():
            part.training = flag


def _old_hooks(module: Any) -> list[Any]:
    """Return the hooks of the older weight and spectral normalisation."""
    hooks = getattr(module, "_forward_pre_hooks", {}).values()
    return [hook for hook in hooks if type(hook).__name__ in ("WeightNorm", "SpectralNorm") and hasattr(hook, "name")]


def _set_hooked(module: Any, hook: Any, weight: Any) -> None:
    import torch

    if type(hook).__name__ == "WeightNorm":
        getattr(module, f"{hook.name}_v").copy_(weight)
        getattr(module, f"{hook.name}_g").copy_(torch.norm_except_dim(weight, 2, hook.dim))
        setattr(module, hook.name, hook.compute_weight(module))
        return
    getattr(module, f"{hook.name}_orig").copy_(weight)
    for _ in range(SETTLE):
        setattr(module, hook.name, hook.compute_weight(module, do_power_iteration=True))


def _detach(value: Any, memo: dict[int, Any], deepest: int) -> None:
    if hasattr(value, "grad_fn"):
        if value.grad_fn is not None:
            memo[id(value)] = value.detach().clone()
    elif deepest > 0 and isinstance(value, (list, tuple)):
        for part in value:  # pyright: ignore[reportUnknownVariableType]
            _detach(part, memo, deepest - 1)
    elif deepest > 0 and isinstance(value, dict):
        for part in value.values():  # pyright: ignore[reportUnknownVariableType]
            _detach(part, memo, deepest - 1)


def _children_first(module: Any, seen: set[Any], *, whole: bool = True) -> Generator[Any]:
    """Walk over the modules; a parent may set what its children have drawn. `whole` takes what has a configuration as one."""
    seen.add(module)
    if not (whole and has_configuration(module)):
        for child in module.children():
            if child not in seen:
                yield from _children_first(child, seen, whole=whole)
    yield module
