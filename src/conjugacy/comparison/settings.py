"""How a comparison is asked for: checked once, then handed on as one object."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from conjugacy.asked import number, text, whole_number
from conjugacy.comparison.attributes import Attribute, attributes_of
from conjugacy.comparison.made_to_fit import repeats_of
from conjugacy.comparison.stimulus_images import ImageShape, image_shape_of
from conjugacy.data import Layers, one_layer_pair
from conjugacy.data.foreign import plain_array
from conjugacy.data.missing import asked_of
from conjugacy.errors import InputError
from conjugacy.measure import Measure, measures_of
from conjugacy.results import Margins, plain
from conjugacy.verdict.dependence import checked_rows

ON_ROWS = ("activations", "outputs")  # what measures compare where rows belong together

MATCHES = ("stimuli", "intrinsic", "none")


@dataclass(frozen=True, eq=False)
class Settings:
    """What `compare` was asked for, besides the networks.

    Attributes
    ----------
    tolerance, seed, controls, match, delays, common, groups, rows, missing, repeats
        As in `compare`.
    layers : (str, str) or None
        The layers that were named.
    margins : Margins
        How much may change where B takes A's place.
    measures : tuple of (str, Measure)
        Further measures, by id as given.
    attributes : tuple of Attribute
        Of the rows of A.
    image_shape : tuple of int or None
        Of one input, where inputs are images.
    record : dict
        What was asked, as the JSON record tells it.
    """

    tolerance: float
    seed: int
    layers: tuple[str, str] | None
    controls: str
    match: str
    delays: int | None
    common: Any
    groups: np.ndarray | None
    rows: str | None
    missing: tuple[str, ...]
    repeats: str | None
    margins: Margins
    measures: tuple[tuple[str, Measure], ...]
    attributes: tuple[Attribute, ...]
    image_shape: ImageShape | None
    record: dict[str, Any]

    @classmethod
    def of(
        cls,
        *,
        layers: Layers,
        measures: Any,
        groups: Any,
        delays: int | str,
        output: Any = None,
        margins: Any = None,
        attributes: Any = None,
        **given: Any,
    ) -> Settings:
        """Check what was given.

        Raises
        ------
        InputError
            Naming what cannot be used, and what was expected.
        """
        named = measures_of(measures)  # unknown names are told before the work
        given |= {"tolerance": number("tolerance", given["tolerance"]), "seed": whole_number("seed", given["seed"])}
        given |= {"missing": asked_of(given["missing"]), "repeats": repeats_of(given["repeats"])}
        held = Margins.of(margins, given["tolerance"])
        labelled, shape = attributes_of(attributes), image_shape_of(given.get("image_shape"))
        given |= {"image_shape": shape}
        settings = cls(
            layers=one_layer_pair(layers),
            measures=tuple(named),
            groups=None if groups is None else plain_array(groups, "groups"),
            delays=_delays(delays),
            margins=held,
            attributes=labelled,
            record={
                "layers": layers,
                "output": output,
                "margins": plain(held),
                "controls": given["controls"],
                "match": given["match"],
                "rows": given["rows"],
                "missing": list(given["missing"]),
                "repeats": given["repeats"],
                "delays": delays,
                "measures": [measure.id for _, measure in named],
                "attributes": {one.name: "classes" if one.is_class else "values" for one in labelled},
                "image_shape": shape,
            },
            **given,
        )
        settings._check()
        return settings

    def _check(self) -> None:
        if not 0 < self.tolerance < 1:
            raise InputError(f"tolerance: got {self.tolerance}, expected a fraction of variance between 0 and 1")
        for name in ("controls", "match", "rows"):
            text(name, getattr(self, name))
        if self.controls not in ("auto", "none"):
            raise InputError(f"controls: got {self.controls!r}, expected 'auto' or 'none'")
        if self.match not in MATCHES:
            raise InputError(f"match: got {self.match!r}, expected {', '.join(map(repr, MATCHES))}")
        checked_rows(self.rows)
        if self.common is not None and self.match != "intrinsic":
            raise InputError(f"common: is for match='intrinsic', got match={self.match!r}")
        for _, measure in self.measures:
            if measure.traits.data == "recording":
                raise InputError(
                    f"measure {measure.id!r} is what this comparison says of the outputs anyway; leave it out"
                )

    def refuse_rows(self) -> None:
        """Refuse what is said of the order of rows where these are the time points of trials."""
        if self.rows is not None:
            raise InputError(f"rows: got {self.rows!r} for trajectories, whose trials are their groups; leave it out")
        if self.attributes:
            raise InputError("attributes: are for activations; give trajectories conditions=, one for each trial")

    def require_rows(self) -> None:
        """Refuse measures of trajectories between activations."""
        wrong = [m.id for _, m in self.measures if m.traits.data not in ON_ROWS]
        if wrong:
            raise InputError(
                f"measure {wrong[0]!r} compares trajectories (trials x time x units), and these are activations"
            )


def _delays(given: int | str) -> int | None:
    """Return how many time points make a state; None where that is to be chosen."""
    if isinstance(given, str) and given == "auto":
        return None
    return whole_number("delays", int(given) if isinstance(given, str) and given.isdigit() else given, 1)


def versions() -> dict[str, str]:
    """Return the versions of what computed."""
    found = {"python": platform.python_version()}
    for package in ("conjugacy", "numpy", "scipy", "scikit-learn", "torch"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
