"""The picture of how ready the apps are: bars drawn by pygal, bared of all that a document does not need.

pygal computes the bars and draws SVG with classes; its scripts, its style sheet, its tooltips and the address
in its comments go, and the report's own style sheet gives the colours, light and dark. The picture says what
the table beside it says, so a screen reader is told that in one sentence and not bar by bar.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from lxml import etree
from markupsafe import Markup
from pygal import HorizontalBar, PluginImportFixer  # type: ignore[import-untyped]  # it brings no type hints
from pygal.style import Style  # type: ignore[import-untyped]  # it brings no type hints

from changeover.migration.readiness import Readiness
from changeover.report.summary import WORDS

# pygal hangs a finder of an old kind into Python's imports, for maps that nobody uses here; every import of
# a name that is not there would warn of it from then on.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, PluginImportFixer)]

_SVG = "{http://www.w3.org/2000/svg}"
_DROPPED = ("defs", "desc", "title")
_WIDTH, _BAR = 560, 40
_FONT = 17


def picture(counts: Mapping[Readiness, int], says: str) -> Markup:
    """Return the picture as SVG to stand in HTML.

    Args:
        counts: apps by readiness; those without an app have no bar.
        says: the picture in words, for those who do not see it.
    """
    # pygal draws from below.
    rows = [each for each in reversed(WORDS) if counts.get(each)]
    chart = HorizontalBar(
        width=_WIDTH,
        height=_BAR * max(len(rows), 1),
        style=Style(label_font_size=_FONT, major_label_font_size=_FONT),
        show_legend=False,
        show_x_labels=False,
        show_y_labels=True,
        margin=2,
        spacing=10,
        js=[],
        no_prefix=True,
        disable_xml_declaration=True,
    )
    chart.x_labels = [f"{counts[each]} {WORDS[each]}" for each in rows]
    chart.add("", [counts[each] for each in rows])
    root = etree.fromstring(chart.render(is_unicode=True).encode())
    _bare(root)
    bars = (each for each in root.iter(f"{_SVG}rect") if "rect" in each.get("class", "").split())
    for bar, each in zip(bars, rows, strict=True):
        bar.set("class", f"bar {each.value}")
    root.attrib.pop("id", "")
    root.set("class", "picture")
    root.set("role", "img")
    root.set("aria-label", says)
    etree.cleanup_namespaces(root)
    return Markup(etree.tostring(root, encoding="unicode"))  # noqa: S704 - made here, of our own words


def _bare(root: etree._Element) -> None:
    for element in list(root.iter()):
        parent = element.getparent()
        if parent is None:
            continue
        tag = str(element.tag)  # a comment's is a function
        if not tag.startswith(_SVG) or tag.removeprefix(_SVG) in _DROPPED or _is_tooltip(element):
            parent.remove(element)


def _is_tooltip(element: etree._Element) -> bool:
    return "tooltip-overlay" in element.get("class", "")
