"""How often an actor may ask: a bucket of tokens for each, filled evenly. Each process of the server has its own."""

MOST_BUCKETS = 10_000
"""Actors remembered at once; beyond that all start anew, which errs on the side of answering."""


class Rate:
    """So many requests a minute for each actor, and as many at once as a minute holds. 0: no limit."""

    def __init__(self, per_minute: float) -> None:
        self._most = per_minute
        self._per_second = per_minute / 60
        self._buckets: dict[str, tuple[float, float]] = {}  # actor -> tokens, and when they were counted

    def wait(self, actor: str, now: float, count: int = 1) -> float:
        """Take so many tokens, or all there can be. 0, or the seconds until there are. `now` is a steady clock's."""
        if not self._most:
            return 0
        wanted = max(1.0, min(count, self._most))
        tokens, since = self._buckets.get(actor) or (self._most, now)
        tokens = min(self._most, tokens + (now - since) * self._per_second)
        if tokens < wanted:
            self._buckets[actor] = (tokens, now)
            return (wanted - tokens) / self._per_second
        if len(self._buckets) >= MOST_BUCKETS:
            self._buckets.clear()
        self._buckets[actor] = (tokens - wanted, now)
        return 0
