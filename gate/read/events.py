"""JSON text, event by event: without recursion, however deep it nests, and with the place of everything.

Slow and exact: only what is nested too deeply for the fast parser, or is refused, comes here.
"""

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

Event = tuple[str, Any, int]
"""A mark, what it holds, and where: "{", "[", "}" and "]"; "key" with the key; "value" with a string or a scalar."""

_CLOSERS = {"{": "}", "[": "]"}
_gap = re.compile(r"[ \t\n\r]*").match


def events(text: str) -> Iterator[Event]:
    """Every event of a JSON text. Raises json.JSONDecodeError."""
    closers: list[str] = []
    at = _after_gap(text, 0)
    while True:
        mark = text[at : at + 1]
        is_empty = True  # a scalar has nothing within it, either
        if closer := _CLOSERS.get(mark):
            yield mark, None, at
            closers.append(closer)
            at = _after_gap(text, at + 1)
            is_empty = text[at : at + 1] == closer
        else:
            value, end = _scalar(text, at)
            yield "value", value, at
            at = _after_gap(text, end)
        if is_empty:
            while closers and text[at : at + 1] == closers[-1]:
                yield closers.pop(), None, at
                at = _after_gap(text, at + 1)
            if not closers:
                break
            at = _after_gap(text, _after(",", text, at))
        if closers[-1] == "}":
            if text[at : at + 1] != '"':
                raise json.JSONDecodeError("a key is missing", text, at)
            key, end = _scalar(text, at)
            yield "key", key, at
            at = _after_gap(text, _after(":", text, _after_gap(text, end)))
    if at < len(text):
        raise json.JSONDecodeError("something follows its end", text, at)


def offset_of(text: str, steps: list[str]) -> int | None:
    """Where the value begins to which these keys and numbers lead; None if there is none."""
    here: list[str | int] = []  # in every open object and list the key or the number at hand
    entered = 0  # how many of the steps led to where we are
    for mark, value, at in events(text):
        if mark == "key":
            here[-1] = value
        elif mark in "}]":
            here.pop()
            entered = min(entered, len(here) - 1)
        else:
            depth = len(here)
            if depth and isinstance(here[-1], int):
                here[-1] += 1
            leads_on = not depth or (entered == depth - 1 and str(here[-1]) == steps[entered])
            if leads_on and depth == len(steps):
                return at
            if mark != "value":
                entered = depth if leads_on else entered
                here.append("" if mark == "{" else -1)
    return None


def open_at_break(text: str) -> list[str]:
    """The keys and numbers that lead to where a text ceases to be JSON."""
    here: list[str | int | None] = []  # in every open object and list the key or the number at hand, if there is one
    with contextlib.suppress(json.JSONDecodeError):
        for mark, value, _ in events(text):
            if mark == "key":
                here[-1] = value
            elif mark in "}]":
                here.pop()
            else:
                if here and isinstance(here[-1], int):
                    here[-1] += 1
                if mark != "value":
                    here.append(None if mark == "{" else -1)
    return [str(step) for step in here if step not in (None, -1)]


def _after_gap(text: str, at: int) -> int:
    if text[at : at + 1] > " ":
        return at
    gap = _gap(text, at)
    return gap.end() if gap else at


def _after(mark: str, text: str, at: int) -> int:
    if text[at : at + 1] != mark:
        raise json.JSONDecodeError(f"{mark!r} is missing", text, at)
    return at + 1


def _scalar(text: str, at: int) -> tuple[Any, int]:
    value, end = _DECODER.raw_decode(text, at)
    if isinstance(value, float) and value != 0:
        raise json.JSONDecodeError("NaN and Infinity are no numbers", text, at)
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise json.JSONDecodeError("half of a surrogate pair", text, at) from error
    return value, end


def _unread(_: str) -> float:
    return 0.0  # no number is ever looked at, and Python refuses to read one of five thousand digits


_DECODER = json.JSONDecoder(parse_int=_unread, parse_float=_unread)
