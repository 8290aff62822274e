"""A file format is one class and one line: what writes, reads, finds and names recordings asks the registry."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import conjugacy as cj
from conjugacy.activations import load, save
from conjugacy.cli import app as cli
from conjugacy.errors import FormatError, InputError, MissingExtraError
from conjugacy.storage import formats
from conjugacy.storage.contents import Entry
from conjugacy.storage.file_format import FileFormat

ROOT = Path(__file__).parents[2]


class JsonFile:
    """A format that nobody needs: everything as one JSON object."""

    endings = (".numbers", ".nums")
    is_folder = False
    extra = None

    def is_own(self, path):
        return path.is_file()

    @contextmanager
    def entries(self, path):
        held = json.loads(path.read_text())
        found = [(key, np.array(values, dtype=kind)) for key, (kind, values) in held["arrays"].items()]
        yield [
            *(Entry(key, a.shape, a.nbytes, lambda a=a: a) for key, a in found),
            Entry("meta", (), 0, lambda: held["meta"]),
        ]

    def write(self, path, arrays, meta):
        held = {key: (array.dtype.str, array.tolist()) for key, array in arrays.items()}
        path.write_text(json.dumps({"arrays": held, "meta": meta}))


class JsonFolder:
    """The same in a folder."""

    endings = (".many",)
    is_folder = True
    extra = None

    def is_own(self, path):
        return (path / "all").is_file()

    def entries(self, path):
        return JsonFile().entries(path / "all")

    def write(self, path, arrays, meta):
        path.mkdir()
        JsonFile().write(path / "all", arrays, meta)


class Foreign(JsonFile):
    """One whose library is not there."""

    endings = (".foreign",)
    extra = "foreign"

    def entries(self, path):
        import no_such_library  # noqa: F401

    def write(self, path, arrays, meta):
        import no_such_library  # noqa: F401


@pytest.fixture
def more_formats(monkeypatch):
    monkeypatch.setattr(formats, "FORMATS", (*formats.FORMATS, JsonFile(), JsonFolder(), Foreign()))


@pytest.fixture
def recording(rng):
    layers = {"hidden": rng.standard_normal((40, 3)), "outputs": rng.standard_normal((40, 2))}
    return cj.Recording.from_arrays(layers, stimuli=[f"s{i}" for i in range(40)], name="net")


def run(monkeypatch, *words):
    monkeypatch.setattr("sys.argv", ["conjugacy", *map(str, words)])
    with pytest.raises(SystemExit) as left:
        cli.main()
    return left.value.code


@pytest.mark.parametrize("ending", [".numbers", ".nums", ".many"])
def test_a_new_format_is_written_and_read(more_formats, recording, ending, tmp_path):
    path = save(recording, tmp_path / f"net{ending}")
    loaded = load(path)
    np.testing.assert_allclose(loaded.layer("hidden").values, recording.layer("hidden").values)
    assert list(loaded.first.stimuli) == list(recording.first.stimuli)
    assert loaded.name == "net"
    with pytest.raises(InputError, match="exists already"):
        save(recording, path)
    assert save(recording, path, overwrite=True) == path
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_a_folder_that_is_no_recording_is_left_alone(more_formats, recording, tmp_path):
    for name in ("net.many", "net.numbers"):
        (tmp_path / name).mkdir()
        with pytest.raises(InputError, match="not a recording and is left"):
            save(recording, tmp_path / name, overwrite=True)


def test_a_damaged_file_of_a_new_format_is_one_sentence(more_formats, tmp_path):
    (tmp_path / "net.numbers").write_text("{")
    with pytest.raises(FormatError, match=r"cannot be read as \.numbers"):
        load(tmp_path / "net.numbers")


def test_what_a_format_needs_is_named(more_formats, recording, tmp_path):
    with pytest.raises(MissingExtraError, match=r"writing \.foreign files .*conjugacy\[foreign\]"):
        save(recording, tmp_path / "net.foreign")
    (tmp_path / "net.foreign").write_text("something")
    with pytest.raises(MissingExtraError, match=r"reading \.foreign files .*conjugacy\[foreign\]"):
        load(tmp_path / "net.foreign")


def test_errors_and_help_name_a_new_format(more_formats, recording, tmp_path, monkeypatch, capsys):
    with pytest.raises(InputError, match=r"\.h5, \.numbers, \.nums, \.many"):
        save(recording, tmp_path / "net.txt")
    with pytest.raises(InputError, match=r"holds no recordings .*\.numbers"):
        cj.pairwise(tmp_path, store=tmp_path / "store")
    assert run(monkeypatch, "record", "--help") == 0
    assert "ENDINGS" not in (text := " ".join(capsys.readouterr().out.split()))
    assert text.count(".numbers, .nums, .many or .foreign") == 2


@pytest.mark.parametrize("ending", ["numbers", "many"])
def test_record_writes_a_new_format_from_stimuli_in_one(more_formats, ending, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nets.py").write_text("def plain():\n    return lambda x: x[:, :2]\n")
    stimuli = np.arange(40.0).reshape(10, 4)
    JsonFile().write(tmp_path / "x.numbers", {"x": stimuli}, "{}")
    assert run(monkeypatch, "record", "nets.py:plain", "--stimuli", "x.numbers", "--out", f"net.{ending}") == 0
    np.testing.assert_allclose(load(f"net.{ending}").first.values, stimuli[:, :2])
    capsys.readouterr()
    for words in (("--stimuli", "x.numbers", "--out", "net.txt"), ("--stimuli", "nets.py", "--out", "n.npz")):
        assert run(monkeypatch, "record", "nets.py:plain", *words) == 2
        assert ".numbers, .nums" in capsys.readouterr().err


def test_pairwise_finds_recordings_of_a_new_format(more_formats, recording, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "nets"
    folder.mkdir()
    for name in ("a.numbers", "b.many", "c.npz"):
        save(recording, folder / name)
    words = ("pairwise", folder, "--store", tmp_path / "store", "--measure", "cka", "--layer", "hidden")
    assert run(monkeypatch, *words) == 0
    study = cj.Study.open(tmp_path / "store")
    assert study.networks[0] == ("a", "b", "c")
    np.testing.assert_allclose(study.table()[0, 1:], 1)


def test_every_format_is_whole_and_written_down():
    known = formats.endings()
    assert len(set(known)) == len(known)
    pages = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/format.md", "docs/start.md")]
    for one in formats.FORMATS:
        kind: FileFormat = one
        assert all(ending == ending.lower() and ending.startswith(".") for ending in kind.endings)
        assert all(f"`{kind.endings[0]}`" in page for page in pages)


@pytest.mark.parametrize("kind", formats.endings())
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_narrow_layers_are_written_and_read_narrow(kind, dtype, tmp_path, rng):
    values = rng.normal(size=(6, 3)).astype(dtype)
    found = load(save(cj.Recording.from_arrays({"h": values}), tmp_path / f"r{kind}"))
    assert found.layers["h"].stored.dtype == dtype
    np.testing.assert_array_equal(found.layers["h"].stored, values)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("bfloat16", "bfloat16 as float32"),
        ("float8_e4m3fn", "float8_e4m3fn as float16"),
        ("float8_e5m2", "float8_e5m2 as float16"),
        ("float8_e4m3fnuz", "float8_e4m3fnuz as float16"),
        ("float8_e5m2fnuz", "float8_e5m2fnuz as float16"),
        ("float8_e8m0fnu", "float8_e8m0fnu as float32"),
    ],
)
def test_small_floats_in_safetensors_are_read_exactly_and_told(kind, words, tmp_path):
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    from conjugacy.storage import small_floats

    codes = torch.arange(256 if kind != "bfloat16" else 65536).to(torch.uint8 if kind != "bfloat16" else torch.int16)
    every = codes.view(getattr(torch, kind))
    name = next(key for key, said in small_floats.WIDENED.items() if said == words)
    raw = every.view(torch.uint8).numpy().tobytes()
    with np.errstate(invalid="ignore"):  # signalling NaN
        np.testing.assert_array_equal(small_floats.widened(name, raw).astype(np.float64), every.double().numpy())
    finite = every[torch.isfinite(every.double())][:96].reshape(-1, 3)
    save_file({"h": finite}, tmp_path / "r.safetensors")
    found = load(tmp_path / "r.safetensors")
    np.testing.assert_array_equal(found.layers["h"].values, finite.double().numpy())
    assert found.provenance["widened"] == {"h": words}
    again = load(save(found, tmp_path / "again.npz"))
    assert again.provenance["widened"] == {"h": words}


def test_half_bytes_without_a_type_say_how_to_save_them(tmp_path):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    np.savez(tmp_path / "a.npz", h=np.ones((3, 2), ml_dtypes.bfloat16))
    with pytest.raises(FormatError, match=r"V2; expected numbers or text; if it was bfloat16"):
        load(tmp_path / "a.npz")
