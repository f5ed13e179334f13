"""Which report somebody wants, by `Accept` (RFC 9110, section 12.5.1)."""

from collections.abc import Mapping

from gate.api.problem import Problem

OURS = "vnd.procurement-gate"

MEDIA_TYPES = {
    "json": "application/json",
    "text": "text/plain",
    "html": "text/html",
    "markdown": "text/markdown",
    "csv": "text/csv",
    "sarif": "application/sarif+json",
    "cyclonedx": "application/vnd.cyclonedx+json",
    "vsa": "application/vnd.in-toto+json",
    "junit": "application/xml",
    "test-result": f"application/{OURS}.test-result+json",
    "gitlab": f"application/{OURS}.gitlab+json",
    "gitlab-annotations": f"application/{OURS}.gitlab-annotations+json",
    "github": f"text/{OURS}.github",
    "azure": f"text/{OURS}.azure",
    "dotenv": f"text/{OURS}.dotenv",
    "tap": f"text/{OURS}.tap",
}
"""Format of a report -> the media type it is asked for by. Earlier ones are preferred where several fit alike."""


MOST = 50
"""Kinds of a header that are looked at."""


def content_type(form: str, media_types: Mapping[str, str] = MEDIA_TYPES) -> str:
    """What the answer says it is."""
    kind = media_types[form]
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def wanted(accept: bytes) -> str:
    """The format of a report that is wanted most. Raises Problem if there is none of that kind."""
    if not accept or accept == b"*/*":
        return "json"
    return preferred(accept, MEDIA_TYPES)


def preferred(accept: bytes, media_types: Mapping[str, str]) -> str:
    """Of some formats the one that is wanted most; of those wanted alike the first. Raises Problem for none."""
    ranges = [_range(part) for part in (accept or b"*/*").decode("latin-1").lower().split(",")[:MOST] if part.strip()]
    best, most = None, 0.0
    for form, kind in media_types.items():
        found = _quality(kind, ranges)
        if found > most:
            best, most = form, found
    if best is None:
        raise Problem(
            "unacceptable",
            f"Nothing here is of the kind {accept[:200].decode('latin-1')!r}.",
            remedy=f"There are {', '.join(media_types.values())}.",
        )
    return best


def _range(text: str) -> tuple[str, float]:
    kind, *parameters = (part.strip() for part in text.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return kind, min(1.0, max(0.0, float(value)))
            except ValueError:
                return kind, 0.0
    return kind, 1.0


def _quality(kind: str, ranges: list[tuple[str, float]]) -> float:
    """How much a media type is wanted: the most exact range that holds it decides."""
    family = kind.partition("/")[0]
    for pattern in (kind, f"{family}/*", "*/*"):
        for named, quality in ranges:
            if named == pattern:
                return quality
    return 0.0
