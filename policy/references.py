"""Ids that one policy file uses and others say. They are read off the file's own table, so also where other parts of
the file are at fault: every fault is reported at once, and none that is only the consequence of another."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

Table = Mapping[str, Any]
"""A policy file as TOML has it, or a table in it."""


class Reference(NamedTuple):
    """An id that a file uses: of what, and where the file says it."""

    what: str
    id: str
    where: tuple[int | str, ...]


def references(family: str, table: Table) -> Iterator[Reference]:
    """Every id that a file of the family uses."""
    return _FAMILIES[family](table)


def clauses_of(table: Table) -> set[str]:
    """The ids of an instrument's clauses."""
    return {str(clause.get("id")) for clause, _ in _tables(table, "clauses")}


def _of_prohibition(table: Table) -> Iterator[Reference]:
    for part, where in ((table, ()), *_tables(table, "clauses")):
        yield from _named("vendor", part, (*where, "vendors"))
        yield from _named("list", part, (*where, "lists"))
    yield from _named("prohibition", table, ("replaces",))


def _of_vendor(table: Table) -> Iterator[Reference]:
    for owner, where in _tables(table, "owners"):
        yield from _named("vendor", owner, (*where, "vendor"))


def _of_list(table: Table) -> Iterator[Reference]:
    for row, where in _tables(table, "rows"):
        yield from _named("vendor", row, (*where, "vendor"))


def _of_cases(table: Table) -> Iterator[Reference]:
    yield from _named("prohibition", table, ("prohibition",))
    for case, where in _tables(table, "case"):
        reasons = case.get("reasons")
        for code in reasons if isinstance(reasons, dict) else ():
            yield Reference("clause", code, (*where, "reasons", code))
        yield from _named("profile", case, (*where, "profile"))


def _of_profile(_: Table) -> Iterator[Reference]:
    return iter(())


_FAMILIES: dict[str, Callable[[Table], Iterator[Reference]]] = {
    "prohibitions": _of_prohibition,
    "vendors": _of_vendor,
    "lists": _of_list,
    "profiles": _of_profile,
    "cases": _of_cases,
}


def _tables(table: Table, key: str) -> Iterator[tuple[Table, tuple[int | str, ...]]]:
    rows = table.get(key)
    for number, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, dict):
            yield row, (key, number)


def _named(what: str, table: Table, where: tuple[int | str, ...]) -> Iterator[Reference]:
    """One id, or a list of them. In place of a list a single word is `vendors = "any"`, or a fault of its own."""
    said = table.get(str(where[-1]))
    is_list = str(where[-1]) in ("vendors", "lists", "replaces")
    for one in (said if isinstance(said, list) else ()) if is_list else [said]:
        if isinstance(one, str):
            yield Reference(what, one, where)
