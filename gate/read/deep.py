"""JSON nested deeper than the fast parser's stack, and the place of a key given twice.

Slow and exact, event by event. The fast reader calls it only when it must.
"""

from json import JSONDecodeError
from typing import Any

import msgspec

from gate.errors import ReadError
from gate.read.events import events
from gate.read.fault import fault_in
from gate.read.locate import line_in_json
from gate.read.wire import Bom, Metadata, Node, Pedigree

Where = tuple["Where | None", str | int]
"""The last step of a pointer, and those before it: to write one out for every component would be quadratic."""

Lists = list[tuple[object, list[Node], Where]]
"""Lists of component objects, each with the list of nodes to make of it."""


def build(data: bytes, name: str) -> Bom:
    """The document, nested as deep as it likes. Raises ReadError, naming the first key that an object gives twice."""
    tree = _tree(data, name)
    if not isinstance(tree, dict):
        raise ReadError("It is no JSON object", file=name, line=1, remedy="Give a CycloneDX document.")
    metadata = tree.get("metadata")
    root = metadata.pop("component", None) if isinstance(metadata, dict) else None
    components = tree.pop("components", None)
    lists: Lists = []
    try:
        bom = msgspec.convert(tree, Bom, dec_hook=_say)
        if components is not None:
            bom.components = []
            lists.append((components, bom.components, (None, "components")))
        if root is not None:
            bom.metadata = bom.metadata or Metadata()
            bom.metadata.component = _node(root, ((None, "metadata"), "component"), lists)
        _fill(lists)
    except RecursionError as error:
        raise ReadError(
            "It is nested too deeply outside its components",
            file=name,
            line=line_in_json(data, "/services"),
            pointer="/services",  # nothing else that is read nests
            remedy="Only components and pedigrees may nest without limit.",
        ) from error
    except _Wrong as wrong:
        raise fault_in(data, name, wrong.error, above=_pointer(wrong.where)) from wrong
    except msgspec.MsgspecError as error:
        raise fault_in(data, name, error) from error
    return bom


class _Wrong(Exception):
    """A component cannot be read."""

    def __init__(self, where: Where, error: msgspec.MsgspecError) -> None:
        self.where = where
        self.error = error


def _say(_: type[str], value: object) -> object:
    return value  # msgspec asks then whether it is a string


def _fill(lists: Lists) -> None:
    """Component objects -> nodes, without recursion."""
    while lists:
        items, nodes, above = lists.pop()
        if not isinstance(items, list):
            raise _Wrong(above, msgspec.ValidationError("Expected `array | null`"))
        for number, item in enumerate(items):
            nodes.append(_node(item, (above, number), lists))


def _node(item: object, here: Where, lists: Lists) -> Node:
    """A component without those within it: their lists are hung on it, to be filled later."""
    children = item.pop("components", None) if isinstance(item, dict) else None
    pedigree = item.pop("pedigree", None) if isinstance(item, dict) else None
    if pedigree is not None and not isinstance(pedigree, dict):
        raise _Wrong((here, "pedigree"), msgspec.ValidationError("Expected `object | null`"))
    try:
        node = msgspec.convert(item, Node, dec_hook=_say)
    except msgspec.ValidationError as error:
        raise _Wrong(here, error) from error
    if children is not None:
        node.components = []
        lists.append((children, node.components, (here, "components")))
    ancestors = None if pedigree is None else pedigree.get("ancestors")
    if ancestors is not None:
        nodes: list[Node] = []
        node.pedigree = Pedigree(nodes)
        lists.append((ancestors, nodes, ((here, "pedigree"), "ancestors")))
    return node


def _tree(data: bytes, name: str) -> Any:
    top: list[Any] = []
    holders: list[Any] = [top]
    keys: list[str] = [""]  # of each holder that is an object, the key at hand
    try:
        text = data.decode()
        for mark, value, at in events(text):
            holder = holders[-1]
            if mark == "key":
                keys[-1] = value
                if value in holder:
                    raise _twice(text, name, holders, keys, at)
                holder[value] = None
            elif mark in "}]":
                holders.pop()
                keys.pop()
            else:
                item: Any = {} if mark == "{" else [] if mark == "[" else value
                if isinstance(holder, list):
                    holder.append(item)
                else:
                    holder[keys[-1]] = item
                if mark != "value":
                    holders.append(item)
                    keys.append("")
    except UnicodeDecodeError as error:
        raise fault_in(data, name, error) from error
    except JSONDecodeError as error:
        raise ReadError(
            f"It is no JSON: {error.msg}", file=name, line=error.lineno, remedy="Mend the document."
        ) from error
    return top[0]


def _twice(text: str, name: str, holders: list[Any], keys: list[str], at: int) -> ReadError:
    where: Where | None = None
    for holder, key in zip(holders[1:], keys[1:], strict=True):
        where = (where, key if isinstance(holder, dict) else len(holder) - 1)
    return ReadError(
        f"The key {keys[-1][:60]!r} is given twice, and which of the two is meant nobody can know",
        file=name,
        line=text.count("\n", 0, at) + 1,
        pointer=_pointer(where),
        remedy="Keep one of them.",
    )


def _pointer(where: Where | None) -> str:
    steps: list[str] = []
    while where is not None:
        where, step = where
        steps.append(str(step).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{step}" for step in reversed(steps))
