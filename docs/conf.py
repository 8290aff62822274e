"""How the documentation is built: `make docs`, warnings are errors, nothing is fetched."""

from pathlib import Path

import conjugacy

project = "Conjugacy"
author = "The Conjugacy developers"
release = version = conjugacy.__version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["generated"]
html_theme = "furo"
html_title = "Conjugacy"
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_show_sourcelink = False
html_show_copyright = False
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
# notebooks: what `make notebooks` executed is taken as it is, the rest is executed while the page is built
nb_execution_mode = "cache"
nb_execution_cache_path = str(Path(__file__).parents[1] / "build" / "notebooks_kept")
nb_execution_in_temp = True
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_merge_streams = True
napoleon_google_docstring = False
# types in docstrings are words ("array, (m, n)"), not names to look up
napoleon_use_param = False
napoleon_use_rtype = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_default_options = {"members": True, "show-inheritance": True}
# the pages of the standard library are not fetched; "mapping" is a word, and records are read field by field
RECORDS = ("Estimate", "AxisVerdict", "DropIn", "LayerMap", "Reconstruction", "SharedPart")
RECORDS += ("conjugacy.results.drop_in.DropIn", "conjugacy.results.gate.Spread")
# what public classes inherit is shown in them
PARTS = (
    "conjugacy.data.recorded_outputs.RecordedOutputs",
    "conjugacy.study.sorted_study.SortedStudy",
    "conjugacy.transformations.row_map.RowMap",
)
WORDS = ("mapping", "pair", "path")
nitpick_ignore = [("py:class", name) for name in ("enum.Enum", "abc.ABC", "xarray.Dataset", *WORDS, *RECORDS, *PARTS)]
default_role = "code"  # `name` in a docstring
