"""Which acts are judged, and when: those asked for, and those they imply."""

from collections.abc import Iterable, Sequence
from functools import cache

from gate.subject import Act, Component
from policy.dates import Moment, Span
from policy.vocabulary import (
    ACT_IMPLIES,
    ACT_OF_AGREEMENT,
    CONTINUING_ACTS,
    DELIVERY_ACTS,
    PASSING_ON,
    Agreement,
)
from policy.vocabulary import Act as Word

Asked = tuple[str, Span | None]
"""An act by name, with a time of its own if one was stated."""


def acts_of(
    asked: Sequence[Asked],
    *,
    ordered: Moment,
    delivered: Moment | None = None,
    term: Span | None = None,
    agreement: str | None = None,
) -> tuple[Act, ...]:
    """The acts of a request or an SBOM check. Nothing asked and no agreement stated: one act without a name."""
    if not asked:
        if agreement is None:
            return (Act(None, Span(ordered)),)
        asked = [(ACT_OF_AGREEMENT[Agreement(agreement)].value, None)]
    times = dict(asked)
    if agreement in (Agreement.RENEWAL, Agreement.OPTION) and Word.ACQUIRE in times:
        times[Word.RENEW.value] = times.pop(Word.ACQUIRE.value)
    arrival = delivered if delivered is not None else ordered

    def time_of(word: str) -> Span:
        if word in CONTINUING_ACTS:
            return term or Span(arrival)
        return Span(arrival if word in DELIVERY_ACTS else ordered)

    spans = {name: span or time_of(name) for name, span in times.items()}
    queue = list(spans)
    while queue:
        word = queue.pop()
        if word in (Word.ACQUIRE, Word.RENEW) and not PASSING_ON.isdisjoint(spans):
            continue  # bought to be passed on, so not for the buyer's own use
        for implied in _implied_by(word):
            if implied not in spans:
                spans[implied] = spans[word] if word == Word.USE else time_of(implied)
                queue.append(implied)
    return tuple(Act(word, spans[word]) for word in sorted(spans))


def contracts(components: Iterable[Component]) -> bool:
    """Whether anybody is contracted with who uses what is banned. Most lines of a request stand at one place."""
    asked = {id(component.place): component.place.acts for component in components}
    return any(act.name == Word.CONTRACT_WITH_USER for acts in asked.values() for act in acts)


@cache
def _implied_by(word: str) -> tuple[str, ...]:
    return tuple(implied.value for implied in ACT_IMPLIES.get(Word(word), ()))
