"""JSON without recursion: for documents nested deeper than the parser's stack, and to name a key given twice.

Slow and exact, by ijson's events. The fast reader calls it only when it must.
"""

from typing import Any

import msgspec

from gate.errors import ReadError
from gate.read.fault import fault_in
from gate.read.wire import Bom, Metadata, Node, Pedigree


def build(data: bytes, name: str) -> Bom:
    """The document, nested as deep as it likes. Raises ReadError, naming the first key that an object gives twice."""
    tree = _tree(data, name)
    if not isinstance(tree, dict):
        raise ReadError("It is no JSON object", file=name)
    metadata = tree.get("metadata")
    root = metadata.pop("component", None) if isinstance(metadata, dict) else None
    components = tree.pop("components", None)
    try:
        bom = msgspec.convert(tree, Bom, dec_hook=_say)
        bom.components = None if components is None else _nodes(components)
        if root is not None:
            bom.metadata = bom.metadata or Metadata()
            [bom.metadata.component] = _nodes([root])
    except RecursionError as error:  # deep somewhere else than in components
        raise ReadError(
            "It is nested too deeply outside its components",
            file=name,
            remedy="Only components and pedigrees may nest without limit.",
        ) from error
    except msgspec.MsgspecError as error:
        raise fault_in(data, name, error) from error
    return bom


def _say(kind: type[str], value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"Expected `str`, got `{type(value).__name__}`")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise TypeError("Expected text, got half of a surrogate pair") from error
    return kind(value)


def _nodes(items: object) -> list[Node]:
    """Component objects -> nodes: each is converted without its children, which are hung on afterwards."""
    top: list[Node] = []
    todo: list[tuple[object, list[Node]]] = [(items, top)]
    while todo:
        below, siblings = todo.pop()
        if not isinstance(below, list):
            raise msgspec.ValidationError("Expected `array`")
        for item in below:
            children = item.pop("components", None) if isinstance(item, dict) else None
            pedigree = item.pop("pedigree", None) if isinstance(item, dict) else None
            node = msgspec.convert(item, Node, dec_hook=_say)
            siblings.append(node)
            if children is not None:
                node.components = []
                todo.append((children, node.components))
            if pedigree is not None and not isinstance(pedigree, dict):
                raise msgspec.ValidationError("Expected `object` - at `$.pedigree`")
            if pedigree is not None and pedigree.get("ancestors") is not None:
                node.pedigree = Pedigree([])
                todo.append((pedigree["ancestors"], node.pedigree.ancestors or []))
                node.pedigree.ancestors = todo[-1][1]
    return top


def _tree(data: bytes, name: str) -> Any:  # noqa: C901 - one loop over events, a case for each
    import ijson

    top: list[Any] = []
    holders: list[Any] = [top]
    keys: list[str] = [""]
    path: list[str] = []
    try:
        for event, value in ijson.basic_parse(data, use_float=True):
            if event == "map_key":
                if value in holders[-1]:
                    pointer = "/".join(["", *path, value])
                    raise ReadError(
                        f"The key {value[:60]!r} is given twice, and which of the two is meant nobody can know",
                        file=name,
                        pointer=pointer,
                        remedy="Keep one of them.",
                    )
                keys[-1] = value
                holders[-1][value] = None
            elif event in ("end_map", "end_array"):
                holders.pop()
                keys.pop()
                if path:
                    path.pop()
            else:
                item: Any = {} if event == "start_map" else [] if event == "start_array" else value
                holder = holders[-1]
                step = keys[-1]
                if isinstance(holder, list):
                    step = str(len(holder))
                    holder.append(item)
                else:
                    holder[step] = item
                if event in ("start_map", "start_array"):
                    if len(holders) > 1:
                        path.append(step)
                    holders.append(item)
                    keys.append("")
    except UnicodeDecodeError as error:
        raise fault_in(data, name, error) from error
    except ijson.JSONError as error:
        raise ReadError(
            f"It is no JSON: {str(error).splitlines()[0][:120]}", file=name, remedy="Mend the document."
        ) from error
    return top[0] if top else None
