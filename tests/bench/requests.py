"""What a purchase request costs where the law has answered its like before, as in a service.

Run with `python -m tests.bench.requests`; it measures and does not test.
"""

import argparse
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from time import perf_counter
from typing import Any

import msgspec

from gate import Asking, check, load
from gate.match import Matcher
from gate.read import read
from gate.read.locate import Source
from gate.record import record, wire
from gate.screen import Sieve

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)

TERM = {"starts": "2026-12-01", "ends": "2027-12-01"}

RESELLER = {"name": "CDW LLC", "url": "https://www.cdw.com"}

HARMLESS = {"product": "Label printer", "supplier": RESELLER, "manufacturer": {"name": "Acme Widgets GmbH"}}

BANNED = {
    "product": "Kaspersky Endpoint Security for Business",
    "version": "12.5",
    "quantity": 250,
    "category": "anti-virus",
    "supplier": RESELLER,
    "manufacturer": {"name": "Kaspersky Lab, Inc."},
}

REQUESTS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "nothing found": ("us-person", [HARMLESS]),
    "a company buys what is banned": ("us-person", [BANNED, HARMLESS]),
    "an agency buys it": ("us-federal-agency", [BANNED, HARMLESS]),
}


def main() -> None:
    """Measure and print one Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.requests", description=__doc__)
    parser.add_argument("--rounds", type=int, default=500, metavar="N")
    rounds = parser.parse_args().rounds
    law = load()
    sieve = Sieve(Matcher(law.register))
    print("| request | bytes | reasons | at first | read | check | record | JSON | all, ms |")
    print(f"| --- |{' ---: |' * 8}")
    for title, (role, lines) in REQUESTS.items():
        body = {"buyer": {"roles": [role]}, "agreement": "new", "ordered": "2026-11-27", "term": TERM, "lines": lines}
        spent: list[list[float]] = []
        reasons = size = 0
        for number in range(rounds):
            now = NOW + timedelta(seconds=number)
            data = msgspec.json.encode({"id": f"PR-{number}", **body})
            marks = [perf_counter()]
            subject = read(data, "x.json", now=now)
            marks.append(perf_counter())
            decision = check(subject, law, Asking(now=now), sieve)
            marks.append(perf_counter())
            one = record(decision, Source(data), now)
            marks.append(perf_counter())
            msgspec.json.encode(wire(one))
            marks.append(perf_counter())
            reasons, size = len(decision.reasons), len(data)
            spent.append([end - start for start, end in pairwise(marks)])
        steps = [median(step) for step in zip(*spent[1:], strict=True)]
        cells = " | ".join(f"{step * 1000:.3f}" for step in (sum(spent[0]), *steps, sum(steps)))
        print(f"| {title} | {size} | {reasons} | {cells} |")


if __name__ == "__main__":
    main()
