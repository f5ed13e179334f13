"""Answers that may be asked for again, and no more than so many: a service runs for months, and anybody may ask it."""

from typing import TypeVar

MOST_KEPT = 100_000
"""Short answers that are remembered of one kind."""

FEWER_KEPT = 4_000
"""The same where an answer takes a few kilobytes."""

FEWEST_KEPT = 8
"""The same of a law as it was known at some time: nearly always everybody asks for today's."""

LONGEST = 4_096
"""Letters of a text, beyond which nothing is remembered of it: nobody fills the memory with a few long ones."""

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


def keep(answers: dict[Asked, Answer], asked: Asked, answer: Answer, most: int | None = None) -> Answer:
    """Remember an answer; when there are too many, all others are forgotten."""
    if len(answers) >= (MOST_KEPT if most is None else most):
        answers.clear()
    answers[asked] = answer
    return answer
