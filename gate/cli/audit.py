"""`gate audit`: is the record of the service as it was written; what is in it; and erasing what has to go."""

import argparse
import os
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gate.cli.arguments import moment
from gate.cli.database import add_store, audit_key, oneself, store_of
from gate.cli.output import write
from gate.errors import UsageError
from gate.files import bytes_of
from gate.terminal import counted, safe
from policy.dates import instant

if TYPE_CHECKING:
    from gate.store import Store
    from gate.store.heads import Head
    from gate.store.verify import Account

SHOWN = 20
"""Faults that are printed."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    steps = parser.add_subparsers(dest="step", required=True, metavar="COMMAND")
    one = steps.add_parser("verify", help="look for any change, gap, reordering or cut", allow_abbrev=False)
    one.set_defaults(step=_verify)
    one.add_argument("--key", action="append", default=[], metavar="PEM", help="a public key that signs heads")
    one.add_argument(
        "--anchor", action="append", default=[], metavar="HEAD", help="a head kept elsewhere: as printed, or its file"
    )
    one = steps.add_parser("head", help="print the chain's head, to be kept elsewhere", allow_abbrev=False)
    one.set_defaults(step=_head)
    one.add_argument(
        "--key", metavar="PEM", help="sign it with this private key (default: the PEM text in GATE_AUDIT_KEY)"
    )
    one.add_argument("--out", metavar="FILE", help="where to write the signed head")
    one = steps.add_parser("export", help="write the record for an auditor", allow_abbrev=False)
    one.set_defaults(step=_export)
    one.add_argument("--format", choices=("csv", "jsonl"), default="csv", help="a table, or every entry byte for byte")
    one.add_argument("--since", type=moment, metavar="T", help="entries from then on: a day (UTC), or an instant")
    one.add_argument("--before", type=moment, metavar="T", help="entries before then")
    one.add_argument("--out", metavar="FILE", help="the file to write (default: standard output)")
    one = steps.add_parser("erase", help="erase who asked, for whom, and the inputs; the chain stays whole")
    one.set_defaults(step=_erase)
    one.add_argument("--decision", action="append", default=[], metavar="ID", help="of this decision or event")
    one.add_argument("--actor", metavar="A", help="of everything that this person or key asked for")
    one.add_argument("--reason", required=True, metavar="TEXT", help="why; it is kept, so name nobody in it")
    for step in steps.choices.values():
        add_store(step)


def run(arguments: argparse.Namespace) -> int:
    """Do the step: exit status 1 if verifying finds that the record was changed."""
    with closing(store_of(arguments.store, signer=_signing_key(arguments))) as store:
        status: int = arguments.step(arguments, store)
        return status


def _signing_key(arguments: argparse.Namespace) -> str | None:
    from gate.signature import bytes_of_key

    if arguments.step is not _head:
        return None
    if arguments.key is not None:
        return bytes_of_key(Path(arguments.key)).decode("utf-8", "replace")
    return audit_key()


def _verify(arguments: argparse.Namespace, store: "Store") -> int:
    from gate.signature import public_keys
    from gate.store.verify import verify

    keys = public_keys([Path(path) for path in arguments.key]) if arguments.key else None
    found = verify(store.database, keys, [_anchor(text, arguments.key) for text in arguments.anchor])
    print("\n".join(map(safe, _told(found))))
    # Whoever names a key or a head expects it to vouch for something: all signatures may have been taken away.
    is_vouched = found.unseen is not None or not found.entries
    return 1 if found.faults or ((arguments.key or arguments.anchor) and not is_vouched) else 0


def _anchor(text: str, keys: list[str]) -> "Head":
    from gate.signature import public_keys
    from gate.store.heads import anchor, verified

    if not os.path.isfile(text):  # noqa: PTH113 - Path raises for what is too long to be a name
        return anchor(text)
    if not keys:
        raise UsageError("A signed head needs the key that signed it", file=text, remedy="Name it: --key PEM.")
    return verified(bytes_of(text), public_keys([Path(path) for path in keys]), text)


def _told(found: "Account") -> Iterable[str]:
    if found.faults:
        yield f"NOT AS IT WAS WRITTEN: {counted(len(found.faults), 'fault')}"
        yield from (f"  {fault}" for fault in found.faults[:SHOWN])
        if len(found.faults) > SHOWN:
            yield f"  and {len(found.faults) - SHOWN} more"
    else:
        entries = "1 entry" if found.entries == 1 else f"{found.entries} entries"
        yield f"verified  {entries}, {found.erased} of them without their personal fields"
    yield f"head      {found.head.chain}:{found.head.seq}:{found.head.hash}"
    yield f"signed    {counted(found.signatures, 'head')}"
    if found.unseen is None:
        yield "          nothing from elsewhere vouches for it: who can write the database could have rewritten it all;"
        yield "          keep heads elsewhere (`gate audit head`) and name one, --anchor, or the key that signs, --key"
    elif found.unseen:
        last = "entry" if found.unseen == 1 else f"{found.unseen} entries"
        yield f"          nothing from elsewhere vouches for the last {last}"


def _head(arguments: argparse.Namespace, store: "Store") -> int:
    envelope = store.chain.sign(datetime.now(UTC))
    head = store.head()
    if arguments.out is not None:
        if envelope is None:
            raise UsageError("There is no key to sign the head with", remedy="Name it: --key PEM, or GATE_AUDIT_KEY.")
        write([envelope], arguments.out)
    print(f"{head.chain}:{head.seq}:{head.hash}")
    return 0


def _export(arguments: argparse.Namespace, store: "Store") -> int:
    from gate.store.export import FORMS

    since, before = (None if day is None else instant(day, "UTC") for day in (arguments.since, arguments.before))
    write(FORMS[arguments.format](store.database, since, before), arguments.out)
    return 0


def _erase(arguments: argparse.Namespace, store: "Store") -> int:
    from gate.store import Who
    from gate.store.erase import entries_of, erase

    if bool(arguments.decision) == bool(arguments.actor):
        raise UsageError("It is not said whose fields go", remedy="Name --decision ID, or --actor A.")
    ids = arguments.decision or entries_of(store.database, arguments.actor)
    if not ids:  # a name that is spelled otherwise would pass for erased
        raise UsageError(
            f"Nothing is kept of {arguments.actor[:80]!r}",
            remedy="Names are those under asked_by in `gate audit export`: "
            "key:ID, oidc:ISSUER#SUBJECT, hook:NAME or cli:USER.",
        )
    done = erase(store.chain, ids, arguments.reason, Who(oneself()), datetime.now(UTC))
    print(f"erased    personal fields of {counted(done.entries, 'record')}, {counted(done.inputs, 'input')}")
    return 0
