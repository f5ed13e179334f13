"""Colours and type of the timeline, for light and dark. A test holds their contrast to WCAG 2.2, level AA."""

from string import Template

LIGHT = {
    "paper": "#ffffff",
    "stripe": "#f3f5f8",
    "ink": "#1b1f24",
    "faint": "#565f6b",
    "line": "#d5dae1",
    "today": "#0b57d0",
    "deny": "#b3261e",
    "review": "#8f5b00",
    "warn": "#6d6300",
    "note": "#4d5b6b",
}

DARK = {
    "paper": "#14171c",
    "stripe": "#1c2128",
    "ink": "#e8eaed",
    "faint": "#a9b2bd",
    "line": "#363d47",
    "today": "#8ab4f8",
    "deny": "#ff8a80",
    "review": "#ffb74d",
    "warn": "#e3d766",
    "note": "#a9b8c9",
}

EFFECTS = {
    "deny": "denies",
    "review": "asks for a review",
    "warn": "warns",
    "note": "is noted",
}
"""Effect of a clause -> what its bar stands for. They differ in shape as well as in colour."""


SHARED = """
text{font-family:system-ui,-apple-system,'Segoe UI','Noto Sans',sans-serif;fill:$ink}
.grid{stroke:$line;stroke-width:1}
.today{stroke:$today;stroke-width:2}
.today-said{fill:$today;font-size:12px;font-weight:600}
.year{fill:$faint;font-size:11px;text-anchor:middle}
.bar{stroke-width:1.5;fill:$paper}
.deny{stroke:$deny;fill:$deny}
.review{stroke:$review}
.warn{stroke:$warn;stroke-dasharray:7 3}
.note{stroke:$note;stroke-dasharray:2 3}
"""


def css(own: str) -> str:
    """The rules of a drawing, `$ink` and the like being its colours. On paper it is always light.

    The colours are written out, twice: not every program that shows SVG knows variables.
    """
    rules = Template(SHARED + own)
    return (
        f":root{{color-scheme:light dark}}{rules.substitute(LIGHT)}"
        f"@media screen and (prefers-color-scheme:dark){{{rules.substitute(DARK)}}}\n"
        "@media print{*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n"
    )
