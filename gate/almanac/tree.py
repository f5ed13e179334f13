"""Elements of SVG and HTML: built as a tree, so that no text of a law can become markup."""

import unicodedata
from collections.abc import Iterable, Mapping

from lxml import etree

from gate.terminal import safe

SVG = "http://www.w3.org/2000/svg"

Element = etree._Element  # lxml has no public name for it


def element(tag: str, attributes: Mapping[str, object] | None = None, *children: "Element | str | None") -> Element:
    """An element with its attributes and children; None is no child. Control characters are shown, not kept."""
    made = etree.Element(tag)
    for name, value in (attributes or {}).items():
        made.set(name, safe(str(value)))
    for child in children:
        if isinstance(child, str):
            _write(made, safe(child))
        elif child is not None:
            made.append(child)
    return made


def link(url: str, *children: "Element | str") -> Element:
    """A link, or only what it would hold where the address is none of the web: no policy may run a script."""
    if not url.startswith(("https://", "http://")):
        return element("g" if children and not isinstance(children[0], str) else "span", {}, *children)
    return element("a", {"href": url}, *children)


def legend(samples: Iterable[tuple[Element, str]], width: int, height: int) -> Element:
    """What each shape of a drawing stands for: a sample of it, so wide and high, and what is said."""
    size = {"width": width, "height": height, "aria-hidden": "true"}
    rows = (element("li", {}, element("svg", size, sample), said) for sample, said in samples)
    return element("ul", {"class": "legend"}, *rows)


def shortened(text: str, room: int) -> str:
    """As much of a text as fits where so many letters do, of which one of East Asia takes two."""
    used = 0
    for place, letter in enumerate(text):
        used += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if used > room:
            return text[: place - 1].rstrip() + "…"
    return text


def page(title: str, style: str, *body: Element) -> bytes:
    """An HTML page that stands by itself: it loads nothing and runs nothing."""
    root = element(
        "html",
        {"lang": "en"},
        element(
            "head",
            {},
            element("meta", {"charset": "utf-8"}),
            element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
            element(
                "meta",
                {"http-equiv": "Content-Security-Policy", "content": "default-src 'none'; style-src 'unsafe-inline'"},
            ),
            element("title", {}, title),
            element("style", {}, style),
        ),
        element("body", {}, *body),
    )
    return etree.tostring(root, encoding="utf-8", method="html", doctype="<!DOCTYPE html>") + b"\n"


def _write(made: Element, text: str) -> None:
    if len(made):
        made[-1].tail = (made[-1].tail or "") + text
    else:
        made.text = (made.text or "") + text
