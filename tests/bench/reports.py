"""What reports cost on top of a decision. Run with `python -m tests.bench.reports`; it measures and does not test."""

import argparse
import json
import sys
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median

from gate import Asking, check, load
from gate.match import Matcher
from gate.read import read
from gate.read.locate import Source
from gate.record import Run, record
from gate.report import FORMATS, report
from gate.screen import Sieve
from tests.bench import sbom
from tests.bench.measure import Command, Task, in_turns, processes_in_turns

LIMIT = 0.2
"""What a report may add to the time of the decision about 10,000 components with 50 reasons, each about one component,
places in the document included."""

PROFILE = "us-federal-contractor"


def main() -> None:
    """Measure and print one Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.reports", description=__doc__)
    parser.add_argument("--components", type=int, default=10_000, metavar="N")
    parser.add_argument("--hits", type=int, default=6, metavar="N", help="components that are denied, by nine clauses")
    parser.add_argument("--rounds", type=int, default=9, metavar="N")
    parser.add_argument("--pretty", action="store_true", help="a document with a line for each value, not on one line")
    arguments = parser.parse_args()
    text = "".join(sbom.pieces(arguments.components, hits=arguments.hits))
    data = (json.dumps(json.loads(text), indent=2) if arguments.pretty else text).encode()
    law, now = load(), datetime.now(UTC)
    asking, sieve = Asking(now=now, profile=law.profiles[PROFILE]), Sieve(Matcher(law.register))

    def decide() -> object:
        subject = read(data, "bench.json", now=now)
        return subject, check(subject, law, asking, sieve)

    decision = check(read(data, "bench.json", now=now), law, asking, sieve)
    one = record(decision, Source(data), now, "bench.json")
    run = Run((one,))
    tasks = [
        Task("decide", decide, arguments.rounds),
        Task("places", lambda: record(decision, Source(data), now, "bench.json"), arguments.rounds),
    ]
    tasks += [Task(form, partial(report(form), run, False), arguments.rounds) for form in FORMATS]
    spent = {name: median(seconds) for name, seconds in in_turns(tasks).items()}
    found = sum(len(reason.components) for reason in decision.reasons)
    whole = as_commands(data, arguments.rounds)
    alone = whole["text"] - spent["places"] - spent["text"]
    print(
        f"{arguments.components} components, {len(data) / 1e6:.1f} MB, {len(decision.reasons)} reasons about {found} "
        f"components. To read and decide takes {spent['decide'] * 1000:.1f} ms, to find the places and make the "
        f"record {spent['places'] * 1000:.1f} ms.\n"
    )
    print(
        f"`gate check` takes {alone * 1000:.0f} ms without places and report.\n\n"
        "| report | ms | with the places, of reading and deciding | of all `gate check` |\n| --- | ---: | ---: | ---: |"
    )
    for form in FORMATS:
        shares = (spent[form] + spent["places"]) / spent["decide"], whole[form] / alone - 1
        told = " | ".join(f"{share:.0%}{'' if share <= LIMIT else ' (over)'}" for share in shares)
        print(f"| `{form}` | {spent[form] * 1000:.1f} | {told} |")


def as_commands(data: bytes, rounds: int) -> dict[str, float]:
    """Seconds that `gate check` takes with each report, as a whole process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.json"
        path.write_bytes(data)
        command = (sys.executable, "-m", "gate", "check", str(path), "--profile", PROFILE, "--format")
        spent = processes_in_turns([Command(form, (*command, form), (1,)) for form in FORMATS], rounds)
    return {form: median(one.seconds for one in runs) for form, runs in spent.items()}


if __name__ == "__main__":
    main()
