"""What routes share: how they reach the service, and how they say in OpenAPI what they answer and refuse."""

from typing import Any

from fastapi import Depends, Request, Response

from gate.api.exchange import CALLER, Answer, Caller
from gate.api.openapi.example import ANSWERS
from gate.api.problem import MEDIA_TYPE, PROBLEMS, TYPE, Problem
from gate.api.service import Service
from gate.read.twice import refuse_twice
from gate.workflow.settings import Arranged

Json = dict[str, Any]

EVERYWHERE = ("unauthenticated", "forbidden", "too-often", "internal", "no-issuer")
"""What any guarded route may refuse."""

OF_BODIES = ("too-large", "too-late")
"""What any route may refuse that reads a body."""

DETAILS: dict[str, Json] = {
    "unreadable": {
        "detail": "'kaspersky' is no known category.",
        "document": "body",
        "line": 7,
        "pointer": "/lines/0/category",
        "remedy": "Known are software, cybersecurity, anti-virus, firewall, vpn.",
    },
    "too-large": {"detail": "The body has more than 33554432 bytes.", "limit": 33554432, "remedy": "Split it."},
    "usage": {"detail": "There is no profile 'us-agency'.", "remedy": "Known are us-company, us-federal-agency."},
    "too-often": {"detail": "Ask again in 1 s."},
    "forbidden": {"detail": "This takes the role auditor."},
}
"""Kind of a problem -> what an example of it says, where the title is not enough."""


def service_of(request: Request) -> Service:
    """The service of this process."""
    service: Service = request.app.state.service
    return service


def plan_of(request: Request) -> Arranged | None:
    """The workflow file, if there is one."""
    plan: Arranged | None = request.app.state.plan
    return plan


def caller_of(request: Request) -> Caller:
    """What the edge found out about the request."""
    caller: Caller = request.scope[CALLER]
    return caller


def response_of(answer: Answer) -> Response:
    """An answer as the routes' framework has it."""
    return Response(answer.body, answer.status, answer.headers, answer.media_type)


def _refuse_unknown(request: Request) -> None:
    """Raises Problem for a parameter that the route does not have: a filter that is misspelt would show everything."""
    known = sorted(field.alias for field in request.scope["route"].dependant.query_params)
    for name in request.query_params:
        if name not in known:
            remedy = f"Known are {', '.join(known)}." if known else "There are none here."
            raise Problem("usage", f"There is no parameter {name[:40]!r}.", remedy=remedy)


CLOSED = [Depends(_refuse_unknown)]
"""Of a route that takes the parameters it names and no other."""


async def _refuse_twice(request: Request) -> None:
    """Raises ReadError for a field that is given twice: whoever looked at the body before may have seen the other."""
    refuse_twice(await request.body(), "body")


UNIQUE = [Depends(_refuse_twice)]
"""Of a route whose body the framework reads."""


def problems(*kinds: str, guarded: bool = True) -> dict[int | str, Json]:
    """The refusals of a route, for its `responses`."""
    found: dict[int | str, Json] = {}
    if "malformed" in kinds:
        kinds = (*kinds, *(kind for kind in OF_BODIES if kind not in kinds))
    if "no-store" in kinds and "busy" not in kinds:  # what waits for the store is bounded
        kinds = (*kinds, "busy")
    for kind in (*kinds, *(EVERYWHERE if guarded else ("internal",))):
        status, title = PROBLEMS[kind]
        one = found.setdefault(
            status,
            {
                "description": title,
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}},
            },
        )
        example = {"type": TYPE + kind, "title": title, "status": status, **DETAILS.get(kind, {"detail": f"{title}."})}
        one["content"][MEDIA_TYPE]["examples"][kind] = {"value": {**example, "request_id": "0b1c"}}
        if kind in ("too-often", "busy", "no-issuer"):
            one["headers"] = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}
    return found


def answers(
    description: str, schema: str | Json, example: object = None, media_type: str = "application/json"
) -> dict[int | str, Json]:
    """What a route answers with 200, for its `responses`. A schema by name stands among the components, and has its
    example in `gate.api.openapi.example`.
    """
    content: Json = {"schema": {"$ref": f"#/components/schemas/{schema}"} if isinstance(schema, str) else schema}
    if example is not None:
        content["example"] = example
    elif schema in ANSWERS:
        content["examples"] = {schema: {"$ref": f"#/components/examples/{schema}"}}
    return {200: {"description": description, "content": {media_type: content}}}


def takes(description: str, schema: str | Json, example: object = None) -> Json:
    """What a route reads from the body, for its `openapi_extra`; the handler reads the bytes itself."""
    content = answers(description, schema, example)[200]["content"]
    return {"requestBody": {"description": description, "required": True, "content": content}}
