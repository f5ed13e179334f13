"""A system's payload, by its mapping -> the purchase request as JSON has it. The request's own reader then judges it.

Nothing is made up: what is not there, null, or an empty text is left out, and left out means unknown.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from gate.errors import ReadError
from gate.read.fault import fault_in
from gate.read.twice import refuse_twice
from gate.workflow import mapping as said
from gate.workflow.faults import Unmapped
from gate.workflow.payload import is_empty, known, moment
from policy.dates import shift, written

Json = dict[str, Any]


class Mapped(msgspec.Struct, frozen=True):
    """A purchase request; what its system calls the thing that waits for an answer, and where it wants the answer.

    `content` is the digest of what the payload said: the same when it is asked again, though the clock has gone on.
    """

    data: bytes
    reference: str | None
    callback: str | None  # hostile until it is found among the hosts that may be sent to
    content: str


def mapped(payload: bytes, mapping: said.Mapping, name: str, now: datetime) -> Mapped:
    """The purchase request in a payload, at the instant the gate is asked.

    Raises ReadError, and Unmapped for a field that is needed and not there.
    """
    refuse_twice(payload, name)
    try:
        root = msgspec.json.decode(payload, type=Json)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise fault_in(payload, name, error) from error
    return request_in(root, mapping, name, now)


def request_in(root: Json, mapping: said.Mapping, name: str, now: datetime) -> Mapped:
    """The same, for a payload that is decoded already."""
    taking = _Taking(root, name, now)
    reference = taking.text(mapping.reference, root, "reference") if mapping.reference else None
    callback = taking.text(mapping.callback, root, "callback") if mapping.callback else None
    request = taking.request(mapping)
    content = hashlib.sha256(msgspec.json.encode(request, order="deterministic")).hexdigest()
    return Mapped(msgspec.json.encode(taking.dated(request)), reference, callback, content)


class _Taking:
    """Takes one payload apart; it holds what every pointer and refusal needs."""

    def __init__(self, root: Json, name: str, now: datetime) -> None:
        self._root, self._name, self._now = root, name, now

    def request(self, mapping: said.Mapping) -> Json:
        """The whole request."""
        wanted = mapping.request
        found: Json = {
            "id": self.text(wanted.id, self._root, "id"),
            "ordered": None
            if isinstance(wanted.ordered, said.Now)
            else self._date(wanted.ordered, self._root, "ordered"),
            "buyer": self._buyer(wanted.buyer) if wanted.buyer else None,
            **self._circumstances(wanted, self._root, ""),
            "lines": [one for line in mapping.lines for one in self._lines(line, "lines")],
        }
        for field, taken in (("id", wanted.id), ("ordered", wanted.ordered)):
            if found[field] is None and not isinstance(taken, said.Now):
                raise self._missing(field, taken)
        if not found["lines"]:
            raise Unmapped("The payload has no line", file=self._name, remedy="Look at `each` in the mapping.")
        if mapping.supplier_uses is not None:
            lists = [list(self._lines(line, "supplier_uses")) for line in mapping.supplier_uses if self._is_said(line)]
            # An empty list says that there are none. Of several, one that is not in the payload leaves it unknown.
            is_whole = len(lists) == len(mapping.supplier_uses)
            found["supplier_uses"] = [one for lines in lists for one in lines] if is_whole else None
        return known(found)

    def dated(self, request: Json) -> Json:
        """The request as of now, if it gives no date of its own. A day of delivery before that is known to be wrong."""
        if "ordered" in request:
            return request
        for part in (request, *request["lines"]):
            if "delivered" in part and shift(self._now, written(part["delivered"])) < timedelta():
                del part["delivered"]
        return {"id": request["id"], "ordered": self._now.isoformat(), **request}

    def text(self, value: "said.Fixed | said.Said", here: Any, field: str) -> str | None:
        """One text."""
        if isinstance(value, said.Fixed):
            return value.fixed
        raw, pointer = self._find(value, here, field)
        if raw is None:
            return None
        if isinstance(raw, bool) or not isinstance(raw, str | int):
            raise self._odd(field, pointer, "a text")
        text = str(raw).strip()
        return text if value.words is None else self._translated(value, text, field)

    def _translated(self, value: said.Said, text: str, field: str) -> str | None:
        word = (value.words or {}).get(text)
        if word is None and value.needed:
            raise Unmapped(
                f"{text[:40]!r} is no word of {field} in the mapping", file=self._name, pointer=value.pointers[0]
            )
        return word

    def _lines(self, line: said.Line, where: str) -> Iterator[Json]:
        if line.each is None:
            yield self._line(line, self._root, where)
            return
        elements = self._at(self._root, line.each, where)
        if elements is None:
            return
        if not isinstance(elements, list):
            raise self._odd(where, line.each, "a list")
        for number, element in enumerate(elements):
            yield self._line(line, element, f"{where}/{number}")

    def _is_said(self, line: said.Line) -> bool:
        return line.each is None or self._at(self._root, line.each, "supplier_uses") is not None

    def _line(self, line: said.Line, here: Any, where: str) -> Json:
        texts = ("id", "product", "version", "purl", "cpe")
        found: Json = {
            name: self.text(value, here, f"{where}/{name}")
            for name in texts
            if (value := getattr(line, name)) is not None
        }
        more = self.text(line.description, here, f"{where}/description") if line.description else None
        if more is not None and more != found.get("product"):
            # What is bought may be said here alone: an item of the catalogue is called "other", too.
            found["product"] = "; ".join([*filter(None, (found.get("product"),)), more])
        if line.quantity:
            found["quantity"] = self._number(line.quantity, here, f"{where}/quantity")
        if line.category:
            found["category"] = self._word(line.category, here, f"{where}/category")
        for name, party in (("supplier", line.supplier), ("manufacturer", line.manufacturer)):
            if party:
                found[name] = self._party(party, here, f"{where}/{name}")
        if line.ordered:
            found["ordered"] = self._date(line.ordered, here, f"{where}/ordered")
        return known({**found, **self._circumstances(line, here, f"{where}/")})

    def _circumstances(self, wanted: said.Circumstances, here: Any, where: str) -> Json:
        found: Json = {}
        if wanted.agreement:
            found["agreement"] = self._word(wanted.agreement, here, f"{where}agreement")
        if wanted.acts:
            found["acts"] = self._words(wanted.acts, here, f"{where}acts")
        if wanted.purposes:
            found["purposes"] = self._words(wanted.purposes, here, f"{where}purposes")
        facts = {name: self.text(fact, here, f"{where}facts/{name}") for name, fact in wanted.facts.items()}
        found["facts"] = known(facts) or None
        if wanted.delivered:
            found["delivered"] = self._date(wanted.delivered, here, f"{where}delivered")
        if wanted.term:
            term = {at: self._date(getattr(wanted.term, at), here, f"{where}term/{at}") for at in ("starts", "ends")}
            lacking = [at for at, day in term.items() if day is None]
            if len(lacking) == 1:  # half a term is no unknown term: the other half would be lost
                raise self._missing(f"{where}term/{lacking[0]}", getattr(wanted.term, lacking[0]))
            found["term"] = None if lacking else term
        return found

    def _party(self, party: said.Party, here: Any, where: str) -> Json | None:
        found: Json = {
            name: self.text(value, here, f"{where}/{name}")
            for name in ("name", "url", "email", "country")
            if (value := getattr(party, name)) is not None
        }
        identifiers = {n: self.text(v, here, f"{where}/identifiers/{n}") for n, v in party.identifiers.items()}
        found["identifiers"] = known(identifiers) or None
        return known(found) or None

    def _buyer(self, buyer: said.Buyer) -> Json | None:
        found: Json = {}
        if buyer.name:
            found["name"] = self.text(buyer.name, self._root, "buyer/name")
        if buyer.roles:
            found["roles"] = self._words(buyer.roles, self._root, "buyer/roles")
        return known(found) or None

    def _word(self, value: "said.Agreed | said.Categorised | said.Said", here: Any, field: str) -> str | None:
        return self.text(value, here, field) if isinstance(value, said.Said) else value.fixed.value

    def _words(self, value: "said.Roles | said.Acts | said.Purposes | said.Said", here: Any, field: str) -> Any:
        """Several words: all of a list, or of a text that says one."""
        if not isinstance(value, said.Said):
            return [word.value for word in value.fixed]
        raw, pointer = self._find(value, here, field)
        if raw is None:
            return None
        texts = raw if isinstance(raw, list) else [raw]
        if not all(isinstance(text, str) for text in texts):
            raise self._odd(field, pointer, "a text or a list of texts")
        if value.words is None:
            return texts
        words = [self._translated(value, text.strip(), field) for text in texts]
        # A list is complete once it is there, so one of which a word was not understood is not there.
        return None if None in words else words

    def _number(self, value: said.Counted, here: Any, field: str) -> float | None:
        raw, pointer = self._find(value, here, field)
        if raw is None:
            return None
        text = raw.strip() if isinstance(raw, str) else raw
        if isinstance(text, str) and re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?", text):
            return float(text)
        if isinstance(text, int | float) and not isinstance(text, bool):
            return float(text)
        raise self._odd(field, pointer, "a number")

    def _date(self, value: said.Dated, here: Any, field: str) -> str | None:
        raw, pointer = self._find(value, here, field)
        if raw is None:
            return None
        if not isinstance(raw, str):
            raise self._odd(field, pointer, "a date")
        text = raw.strip()
        try:
            found = moment(text, value.form)
        except ValueError as error:
            raise self._odd(field, pointer, "a date" + (f" like {value.form}" if value.form else "")) from error
        if not isinstance(found, datetime):
            return found.isoformat()
        if value.day:
            return found.date().isoformat()
        if found.utcoffset() is None and value.zone is None:
            raise ReadError(
                f"{field} has no offset from UTC",
                file=self._name,
                pointer=pointer,
                remedy="Say in the mapping in which `zone` the system writes times, or take the `day` alone.",
            )
        zoned = found if found.utcoffset() is not None else found.replace(tzinfo=ZoneInfo(str(value.zone)))
        return zoned.isoformat()

    def _find(self, value: said.Taken, here: Any, field: str) -> tuple[Any, str]:
        """The first value there is, and its pointer."""
        start = here if value.at else self._root
        for pointer in value.pointers:
            raw = self._at(start, pointer, field)
            if raw is not None:
                return raw, pointer
        if value.needed:
            raise self._missing(field, value)
        return None, value.pointers[0]

    def _at(self, start: Any, pointer: str, field: str) -> Any:
        """What stands there; None if something on the way is missing or null. A text on the way is a mistake."""
        found = start
        if is_empty(found):
            return None
        for step in pointer.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(found, Mapping):
                found = found.get(key)
            elif isinstance(found, list) and re.fullmatch(r"0|[1-9][0-9]{0,8}", key):
                found = found[int(key)] if int(key) < len(found) else None
            else:
                raise self._odd(field, pointer, "below an object or a list")
            if is_empty(found):
                return None
        return found

    def _missing(self, field: str, value: said.Taken) -> Unmapped:
        return Unmapped(
            f"The payload lacks {field}, and without it there is no request",
            file=self._name,
            pointer=" or ".join(value.pointers),
            remedy="Fill it in, or correct the mapping.",
        )

    def _odd(self, field: str, pointer: str, wanted: str) -> ReadError:
        return ReadError(
            f"{field} is not {wanted}", file=self._name, pointer=pointer, remedy="Correct the payload or its mapping."
        )
