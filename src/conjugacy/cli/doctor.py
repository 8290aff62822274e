"""`conjugacy doctor`: what is installed, what computes, and what is missing for what."""

from __future__ import annotations

import importlib
import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any

import typer

from conjugacy import __version__
from conjugacy.cli.terminal import show

NEEDED = ("numpy", "scipy", "scikit-learn", "xarray", "pandas", "zarr", "safetensors", "matplotlib", "joblib")
EXTRAS = {
    "torch": ("torch", "live PyTorch modules, and transformations as modules"),
    "transformers": ("hf", "Hugging Face models"),
    "onnxruntime": ("onnx", "ONNX models"),
    "flax": ("jax", "networks of flax"),
    "keras": ("keras", "Keras models"),
    "h5py": ("hdf5", "recordings in .h5"),
    "distributed": ("dask", "studies on many machines"),
}
"""Optional packages: the extra of ours that brings each, and what it is for."""


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False) -> int:
    """Say what is installed, what computes, and what is missing for what."""
    found = examined()
    show(json.dumps(found, indent=2) if as_json else "\n".join(_lines(found)))
    return 1 if found["missing"] else 0


def examined() -> dict[str, Any]:
    """Return what there is, as what JSON can hold."""
    needed = {name: _version(name) for name in NEEDED}
    extras = {name: _version(name) for name in EXTRAS}
    return {
        "conjugacy": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "packages": needed,
        "missing": [name for name, known in needed.items() if known is None],
        "blas": _blas(),
        "extras": {
            name: {"version": known, "for": EXTRAS[name][1], "install": f"pip install 'conjugacy[{EXTRAS[name][0]}]'"}
            for name, known in extras.items()
        },
        "memory_free": _memory(),
    }


def _lines(found: dict[str, Any]) -> list[str]:
    lines = [f"conjugacy {found['conjugacy']}, Python {found['python']}, {found['platform']}"]
    memory = "" if found["memory_free"] is None else f", {found['memory_free']} of memory free"
    lines += [f"{found['cores']} cores{memory}", "", "packages:"]
    lines += [f"  {name:<16}{known or 'MISSING: pip install conjugacy'}" for name, known in found["packages"].items()]
    lines += ["", "linear algebra:"]
    lines += [
        f"  {one['library']:<16}{one['version'] or '-'}, {one['threads']} {'thread' if one['threads'] == 1 else 'threads'}"
        for one in found["blas"]
    ] or ["  -"]
    lines += ["", "extras:"]
    for name, one in found["extras"].items():
        lines.append(
            f"  {name:<16}{one['version'] or 'not installed'}: {one['for']}{'' if one['version'] else '; ' + one['install']}"
        )
    return lines


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _blas() -> list[dict[str, Any]]:
    try:
        importlib.import_module("numpy")  # its linear algebra is what is looked for
        from threadpoolctl import threadpool_info
    except ImportError:
        return []
    found: list[dict[str, Any]] = threadpool_info()
    return [
        {"library": one["internal_api"], "version": one.get("version"), "threads": one["num_threads"]} for one in found
    ]


def _memory() -> str | None:
    from conjugacy.storage.limits import amount, available_memory

    free = available_memory()
    return None if free is None else amount(free)
