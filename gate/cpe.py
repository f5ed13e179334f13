"""CPE names, cut into what can name a maker: the vendor and the product."""

import re

from gate.letters import without_controls
from gate.purl import decoded, lines_with, plain

_ODD_LINE = re.compile(
    r"\n(?!cpe:(?:2\.3:|/)[aho]:[A-Za-z0-9](?:[\w.!+~$&'-]|\\[^\W_]|\\[-_.!+~/@])*[:\n])",
    re.ASCII,
)
_PIECE = re.compile(r"\\(.)|[^\\:]+|:|\\", re.DOTALL)
_NO_NAME = re.compile(r"[ *?%]")  # a percent sign encodes in a URI alone, and there it is decoded by now
_CORE = re.compile(r"[^\W_][\w.-]*")
_NEXT = re.compile(r"(?!^)(?=cpe:(?:2\.3:|/[aho]:))", re.IGNORECASE)
_READABLE = re.compile(r"\s*cpe:(?:2\.3:[aho*-]|/[aho*-]?):", re.IGNORECASE)


def unreadable(cpes: list[str | None]) -> list[int]:
    """The numbers of those that name no vendor that can be read. Mostly there are none, and all are told at once."""
    there = [number for number, cpe in enumerate(cpes) if cpe]
    if not there:
        return []
    text = "\n".join(["", *[cpe for cpe in cpes if cpe], ""])
    if text.count("\n") == len(there) + 1:
        there = [there[line] for line in lines_with(_ODD_LINE, text) if line < len(there)]
    return [number for number in there if not is_readable(cpes[number] or "")]


def is_readable(cpe: str) -> bool:
    """Whether a CPE names a vendor. Any (`*`), none (`-`) and a pattern are nobody, and a blank stands in no name."""
    vendor, _ = cpe_names(cpe)
    return (
        vendor not in ("", "-") and not _NO_NAME.search(vendor) and _READABLE.match(without_controls(cpe)) is not None
    )


def is_of_hardware(cpe: str) -> bool:
    """Whether it is of a device or what runs it (`h`, `o`): such a CPE somebody wrote who knew the vendor."""
    return plain(cpe).startswith(("cpe:2.3:h:", "cpe:2.3:o:", "cpe:/h:", "cpe:/o:"))


def pattern_of(cpe: str) -> "re.Pattern[str] | None":
    """What a CPE's vendor stands for if some of its letters are left open (NISTIR 7695, 5.3.2), and some are not."""
    vendor, _ = cpe_names(cpe)
    core = vendor.strip("*?")
    if core == vendor or not core or not _CORE.fullmatch(core):
        return None
    before, _, after = vendor.partition(core)
    return re.compile(f"{_left_open(before)}{re.escape(core)}{_left_open(after)}")


def _left_open(marks: str) -> str:
    return ".*" if "*" in marks else f".{{0,{len(marks)}}}"


def each(field: str) -> list[str]:
    """The CPEs that a field holds, in which somebody may have written several."""
    return [cpe for part in _NEXT.split(field) if (cpe := part.strip(" \t\r\n,;|"))]


def cpe_names(cpe: str) -> tuple[str, str]:
    r"""Vendor and product of a CPE 2.3 name or 2.2 URI, unescaped, lower case (NISTIR 7695): `a\:b` holds a colon."""
    text = plain(cpe)
    if text.startswith("cpe:2.3:"):
        fields, offset = _fields(text), 3
    elif text.startswith("cpe:/"):
        fields, offset = [decoded(_opened(part)) for part in text[5:].split(":")], 1
    else:
        return "", ""
    vendor, product = [*fields, "", "", "", "", ""][offset : offset + 2]
    return plain(vendor), plain(product)


def _opened(part: str) -> str:
    """A URI writes letters that are left open as characters that stand in no text (NISTIR 7695, 6.1.3.2)."""
    return part.replace("%01", "?").replace("%02", "*")


def _fields(text: str) -> list[str]:
    if "\\" not in text:
        return text.split(":", 5)
    fields: list[list[str]] = [[]]
    for piece in _PIECE.finditer(text):
        if piece[0] == ":":
            fields.append([])
            if len(fields) > 5:
                break
        else:
            fields[-1].append(piece[1] or piece[0].removeprefix("\\"))
    return ["".join(field) for field in fields]


def is_made_up(cpe: str, name: str) -> bool:
    """Whether a CPE's vendor is only the package's own name again, as generators write it that know no vendor."""
    return all(cpe_names(one)[0] == plain(name) for one in each(cpe))
