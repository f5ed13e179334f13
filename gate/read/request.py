"""A purchase request -> Subject: lines, who buys, what is done when, and the SBOMs attached to lines.

Strict: unknown keys and words outside the vocabulary are refused. What a request does not say is unknown, not no.
"""

from collections.abc import Callable, Set
from datetime import datetime
from enum import Enum
from functools import cache

import msgspec

from gate.acts import Asked, acts_of, contracts
from gate.digest import sha256
from gate.errors import ReadError
from gate.identity import SCHEMES, is_named
from gate.read.bom import BOTH, PART, PRODUCER, SUPPLIER, Found
from gate.read.form import Attachment, Line, Party, Request, Term, TimedAct, decode
from gate.read.locate import line_in_json
from gate.read.twice import refuse_twice
from gate.subject import Act, Buyer, Component, Organisation, Person, Place, Subject, settle
from policy import roles, vocabulary
from policy.dates import Moment, Span, is_whole, parsed, shift
from policy.facts import FACTS, Stated, countries, unfit
from policy.spelling import meant

Attach = Callable[[str, str | None], Found]
"""Path (or the digest where no path is said) and digest of a line's SBOM -> what it holds; the edge gives it."""


def read(data: bytes, name: str, attach: Attach) -> Subject:
    """The request. Raises ReadError: file, place and remedy."""
    refuse_twice(data, name)  # requests are small: every one is checked exactly
    try:
        request = decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        from gate.read.fault import fault_in

        raise fault_in(data, name, error, form=Request) from error
    return _Reader(data, name, attach).subject(request)


class _Reader:
    """Reads one request; it holds what every refusal names, the document and its file."""

    def __init__(self, data: bytes, name: str, attach: Attach) -> None:
        self._data = data
        self._name = name
        self._attach = attach
        self._purposes: frozenset[str] | None = None  # the request's own, once: both lists may be long
        self._alike: dict[object, Place] = {}  # of lines that leave all to the request: worked out once

    def subject(self, request: Request) -> Subject:
        """The whole request."""
        ordered = self._moment(request.ordered, "/ordered")
        self._purposes = self._words(request.purposes, vocabulary.Purpose, "/purposes")
        components: list[Component] = []
        bare: list[str] = []
        attached: dict[str, str] = {}
        for number, line in enumerate(request.lines):
            pointer = f"/lines/{number}"
            product = self._component(line, pointer, f"line:{line.id or number + 1}")
            product.place = self._place(request, line, product, pointer)
            components.append(product)
            if line.sbom is not None:
                found = self._attached(line.sbom, pointer)
                attached[f"{pointer}/sbom"] = line.sbom.called
                components.extend(self._parts(found, product, pointer))
                if found.is_bare or not found.components:
                    bare.append(f"{pointer}/sbom")
        uses = request.supplier_uses
        for number, line in enumerate(uses or ()):
            pointer = f"/supplier_uses/{number}"
            used = self._component(line, pointer, f"supplier-uses:{line.id or number + 1}")
            used.place = self._used(request, line, ordered, pointer)
            components.append(used)
        return Subject(
            kind="request",
            name=request.id,
            digest=sha256(self._data),
            buyer=Buyer(request.buyer.name, self._words(request.buyer.roles, roles.Role, "/buyer/roles")),
            as_of=ordered,
            components=components,
            unsaid=("supplier_uses",) if uses is None and contracts(components) else (),
            bare=tuple(bare),
            dated=True,
            attached=attached,
        )

    def _place(self, request: Request, line: Line, product: Component, pointer: str) -> Place:
        alike = (is_named(product.supplier), is_named(product.manufacturer), line.category)
        if line.leaves_all and alike in self._alike:
            return self._alike[alike]
        agreement = self._word(line.agreement, vocabulary.Agreement, f"{pointer}/agreement") or self._word(
            request.agreement, vocabulary.Agreement, "/agreement"
        )
        from_line = bool(line.acts)
        asked = self._asked(line.acts or request.acts, f"{pointer}/acts" if from_line else "/acts")
        self._refuse_contradiction(agreement, dict(asked).keys(), f"{pointer}/acts" if from_line else "/acts")
        ordered, delivered, term = self._times(request, line, pointer, agreement)
        acts = acts_of(asked, ordered=ordered, delivered=delivered, term=term, agreement=agreement)
        place = Place(
            worlds=(PRODUCER,) if alike[0] else (PRODUCER, BOTH),
            supplier_worlds=(SUPPLIER,) if alike[1] else (SUPPLIER, BOTH),
            acts=acts,
            agreement=agreement,
            purposes=self._words(line.purposes, vocabulary.Purpose, f"{pointer}/purposes") or self._purposes,
            facts=self._facts(request, line, pointer),
            category=self._word(line.category, vocabulary.Category, f"{pointer}/category"),
            request=request.id,
            is_request=True,
        )
        return self._alike.setdefault(alike, place) if line.leaves_all else place

    def _refuse_contradiction(self, agreement: str | None, asked: Set[str], pointer: str) -> None:
        if agreement in (vocabulary.Agreement.RENEWAL, vocabulary.Agreement.OPTION) and {"acquire", "renew"} <= asked:
            raise self._fault(
                "To acquire under a renewal is to renew, and both are asked", pointer, "Ask for renew alone."
            )
        if agreement == vocabulary.Agreement.EXISTING and not {"acquire", "renew"}.isdisjoint(asked):
            raise self._fault(
                "Under an existing agreement nothing is acquired or renewed",
                pointer,
                "Say which agreement is made (new, renewal, option), or ask for what is done under the existing one.",
            )

    def _times(
        self, request: Request, line: Line, pointer: str, agreement: str | None
    ) -> tuple[Moment, Moment | None, Span | None]:
        """When it is ordered, delivered and used: the line's own times before the request's."""
        of_order, of_delivery, of_term = (
            f"{pointer}/{key}" if getattr(line, key) is not None else f"/{key}"
            for key in ("ordered", "delivered", "term")
        )
        ordered = self._moment(line.ordered if line.ordered is not None else request.ordered, of_order)
        arrival = line.delivered if line.delivered is not None else request.delivered
        delivered = None if arrival is None else self._moment(arrival, of_delivery)
        term = self._term(line.term or request.term, of_term)
        # What an agreement renews or goes on with has been there; what is bought anew cannot have been.
        is_new = agreement in (None, vocabulary.Agreement.NEW)
        if is_new and delivered is not None and shift(ordered, delivered).days < 0:
            raise self._fault(
                "It is delivered before it is ordered",
                of_delivery,
                "State as `term` for how long what is there is used.",
            )
        # A term may begin before the order, as a late renewal's does. It cannot be over by then.
        ends = term.ends if term is not None and agreement != vocabulary.Agreement.EXISTING else None
        if ends is not None and not is_whole(delivered or ordered, ends):
            raise self._fault("The term is over when it is ordered or delivered", of_term, "State the term now agreed.")
        return ordered, delivered, term

    def _used(self, request: Request, line: Line, ordered: Moment, pointer: str) -> Place:
        self._word(line.agreement, vocabulary.Agreement, f"{pointer}/agreement")
        if self._asked(line.acts, f"{pointer}/acts"):
            raise self._fault("What a supplier uses is not acted on", f"{pointer}/acts", "Leave acts out here.")
        if line.sbom is not None:
            raise self._fault("The SBOM of what is used is not read", f"{pointer}/sbom", "Name its product.")
        position = frozenset({vocabulary.Position.USED_BY_SUPPLIER.value})
        return Place(
            worlds=(position,),
            supplier_worlds=(position,),
            acts=(Act(vocabulary.Act.CONTRACT_WITH_USER.value, Span(ordered)),),
            agreement=self._word(request.agreement, vocabulary.Agreement, "/agreement"),
            purposes=self._words(line.purposes, vocabulary.Purpose, f"{pointer}/purposes") or self._purposes,
            facts=self._facts(request, line, pointer),
            category=self._word(line.category, vocabulary.Category, f"{pointer}/category"),
            request=request.id,
            is_request=True,
        )

    def _component(self, line: Line, pointer: str, ref: str) -> Component:
        maker = self._party(line.manufacturer, f"{pointer}/manufacturer")
        if not (line.product or line.purl or line.cpe or is_named(maker)):
            raise self._fault("The line names no product", pointer, "State product, purl, cpe or manufacturer.")
        return Component(
            ref=ref,
            name=line.product,
            version=line.version,
            purl=line.purl,
            cpe=line.cpe,
            supplier=self._party(line.supplier, f"{pointer}/supplier"),
            manufacturer=maker,
            pointer=pointer,
        )

    def _party(self, party: Party | None, pointer: str) -> Organisation | None:
        if party is None:
            return None
        if party.name and not (party.url or party.email or party.country or party.identifiers):
            return Organisation(party.name)
        if party.country and party.country not in countries():
            remedy = "Write the two letters of ISO 3166-1: RU, CN."
            raise self._fault(f"{party.country[:40]!r} is no country code", f"{pointer}/country", remedy)
        if unknown := sorted(party.identifiers.keys() - SCHEMES):
            known = f"Known are {', '.join(sorted(SCHEMES))}."
            raise self._fault(f"{unknown[0][:40]!r} is no known identifier", f"{pointer}/identifiers", known)
        found = Organisation(
            name=party.name,
            urls=[party.url] if party.url else None,
            contacts=[Person(mail=party.email)] if party.email else None,
            identifiers={scheme: value for scheme, value in party.identifiers.items() if value} or None,
            country=party.country or None,
        )
        return found if found.name or found.country or is_named(found) else None

    def _attached(self, attachment: Attachment, pointer: str) -> Found:
        try:
            return self._attach(attachment.called, attachment.digest)
        except ReadError as error:
            if error.file is None:
                raise self._fault(error.what, f"{pointer}/sbom{error.pointer or ''}", error.remedy) from error
            raise

    def _parts(self, found: Found, product: Component, pointer: str) -> list[Component]:
        """The components of a line's SBOM: its root is the line's own product, the rest are parts of it."""
        line: Place = product.place
        # Facts stay: a fact that a line states is said of it and of what is in it.
        part = msgspec.structs.replace(line, worlds=(PART,), supplier_worlds=(PART,), category=None, is_request=False)
        # Who supplied the thing to whoever wrote the SBOM need not be whom the buyer contracts with.
        root = msgspec.structs.replace(line, supplier_worlds=(PRODUCER, BOTH), is_request=False)
        either = msgspec.structs.replace(part, worlds=(PART, PRODUCER), supplier_worlds=(PART, PRODUCER))
        for number in range(len(found.components)):
            component = settle(found.components, found.stretches, number)
            old: Place = component.place
            if component.pointer.startswith(("/components", "/services", "/metadata/component/")):
                new = either if len(old.worlds) > 1 else part
            else:
                new = root
            component.place = msgspec.structs.replace(new, guesses_cpes=old.guesses_cpes)
            component.pointer = f"{pointer}/sbom#{component.pointer}"
        return found.components

    def _asked(self, acts: list[str | TimedAct], pointer: str) -> list[Asked]:
        asked: list[Asked] = []
        for number, act in enumerate(acts):
            here = f"{pointer}/{number}"
            timed = TimedAct(act) if isinstance(act, str) else act
            self._word(timed.act, vocabulary.Act, here)
            if any(timed.act == name for name, _ in asked):
                raise self._fault(f"{timed.act!r} is asked twice", here, "Ask for an act once; a stretch may be long.")
            if timed.on is not None and (timed.starts or timed.ends):
                raise self._fault("An act is either `on` a moment or from `starts` to `ends`", here, "State one.")
            if timed.on is not None:
                asked.append((timed.act, Span(self._moment(timed.on, f"{here}/on"))))
            elif timed.starts is not None and timed.ends is not None:
                asked.append((timed.act, self._term(Term(timed.starts, timed.ends), here)))
            elif timed.starts is not None or timed.ends is not None:
                raise self._fault("A stretch needs both `starts` and `ends`", here, "State both, or `on`.")
            else:
                asked.append((timed.act, None))
        return asked

    def _term(self, term: Term | None, pointer: str) -> Span | None:
        if term is None:
            return None
        starts, ends = self._moment(term.starts, f"{pointer}/starts"), self._moment(term.ends, f"{pointer}/ends")
        if not is_whole(starts, ends):
            raise self._fault("`ends` is the first instant after, so it must be later than `starts`", pointer, None)
        return Span(starts, ends)

    def _moment(self, text: str, pointer: str) -> Moment:
        remedy = "Write a day (2024-07-20) or an instant with its offset (2024-07-20T09:30:00-04:00)."
        try:
            moment = parsed(text)
        except ValueError as error:
            raise self._fault(f"{text[:40]!r} is no date", pointer, remedy) from error
        if isinstance(moment, datetime) and moment.utcoffset() is None:
            raise self._fault(f"{text[:40]!r} says no offset from UTC", pointer, remedy)
        if not 1990 <= moment.year <= 2200:
            raise self._fault(f"{text[:40]!r} lies outside the years 1990 to 2200", pointer, remedy)
        return moment

    def _word(self, word: str | None, vocabulary_of: type[Enum], pointer: str) -> str | None:
        if word is not None and word not in _values(vocabulary_of):
            raise self._fault(f"{word[:40]!r} is not known", pointer, meant(word, _values(vocabulary_of)))
        return word

    def _words(self, given: list[str], vocabulary_of: type[Enum], pointer: str) -> frozenset[str] | None:
        for number, word in enumerate(given):
            self._word(word, vocabulary_of, f"{pointer}/{number}")
        return frozenset(given) or None

    def _facts(self, request: Request, line: Line, pointer: str) -> tuple[tuple[str, Stated], ...]:
        for facts, where in ((request.facts, "/facts"), (line.facts, f"{pointer}/facts")):
            for name, said in facts.items():
                if name not in FACTS:
                    raise self._fault(f"{name[:40]!r} is no known fact", f"{where}/{name}", meant(name, FACTS))
                if (wrong := unfit(FACTS[name], said)) is not None:
                    remedy = f"{wrong[:1].upper()}{wrong[1:]}."
                    raise self._fault(f"{str(said)[:40]!r} is no value of {name!r}", f"{where}/{name}", remedy)
        return tuple(sorted({**request.facts, **line.facts}.items()))

    def _fault(self, what: str, pointer: str, remedy: str | None) -> ReadError:
        return ReadError(what, file=self._name, pointer=pointer, line=line_in_json(self._data, pointer), remedy=remedy)


@cache
def _values(vocabulary_of: type[Enum]) -> dict[str, None]:
    return {member.value: None for member in vocabulary_of}
