"""A purchase request -> Subject: lines, who buys, what is done when, and the SBOMs attached to lines.

Strict: unknown keys and words outside the vocabulary are refused. What a request does not say is unknown, not no.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import date, datetime
from enum import Enum

import msgspec

from gate.acts import Asked, acts_of
from gate.errors import ReadError
from gate.identity import is_named
from gate.read.bom import BOTH, PART, PRODUCER, SUPPLIER, Found
from gate.read.form import Attachment, Line, Party, Request, Term, TimedAct
from gate.read.locate import line_in_json
from gate.read.twice import refuse_twice
from gate.subject import Act, Buyer, Component, Organisation, Person, Place, Subject, settle
from policy import roles, vocabulary
from policy.dates import Moment, Span, is_whole
from policy.facts import FACTS, Stated, unfit

Attach = Callable[[str, str | None], Found]
"""Path and digest of a line's SBOM -> what it holds; given by the edge, which may touch the disk."""


def read(data: bytes, name: str, attach: Attach) -> Subject:
    """The request. Raises ReadError: file, place and remedy."""
    from gate.read.fault import fault_in

    refuse_twice(data, name)  # requests are small: every one is checked exactly
    try:
        request = msgspec.json.decode(data, type=Request)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise fault_in(data, name, error) from error
    return _Reader(data, name, attach).subject(request)


class _Reader:
    """Reads one request; it holds what every refusal names, the document and its file."""

    def __init__(self, data: bytes, name: str, attach: Attach) -> None:
        self._data = data
        self._name = name
        self._attach = attach

    def subject(self, request: Request) -> Subject:
        """The whole request."""
        ordered = self._moment(request.ordered, "/ordered")
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
                attached[f"{pointer}/sbom"] = line.sbom.path
                components.extend(self._parts(found, product, pointer))
                if found.is_bare or not found.components:
                    bare.append(f"{pointer}/sbom")
        uses = request.supplier_uses
        asked = {act.name for component in components for act in component.place.acts}
        for number, line in enumerate(uses or ()):
            pointer = f"/supplier_uses/{number}"
            used = self._component(line, pointer, f"supplier-uses:{line.id or number + 1}")
            used.place = self._used(request, line, ordered, pointer)
            components.append(used)
        return Subject(
            kind="request",
            name=request.id,
            digest="sha256:" + hashlib.sha256(self._data).hexdigest(),
            buyer=Buyer(request.buyer.name, self._words(request.buyer.roles, roles.Role, "/buyer/roles")),
            as_of=ordered,
            components=components,
            unsaid=("supplier_uses",) if vocabulary.Act.CONTRACT_WITH_USER in asked and uses is None else (),
            bare=tuple(bare),
            dated=True,
            attached=attached,
        )

    def _place(self, request: Request, line: Line, product: Component, pointer: str) -> Place:
        agreement = self._word(line.agreement, vocabulary.Agreement, f"{pointer}/agreement") or self._word(
            request.agreement, vocabulary.Agreement, "/agreement"
        )
        from_line = bool(line.acts)
        asked = self._asked(line.acts or request.acts, f"{pointer}/acts" if from_line else "/acts")
        if (
            agreement in (vocabulary.Agreement.RENEWAL, vocabulary.Agreement.OPTION)
            and {"acquire", "renew"} <= dict(asked).keys()
        ):
            where = f"{pointer}/acts" if from_line else "/acts"
            raise self._fault(
                "To acquire under a renewal is to renew, and both are asked", where, "Ask for renew alone."
            )
        acts = acts_of(
            asked,
            ordered=self._of(line.ordered, request.ordered, pointer, "ordered"),
            delivered=self._moment_or_none(line.delivered, f"{pointer}/delivered")
            or self._moment_or_none(request.delivered, "/delivered"),
            term=self._term(line.term, f"{pointer}/term") or self._term(request.term, "/term"),
            agreement=agreement,
        )
        supplier, manufacturer = product.supplier, product.manufacturer
        return Place(
            worlds=(PRODUCER,) if is_named(supplier) else (PRODUCER, BOTH),
            supplier_worlds=(SUPPLIER,) if is_named(manufacturer) else (SUPPLIER, BOTH),
            acts=acts,
            agreement=agreement,
            purposes=self._words(line.purposes, vocabulary.Purpose, f"{pointer}/purposes")
            or self._words(request.purposes, vocabulary.Purpose, "/purposes"),
            facts=self._facts(request, line, pointer),
            category=self._word(line.category, vocabulary.Category, f"{pointer}/category"),
            request=request.id,
            is_request=True,
        )

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
            purposes=self._words(line.purposes, vocabulary.Purpose, f"{pointer}/purposes")
            or self._words(request.purposes, vocabulary.Purpose, "/purposes"),
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
        if party.country is not None and re.fullmatch("[A-Z]{2}", party.country) is None:
            remedy = "Write its two letters (ISO 3166), such as DE."
            raise self._fault(f"{party.country[:40]!r} is no country", f"{pointer}/country", remedy)
        if not (party.name or party.url or party.email or party.country or any(party.identifiers.values())):
            return None
        return Organisation(
            name=party.name,
            urls=[party.url] if party.url else None,
            contacts=[Person(mail=party.email)] if party.email else None,
            identifiers={scheme: value for scheme, value in party.identifiers.items() if value} or None,
            country=party.country,
        )

    def _attached(self, attachment: Attachment, pointer: str) -> Found:
        try:
            return self._attach(attachment.path, attachment.digest)
        except ReadError as error:
            if error.file is None:
                raise self._fault(error.what, f"{pointer}/sbom", error.remedy) from error
            raise

    def _parts(self, found: Found, product: Component, pointer: str) -> list[Component]:
        """The components of a line's SBOM: its root is the line's own product, the rest are parts of it."""
        line: Place = product.place
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

    def _of(self, own: str | None, shared: str, pointer: str, key: str) -> Moment:
        return self._moment(own, f"{pointer}/{key}") if own is not None else self._moment(shared, f"/{key}")

    def _term(self, term: Term | None, pointer: str) -> Span | None:
        if term is None:
            return None
        starts, ends = self._moment(term.starts, f"{pointer}/starts"), self._moment(term.ends, f"{pointer}/ends")
        if not is_whole(starts, ends):
            raise self._fault("`ends` is the first instant after, so it must be later than `starts`", pointer, None)
        return Span(starts, ends)

    def _moment_or_none(self, text: str | None, pointer: str) -> Moment | None:
        return None if text is None else self._moment(text, pointer)

    def _moment(self, text: str, pointer: str) -> Moment:
        remedy = "Write a day (2024-07-20) or an instant with its offset (2024-07-20T09:30:00-04:00)."
        try:
            moment = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
        except ValueError as error:
            raise self._fault(f"{text[:40]!r} is no date", pointer, remedy) from error
        if isinstance(moment, datetime) and moment.utcoffset() is None:
            raise self._fault(f"{text[:40]!r} says no offset from UTC", pointer, remedy)
        if not 1990 <= moment.year <= 2200:
            raise self._fault(f"{text[:40]!r} lies outside the years 1990 to 2200", pointer, remedy)
        return moment

    def _word(self, word: str | None, vocabulary_of: type[Enum], pointer: str) -> str | None:
        words = [member.value for member in vocabulary_of]
        if word is not None and word not in words:
            raise self._fault(f"{word[:40]!r} is not known", pointer, f"Known are {', '.join(words)}.")
        return word

    def _words(self, given: list[str], vocabulary_of: type[Enum], pointer: str) -> frozenset[str] | None:
        for number, word in enumerate(given):
            self._word(word, vocabulary_of, f"{pointer}/{number}")
        return frozenset(given) or None

    def _facts(self, request: Request, line: Line, pointer: str) -> tuple[tuple[str, Stated], ...]:
        for facts, where in ((request.facts, "/facts"), (line.facts, f"{pointer}/facts")):
            for name, said in facts.items():
                if name not in FACTS:
                    known = f"Known are {', '.join(FACTS)}."
                    raise self._fault(f"{name[:40]!r} is no known fact", f"{where}/{name}", known)
                if (wrong := unfit(FACTS[name], said)) is not None:
                    remedy = f"{wrong[:1].upper()}{wrong[1:]}."
                    raise self._fault(f"{str(said)[:40]!r} is no value of {name!r}", f"{where}/{name}", remedy)
        return tuple(sorted({**request.facts, **line.facts}.items()))

    def _fault(self, what: str, pointer: str, remedy: str | None) -> ReadError:
        return ReadError(what, file=self._name, pointer=pointer, line=line_in_json(self._data, pointer), remedy=remedy)
