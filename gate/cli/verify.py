"""`gate verify`: whose statement it is, about which documents, by which law, and what it says of them."""

import argparse
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from gate.decision import EXIT_STATUS
from gate.errors import ReadError, UsageError
from gate.files import bytes_of
from gate.read import BYTE_ORDER_MARK
from gate.statement import PAYLOAD_TYPE, Statement, statement
from gate.terminal import safe


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("file", metavar="FILE", help="what `gate sign` wrote; - for standard input")
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument(
        "--key", action="append", metavar="PEM", help="the public key; may be given again, and one of them is enough"
    )
    who.add_argument(
        "--identity", metavar="WHO", help="who signed with --keyless: an e-mail address or a workflow's URL"
    )
    parser.add_argument("--issuer", metavar="URL", help="the identity provider that says so")
    parser.add_argument(
        "--trusted-root", metavar="FILE", help="a sigstore of your own, or no network (default: sigstore's public one)"
    )
    parser.add_argument(
        "--subject",
        action="append",
        required=True,
        metavar="FILE",
        help="the document at hand, which it must be about; may be given again, and all of them must be",
    )
    parser.add_argument(
        "--any-result", action="store_true", help="exit 0 also for a statement that says deny, if it is genuine"
    )


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 only if the signature holds, the documents are those meant, and they were allowed."""
    payload, signers = _keyless(arguments) if arguments.identity is not None else _opened(arguments)
    found = statement(payload, arguments.file)
    _demand(found, arguments.subject)
    for line in _lines(found, signers):
        print(safe(line))
    return EXIT_STATUS["allow" if found.passes or arguments.any_result else "deny"]


def _opened(arguments: argparse.Namespace) -> tuple[bytes, list[str]]:
    from gate.signature import opened, public_keys

    if arguments.issuer is not None or arguments.trusted_root is not None:
        raise UsageError("--issuer and --trusted-root say nothing about a key", remedy="They go with --identity.")
    keys = public_keys([Path(path) for path in arguments.key])
    data = bytes_of(arguments.file)
    payload = opened(data, PAYLOAD_TYPE, keys, arguments.file, what="statement", maker="gate sign")
    return payload, [key.keyid for key in keys]


def _keyless(arguments: argparse.Namespace) -> tuple[bytes, list[str]]:
    from gate.keyless import opened

    identity, issuer, root = arguments.identity, arguments.issuer, arguments.trusted_root
    if not identity or not issuer:
        raise UsageError("Whoever signed is an identity and its provider", remedy="Give --identity and --issuer.")
    data = bytes_of(arguments.file)
    where = Path(root) if root is not None else None
    payload = opened(data, PAYLOAD_TYPE, arguments.file, identity=identity, issuer=issuer, root=where)
    return payload, [f"{identity} ({issuer})"]


def _demand(found: Statement, files: Sequence[str]) -> None:
    left = dict(found.attached)
    known = {one.digest["sha256"] for one in found.subject} | set(left.values())
    for file in files:
        text = bytes_of(file).removeprefix(BYTE_ORDER_MARK)  # as it was judged: unpacked, and without the mark
        digest = hashlib.sha256(text).hexdigest()
        if digest not in known:
            raise ReadError(
                "The signature holds, but it is about other documents", file=file, remedy="Judge it: `gate check`."
            )
        left = {path: attached for path, attached in left.items() if attached != digest}
    for path in left:
        raise UsageError(
            f"The verdict rests on {path[:200]!r} too, which was attached", remedy="Name that file with --subject."
        )


def _lines(found: Statement, signers: Sequence[str]) -> Iterator[str]:
    yield f"{found.result[:40]}{'' if found.passes else ': not an allow to rely on'}"
    for one in found.subject:
        yield f"  about   {_short(one.name)} sha256:{one.digest['sha256']}"
    for detail in found.details:
        policy = detail.get("policy")
        law = policy if isinstance(policy, dict) else {}
        past = ", a past date that was chosen" if detail.get("past_allowed") is not False else ""
        doubt = ", and something needs review" if detail.get("review") is not False else ""
        yield f"  verdict {_short(detail.get('decision'))}{doubt}, as of {_short(detail.get('as_of'))}{past}"
        roles = detail.get("roles")
        capacity = ", ".join(map(str, roles)) if isinstance(roles, list) else "no stated capacity"
        yield f"  for     {_short(detail.get('profile') or 'no profile')} ({_short(capacity)})"
        yield f"  judged  {_short(detail.get('evaluated_at'))}, decision {_short(detail.get('id'))}"
        yield f"  law     {_short(law.get('version'))} {_digest(law.get('digest'))}"
        attached = detail.get("attached")
        for file, digest in attached.items() if isinstance(attached, dict) else ():
            yield f"  with    {_short(file)} {_digest(digest)}"
    yield f"  signed  by {' or '.join(signers)}"


def _digest(digest: object) -> str:
    return _short(" ".join(f"{k}:{v}" for k, v in digest.items())) if isinstance(digest, dict) else "not stated"


def _short(value: object) -> str:
    return str(value).replace("\n", " ")[:200]
