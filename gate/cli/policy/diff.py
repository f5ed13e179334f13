"""`gate policy diff`: what changed between two editions of the law, and which decisions change with it."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gate.cli.arguments import EDITION, edition, profile_of
from gate.cli.consequence import told
from gate.terminal import counted, safe
from policy.dates import in_words, is_before, legal_day

if TYPE_CHECKING:
    from gate.change import Change
    from gate.consequence import Consequence
    from gate.law import Law
    from policy.dates import Moment

EPILOG = EDITION


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("old", metavar="OLD", help="the edition before")
    parser.add_argument("new", metavar="NEW", help="the edition now")
    parser.add_argument(
        "--against", nargs="+", default=[], metavar="FILE", help="SBOMs and requests whose decisions are compared"
    )
    parser.add_argument("--profile", metavar="P", help="who is asking, for SBOMs that come without a request")
    parser.add_argument("--format", default="text", choices=("text", "json"))


def run(arguments: argparse.Namespace) -> int:
    """Print the changes, and their consequences."""
    from gate.change import changes
    from gate.files import expand

    old, new = edition(arguments.old), edition(arguments.new)
    found = changes(old, new)
    files = list(expand(arguments.against))
    consequences = list(_consequences(files, arguments.profile, old, new))
    if arguments.format == "json":
        print(_json(found, consequences))
    else:
        print(safe("\n".join(_lines(found, consequences, len(files)))))
    return 0


def _consequences(files: list[str], profile: str | None, old: "Law", new: "Law") -> Iterator["Consequence"]:
    """What changes for each file; nothing for a file whose decision does not."""
    from gate.asking import Asking
    from gate.consequence import Side, consequence
    from gate.files import document
    from gate.match import Matcher
    from gate.screen import Sieve

    now = datetime.now(UTC)

    def side(law: "Law") -> Side:
        asking = Asking(now=now, profile=profile_of(profile, law), allow_past=True)
        return Side(law, asking, Sieve(Matcher(law.register)))

    before, after = side(old), side(new)
    for name in files:
        found = consequence(name, document(name, now=now).subject, before, after)
        if found is not None:
            yield found


def _lines(changes: list["Change"], consequences: list["Consequence"], against: int) -> Iterator[str]:
    for change in changes:
        yield str(change)
    yield counted(len(changes), "change")
    for one in consequences:
        yield f"\n{one.file}"
        yield from told(one, f"as of {_said(one.as_of)}", _said)
    if against:
        yield f"{len(consequences)} of {counted(against, 'document')} judged otherwise"


def _said(moment: "Moment", zone: str | None = None) -> str:
    """A day, or an instant; one at which a legal day begins in the zone of the law is that day."""
    if not isinstance(moment, datetime):
        return str(moment)
    if zone is None:
        return moment.isoformat(timespec="seconds")
    day = legal_day(moment, zone)
    if is_before(day, moment, zone):
        return f"{in_words(moment, zone)} ({zone})"
    return f"{day} ({zone})"


def _json(changes: list["Change"], consequences: list["Consequence"]) -> str:
    import json

    import msgspec

    body = {"schema": 1, "changes": msgspec.to_builtins(changes), "decisions": msgspec.to_builtins(consequences)}
    return json.dumps(body, indent=2, ensure_ascii=False)
