"""Say which systems of a portfolio hold a vendor, a package or what a clause is about, and by what evidence."""

import argparse
import sys
from collections.abc import Iterator

from gate.cli.arguments import add_trusted_law, law_of
from gate.cli.portfolio import NO_VERDICT, add_portfolio, index_of
from gate.errors import UsageError
from gate.portfolio.index import Index
from gate.portfolio.where import Found, of_clause, of_family, of_package
from gate.terminal import counted, one_line

FORMATS = ("text", "json", "csv")

COLUMNS = ("system", "outcome", "vendor", "component", "field", "pointer", "effect", "said", "related_to")


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "what", metavar="WHAT", help="a vendor's id or name, a package URL (any version unless one is named), or a code"
    )
    add_portfolio(parser)
    parser.add_argument("--format", default="text", choices=FORMATS)
    add_trusted_law(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print every place. Raises UsageError for what neither the portfolio nor the law knows: that is no "nowhere"."""
    index = index_of(arguments)
    found = _found(index, arguments)
    if arguments.format == "text":
        for text in _lines(found, arguments.what):
            print(one_line(text))
        (unread,) = index.db.execute("SELECT count(*) FROM document WHERE kind = ''").fetchone()
        if unread:
            print(f"{counted(unread, 'system')} not looked at: {NO_VERDICT}")
    elif arguments.format == "json":
        import msgspec

        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(found)) + b"\n")
    else:
        from gate.report.csv import table

        sys.stdout.buffer.write(table(COLUMNS, map(_cells, found)))
    return 0


def _found(index: Index, arguments: argparse.Namespace) -> list[Found]:
    what, db = arguments.what.strip(), index.db
    if what.lower().startswith("pkg:"):
        return list(of_package(db, what))
    for known in (of_family(index, what.lower()), of_clause(db, what)):
        found = list(known)
        if found:
            return found
    law = law_of(arguments)
    if what in law.vendors or any(what in (clause.code, clause.instrument) for clause in law.clauses):
        return []
    meant = [vendor.id for vendor in law.vendors.values() if vendor.name.casefold() == what.casefold()]
    if not meant:
        raise UsageError(
            f"{what!r} is no vendor, code or package URL that is known",
            remedy="See `gate vendor`, `gate law`; a package URL starts with pkg:.",
        )
    return list(of_family(index, meant[0]))


def _lines(found: list[Found], what: str) -> Iterator[str]:
    systems: dict[str, list[Found]] = {}
    for one in found:
        systems.setdefault(one.system, []).append(one)
    theirs = [one for one in found if one.related_to]
    yield f"{what}: {_count([one for one in found if not one.related_to])}" + (
        f"; of vendors related to it, {_count(theirs)}" if theirs else ""
    )
    for system, components in systems.items():
        yield f"{system}  {components[0].outcome}"
        for one in components:
            effect = f"{one.effect}: " if one.effect else ""
            place = "  ".join(word for word in ("", one.field, one.pointer) if word is not None)
            tie = f" (of {one.vendor}, which is related to {one.related_to})" if one.related_to else ""
            yield f"  {effect}{one.what}{tie}{place}".rstrip()
            if one.message is not None:
                yield f"    {one.message}"
            for piece in one.evidence:
                yield f"    {piece.field} says {piece.said!r}, which met {piece.matched!r} ({piece.strength})"


def _count(found: list[Found]) -> str:
    return f"{counted(len(found), 'component')} in {counted(len({one.system for one in found}), 'system')}"


def _cells(one: Found) -> dict[str, object]:
    return {
        "system": one.system,
        "outcome": one.outcome,
        "vendor": one.vendor,
        "component": one.what,
        "field": one.field or "; ".join(piece.field for piece in one.evidence),
        "pointer": one.pointer,
        "effect": one.effect,
        "said": one.message or "; ".join(f"{piece.field}: {piece.said}" for piece in one.evidence),
        "related_to": one.related_to,
    }
