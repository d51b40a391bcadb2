"""Settings of the documentation site: Sphinx with MyST, from the folder that ``docs/site_build.py`` has laid out."""

from __future__ import annotations

import os

import riskzoning

project = "riskzoning"
author = "The riskzoning developers"
copyright = "the riskzoning developers, Apache License 2.0"  # noqa: A001 - the name that Sphinx reads
version = release = riskzoning.__version__
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 4
# Notebooks are run, and what they have shown is kept until they or the program change; site_build.py says where.
nb_execution_mode = "cache" if os.environ.get("RISKZONING_DOCS_CACHE") else "off"
nb_execution_cache_path = os.environ.get("RISKZONING_DOCS_CACHE", "")
nb_execution_timeout = 900
nb_execution_raise_on_error = True

autodoc_member_order = "alphabetical"
autodoc_typehints = "none"
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

# Words of a type ("index of units") are taken for names of things, of which there are several; nothing is lost.
suppress_warnings = ["ref.python", "ref.term"]

html_theme = "furo"
html_title = "riskzoning"
html_show_sphinx = False
html_copy_source = False
html_static_path = ["static"]
html_css_files = ["site.css"]
exclude_patterns = ["studies"]
