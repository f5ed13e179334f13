"""What is so quick that it is done on the event loop: handing it to a thread takes longer."""

from gate.api.asked import Asked
from gate.api.body import GZIP
from gate.settings import ACTS

INLINE = 8 * 1024
"""Bytes up to which a document is judged and packed there."""

MOST_INLINE = 100
"""Objects of a body times acts up to which that is so: each line may pose a question for each act on its own day."""

SECONDS = 0.05
"""For which judging may hold up the loop; what then is not done is done anew on a thread."""

_ACTS = tuple(b'"%s"' % act.encode() for act in ACTS)


class NotQuick(Exception):
    """It took longer than it looked."""


def is_quick(raw: bytes, asked: Asked) -> bool:
    """Whether a body looks so, by what it mentions; it is not read.

    What names an SBOM of the store waits for it, and what is packed may be larger than it looks.
    """
    if len(raw) > INLINE or b'"sbom"' in raw or GZIP in raw or asked.validate:
        return False
    if b"\\u" in raw:
        return False  # an act may be written in it that is not seen here
    said = sum(act in raw for act in _ACTS) if b'"act' in raw else 0  # below `acts`, `act` or `action`
    return (raw.count(b"{") + raw.count(b"<")) * max(1, len(asked.act), said) <= MOST_INLINE
