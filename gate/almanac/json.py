"""The almanac for programs: every clause with its phase and dates, and what comes next."""

import msgspec

from gate.almanac.content import Almanac, Edge, Term, effect_of
from gate.law import Clause
from policy.dates import Phase

SCHEMA = 1

WORDS = {Phase.BEFORE: "to-come", Phase.IN_FORCE: "in-force", Phase.ENDED: "ended"}


def render(almanac: Almanac) -> bytes:
    """One object. A clause has a term, and one that goes by a list has one for each day of the list.

    Instants are UTC; a `day` is a legal day where the instrument comes from.
    """
    body = {
        "schema": SCHEMA,
        "on": almanac.on,
        "law": {"version": almanac.version, "digest": almanac.digest},
        "roles": almanac.roles,
        "clauses": [_clause(clause) for clause in almanac.clauses],
        "terms": [_term(term, almanac) for term in almanac.terms],
        "next": [_edge(edge) for edge in almanac.coming()],
    }
    return msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n"


def _clause(clause: Clause) -> dict[str, object]:
    return {
        "code": clause.code,
        "title": clause.title,
        "authority": clause.authority,
        "jurisdiction": clause.jurisdiction,
        "kind": clause.kind,
        "effect": effect_of(clause),
        "text": clause.text,
        "note": clause.note,
        "remedy": clause.remedy,
        "binds": sorted(clause.binds),
        "acts": sorted(clause.acts),
        "vendors": sorted(clause.vendors),
        "lists": sorted(clause.lists),
        "controlled_from": sorted(clause.controlled_from),
        "time_zone": clause.time_zone,
        "ends_with": clause.ends_with,
        "citation": clause.citation,
        "provenance": clause.provenance,
        "published": clause.published,
        "checked": clause.checked,
    }


def _term(term: Term, almanac: Almanac) -> dict[str, object]:
    return {
        "code": term.clause.code,
        "phase": WORDS[almanac.phase(term)],
        "in_force": term.interval,
        "listed": term.listed,
    }


def _edge(edge: Edge) -> dict[str, object]:
    return {"day": edge.day, "at": edge.at, "code": edge.clause.code, "what": edge.what, "listed": edge.listed}
