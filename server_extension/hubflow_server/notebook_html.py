"""Executed notebooks as HTML, rendered once and kept beside the notebook."""

from __future__ import annotations

import html
import os
import tempfile
from pathlib import Path

from hubflow.hooks.notebook_libraries import without_iri_formats

# Both have a contrast of at least 4.5:1 on the ground of cells.
STYLES = {"light": "default", "dark": "github-dark"}
PAGE = """<!doctype html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
{highlight}
{style}
</style>
</head>
<body>
{body}
</body>
</html>
"""


def rendered(notebook: Path, theme: str = "light") -> str:
    """Return the notebook as a whole HTML page that needs no network.

    One page is kept for both themes, "light" and "dark": an attribute of its root says which.
    """
    return _page(notebook).replace('data-theme="light"', f'data-theme="{theme}"', 1)


def _page(notebook: Path) -> str:
    kept = notebook.with_suffix(".html")
    try:
        # A notebook that still runs is written again and again: only a newer page counts.
        if kept.stat().st_mtime_ns > notebook.stat().st_mtime_ns:
            return kept.read_text(encoding="utf-8")
    except FileNotFoundError:
        pass
    page = _render(notebook)
    _keep(kept, page)
    return page


def _render(notebook: Path) -> str:
    # Importing nbconvert takes a second; most services never render.
    without_iri_formats()
    import nbformat  # noqa: PLC0415
    from nbconvert import HTMLExporter  # noqa: PLC0415
    from pygments.formatters import HtmlFormatter  # noqa: PLC0415

    document = nbformat.read(notebook, as_version=4)
    body, _ = HTMLExporter(template_name="basic").from_notebook_node(document)
    style = Path(__file__).parent / "static" / "notebook.css"
    return PAGE.format(
        title=html.escape(notebook.stem),
        highlight="\n".join(
            HtmlFormatter(style=name).get_style_defs(f"[data-theme={theme}] .highlight")
            for theme, name in STYLES.items()
        ),
        style=style.read_text(encoding="utf-8"),
        body=body,
    )


def _keep(file: Path, page: str) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".tmp")
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(page)
    os.replace(temporary, file)
