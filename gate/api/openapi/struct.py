"""JSON Schema of structs. msgspec writes it, but for a moment, which is a day or an instant and in JSON a string."""

import types
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

TEMPLATE = "#/components/schemas/{name}"

_Moment = Annotated[str, msgspec.Meta(description="A day (2024-07-20), or an instant (2024-07-20T04:00:00Z)")]


def schemas(structs: Sequence[type[msgspec.Struct]]) -> dict[str, Any]:
    """Name -> schema, of the structs and all they hold. In an answer every field is there."""
    _, found = msgspec.json.schema_components([_written(one) for one in structs], ref_template=TEMPLATE)
    for schema in found.values():
        schema["required"] = list(schema["properties"])
    return found


@cache
def _written(struct: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """The struct, its moments being strings."""
    hints = get_type_hints(struct)
    fields = [(field.name, _plain(hints[field.name])) for field in msgspec.structs.fields(struct)]
    return msgspec.defstruct(struct.__name__, fields, kw_only=True, namespace={"__doc__": struct.__doc__})


def _plain(kind: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _written(kind)
    if kind is object:
        return Any
    origin, inside = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        if date in inside and datetime in inside:
            inside = (_Moment, *(one for one in inside if one not in (date, datetime)))
        return Union[tuple(_plain(one) for one in inside)]  # noqa: UP007 - its parts are known only here
    if not inside or isinstance(kind, type(_Moment)):
        return kind
    return origin[tuple(one if one is Ellipsis else _plain(one) for one in inside)]
