"""A process of a service, as far as the store sees it: it appends, and prints the id of each entry that is stored.

Run as `python -m tests.store_process URL COUNT`; COUNT 0: until it is killed.
"""

import sys
from collections import deque
from concurrent.futures import Future

from gate.asking import Asking
from gate.store import Answered, open_store
from tests.stores import NOW, Judge, request


def run(url: str, count: int) -> None:
    """Append, a few entries at a time being on their way."""
    store, judge = open_store(url), Judge()
    asking = Asking(now=NOW)
    waiting: deque[Future[Answered]] = deque()
    number = 0
    while waiting or number < count or not count:
        if (number < count or not count) and len(waiting) < 16:
            waiting.append(store.writer.append(judge.entry(store, request(number), asking=asking)))
            number += 1
            continue
        sys.stdout.write(f"{waiting.popleft().result().id}\n")
        sys.stdout.flush()
    store.close()


if __name__ == "__main__":
    run(sys.argv[1], int(sys.argv[2]))
