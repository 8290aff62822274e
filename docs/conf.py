"""How the documentation is built: `make docs`, warnings are errors, nothing is fetched."""

import conjugacy

project = "Conjugacy"
author = "The Conjugacy developers"
release = version = conjugacy.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["generated/measures.md"]
html_theme = "furo"
html_title = "Conjugacy"
html_show_sourcelink = False
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
napoleon_google_docstring = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_default_options = {"members": True, "show-inheritance": True}
nitpicky = False
