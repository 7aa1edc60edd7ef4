"""How Sphinx builds the site: `make site`. What is our own in it is in tools/site."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.site.settings import VERSION

project = "Mahalle"
author = "The Mahalle authors"
project_copyright = "the Mahalle authors"
version = release = VERSION

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "tools.site.extension",
]
exclude_patterns = ["templates", "examples", "cluster", "paper/figures"]
default_role = "code"
smartquotes = False  # options begin with two hyphens
toc_object_entries = False

myst_heading_anchors = 6
suppress_warnings = ["myst.header"]  # pages that are included begin below their own title

autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "bysource"
napoleon_numpy_docstring = False
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = "Mahalle"
html_static_path = ["_static", "../experiments/figures/fonts"]
html_css_files = ["mahalle.css"]
html_show_sphinx = False
html_copy_source = False
html_show_copyright = False
pygments_style = "friendly"
pygments_dark_style = "monokai"
