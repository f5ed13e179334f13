"""`gate verify`: whose statement it is, about which documents, by which law, and what it says of them."""

import argparse
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from gate.decision import EXIT_STATUS
from gate.errors import ReadError
from gate.files import bytes_of
from gate.read import BYTE_ORDER_MARK
from gate.statement import PAYLOAD_TYPE, Statement, statement
from gate.terminal import safe


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("file", metavar="FILE", help="what `gate sign` wrote; - for standard input")
    parser.add_argument(
        "--key",
        action="append",
        required=True,
        metavar="PEM",
        help="the public key; may be given again, and one of them is enough",
    )
    parser.add_argument(
        "--subject", action="append", default=[], metavar="FILE", help="a document that it must be about"
    )
    parser.add_argument(
        "--any-result", action="store_true", help="exit 0 also for a statement that says deny, if it is genuine"
    )


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 only if the signature holds, the documents are those meant, and they were allowed."""
    from gate.signature import opened, public_keys

    keys = public_keys([Path(path) for path in arguments.key])
    data = bytes_of(arguments.file)
    payload = opened(data, PAYLOAD_TYPE, keys, arguments.file, what="statement", maker="gate sign")
    found = statement(payload, arguments.file)
    _demand(found, arguments.subject)
    for line in _lines(found, [key.keyid for key in keys]):
        print(safe(line))
    return EXIT_STATUS["allow" if found.passes or arguments.any_result else "deny"]


def _demand(found: Statement, files: Sequence[str]) -> None:
    known = {one.digest["sha256"] for one in found.subject}
    for file in files:
        text = bytes_of(file).removeprefix(BYTE_ORDER_MARK)  # as it was judged: unpacked, and without the mark
        if hashlib.sha256(text).hexdigest() not in known:
            raise ReadError(
                "The signature holds, but it is about other documents", file=file, remedy="Judge it: `gate check`."
            )


def _lines(found: Statement, keys: Sequence[str]) -> Iterator[str]:
    yield f"{found.result[:40]}{'' if found.passes else ': not an allow to rely on'}"
    for one in found.subject:
        yield f"  about   {_short(one.name)} sha256:{one.digest['sha256']}"
    for detail in found.details:
        policy = detail.get("policy")
        law = policy if isinstance(policy, dict) else {}
        past = ", a past date that was chosen" if detail.get("past_allowed") is not False else ""
        yield f"  verdict {_short(detail.get('decision'))}, as of {_short(detail.get('as_of'))}{past}"
        yield f"  judged  {_short(detail.get('evaluated_at'))}, decision {_short(detail.get('id'))}"
        yield f"  law     {_short(law.get('version'))} {_digest(law.get('digest'))}"
        attached = detail.get("attached")
        for file, digest in attached.items() if isinstance(attached, dict) else ():
            yield f"  with    {_short(file)} {_digest(digest)}"
    yield f"  signed  with {' or '.join(keys)}"


def _digest(digest: object) -> str:
    return _short(" ".join(f"{k}:{v}" for k, v in digest.items())) if isinstance(digest, dict) else "not stated"


def _short(value: object) -> str:
    return str(value).replace("\n", " ")[:200]
