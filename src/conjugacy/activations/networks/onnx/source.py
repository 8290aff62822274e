"""Where an ONNX model comes from, and sessions of onnxruntime that give more of its tensors than it returns."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conjugacy.activations.networks.origin import comes_from
from conjugacy.errors import FormatError, InputError, MissingExtraError

FOLDER = "session.model_external_initializers_file_folder_path"
READABLE = ":float32"  # behind the name of a tensor whose type numpy does not know, cast to one that it does


@dataclass(frozen=True, eq=False)
class OnnxSource:
    """An ONNX model: its graph, and what sessions are made of.

    Attributes
    ----------
    name : str
    model : onnx.ModelProto or None
        None where only a session is known, which does not say what it was made from.
    content : bytes, path or None
        What the model is read from, whole; None where it is written out again each time.
    folder : path or None
        Where weights lie that are not in the model's own file.
    session : onnxruntime.InferenceSession or None
        The user's own.
    """

    name: str
    model: Any
    content: bytes | Path | None = None
    folder: Path | None = None
    session: Any = None

    @staticmethod
    def of(thing: Any) -> OnnxSource:
        """Find out what was given: a path, a model or a session.

        Raises
        ------
        MissingExtraError
            Where onnx or onnxruntime are not installed.
        FormatError
            Where the file is no ONNX model, or the weights that belong to it are missing.
        """
        require_onnx()
        if isinstance(thing, (str, os.PathLike)):
            return _of_path(Path(thing))
        if comes_from(thing, "onnxruntime", "InferenceSession"):
            return _of_session(thing)
        if comes_from(thing, "torch", "ONNXProgram"):
            thing = thing.model_proto
        if any(is_external(tensor) for tensor in thing.graph.initializer):
            raise FormatError("the model's weights are in a file of their own; give the path of its .onnx file instead")
        return OnnxSource(thing.graph.name or "ONNX model", thing)

    def started(self, tensors: Sequence[str] = (), as_float: Sequence[str] = (), *, plain: bool = False) -> Any:
        """Return a session on the CPU that gives these tensors too, some of them cast to float32 as `NAME:float32`.

        Parameters
        ----------
        tensors, as_float : sequence of str
        plain : bool
            Without any optimisation: made quickly.
        """
        import onnxruntime

        if self.model is None:
            return self.session
        options = onnxruntime.SessionOptions()
        levels = onnxruntime.GraphOptimizationLevel
        options.graph_optimization_level = levels.ORT_DISABLE_ALL if plain else self._level(levels)
        options.log_severity_level = 3  # errors; what it says of unused initialisers is about the graph, not about us
        if self.folder is not None:
            options.add_session_config_entry(FOLDER, str(self.folder))
        try:
            content = self._content() + _outputs_added(tensors, as_float)
            return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise InputError(f"{self.name}: onnxruntime cannot load it: {error}") from error

    def _level(self, levels: Any) -> Any:
        return (
            levels.ORT_ENABLE_ALL
            if self.session is None
            else self.session.get_session_options().graph_optimization_level
        )

    def _content(self) -> bytes:
        if isinstance(self.content, Path):
            return self.content.read_bytes()
        if self.content is not None:
            return self.content
        try:
            return self.model.SerializeToString()
        except Exception as error:
            raise InputError(
                f"{self.name}: the model cannot be written out, as those above 2 GB cannot ({error}); save it with "
                "onnx.save(..., save_as_external_data=True) and give the path"
            ) from error


def require_onnx() -> None:
    """Raise where onnx or onnxruntime are not installed."""
    if any(importlib.util.find_spec(package) is None for package in ("onnx", "onnxruntime")):
        raise MissingExtraError.of("recording an ONNX model", "onnx")


def is_external(tensor: Any) -> bool:
    """Whether a tensor of a model is stored in another file."""
    import onnx

    return tensor.data_location == onnx.TensorProto.EXTERNAL


def _of_path(path: Path) -> OnnxSource:
    if not path.is_file():
        raise FormatError(f"{path}: there is no such file; expected an .onnx file")
    return OnnxSource(path.name, _parsed(path, path), path, path.parent.resolve())


def _of_session(session: Any) -> OnnxSource:
    meta, path = session.get_modelmeta(), getattr(session, "_model_path", None)
    content = Path(path) if path else getattr(session, "_model_bytes", None)
    name = Path(path).name if path else meta.graph_name or "ONNX model"
    if content is None or (isinstance(content, Path) and not content.is_file()):
        return OnnxSource(name, None, session=session)
    try:
        model = _parsed(content, name)
    except FormatError:  # onnxruntime's own format, which holds an optimised graph
        return OnnxSource(name, None, session=session)
    return OnnxSource(name, model, content, content.parent.resolve() if isinstance(content, Path) else None, session)


def _parsed(content: bytes | Path, said: Any) -> Any:
    import onnx

    try:
        if isinstance(content, Path):
            model = onnx.load(str(content), load_external_data=False)
        else:
            model = onnx.load_model_from_string(content)
    except Exception as error:
        raise FormatError(f"{said}: not an ONNX model ({type(error).__name__}: {error})") from error
    if not model.graph.node:
        raise FormatError(f"{said}: not an ONNX model: it has no operator")
    if isinstance(content, Path):
        _require_weights(model, content)
    return model


def _require_weights(model: Any, path: Path) -> None:
    """Check that the files are there which hold what the model's own does not."""
    places = {
        entry.value
        for tensor in model.graph.initializer
        if is_external(tensor)
        for entry in tensor.external_data
        if entry.key == "location"
    }
    missing = sorted(place for place in places if not (path.parent / place).is_file())
    if missing:
        raise FormatError(f"{path}: its weights are in {missing[0]!r}, which must lie beside it and does not")


def _outputs_added(tensors: Sequence[str], as_float: Sequence[str]) -> bytes:
    """Return what makes tensors outputs when it stands behind a serialised model: messages that follow each other are merged."""
    import onnx

    more: Any = onnx.ModelProto()
    for name in (*tensors, *(f"{name}{READABLE}" for name in as_float)):
        more.graph.output.add().name = name
    for name in as_float:
        node = onnx.helper.make_node("Cast", [name], [f"{name}{READABLE}"], to=onnx.TensorProto.FLOAT)
        more.graph.node.append(node)
    return more.SerializeToString()
