"""CPE names, cut into what can name a maker: the vendor and the product."""

from gate.purl import decoded


def cpe_names(cpe: str) -> tuple[str, str]:
    r"""Vendor and product of a CPE 2.3 name or 2.2 URI, unescaped, lower case (NISTIR 7695): `a\:b` holds a colon."""
    text = cpe.strip().lower()
    if text.startswith("cpe:2.3:"):
        fields, offset = _fields(text), 3
    elif text.startswith("cpe:/"):
        fields, offset = [decoded(part) for part in text[5:].split(":")], 1
    else:
        return "", ""
    vendor, product = [*fields, "", "", "", "", ""][offset : offset + 2]
    return vendor, product


def _fields(text: str) -> list[str]:
    if "\\" not in text:
        return text.split(":", 5)
    fields, escaped = [""], False
    for letter in text:
        if letter == ":" and not escaped:
            fields.append("")
            continue
        if escaped or letter != "\\":
            fields[-1] += letter
        escaped = letter == "\\" and not escaped
    return fields


def is_made_up(cpe: str, name: str) -> bool:
    """Whether a CPE's vendor is only the package's own name again, as generators write it that know no vendor."""
    return cpe_names(cpe)[0] == name.lower()
