"""The operator's workflow file: who may ask by webhook, which systems are polled, and where answers may be sent.

It holds no secret, but says where each stands: a variable of the environment, or a file.
"""

import os
import re
from pathlib import Path
from typing import Annotated, Literal, Self

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from gate.errors import UsageError
from gate.workflow.address import allowed
from gate.workflow.faults import Unreachable
from gate.workflow.file import parsed
from gate.workflow.mapping import Mapping
from gate.workflow.mappings import mapping_named
from gate.workflow.schemes import SCHEMES
from policy.words import Identifier

VARIABLE = "GATE_WORKFLOW"
"""The variable of the environment that names the file."""

Short = Annotated[str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True)]

_HOST = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(/[A-Za-z0-9._~!$&'()*+,;=:@/-]*)?")


def _host(text: str) -> str:
    if len(text) > 400 or ".." in text or _HOST.fullmatch(text) is None:
        raise ValueError("that is no host; write hooks.example.com, hooks.example.com:8443 or hooks.example.com/path")
    return text


Host = Annotated[str, AfterValidator(_host)]


class Settings(BaseModel):
    """The base of every table of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Secret(Settings):
    """Where a secret stands: `{ env = "NAME" }` or `{ file = "/run/secrets/name" }`."""

    env: Short | None = None
    file: Short | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise ValueError("a secret stands in `env` (a variable) or in `file`")
        return self

    def read(self) -> str:
        """The secret. Raises UsageError, which names the place and never the secret."""
        if self.env is not None:
            value = os.environ.get(self.env, "")
        else:
            try:
                value = Path(str(self.file)).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise UsageError("The secret cannot be read", file=self.file) from error
        if not value:
            raise UsageError(f"There is no secret in {self.env or self.file}")
        return value


def _known(scheme: str) -> str:
    if scheme not in SCHEMES:
        raise ValueError(f"there is no scheme {scheme[:40]!r}; known are {', '.join(SCHEMES)}")
    return scheme


class Hook(Settings):
    """A sender of webhooks, at `/v1/hooks/<name>`."""

    scheme: Annotated[str, AfterValidator(_known)]
    secrets: Annotated[list[Secret], Field(min_length=1, max_length=4)]  # several while one is changed for another
    mapping: Short
    profile: Identifier | None = None
    callback: Short | None = None  # where the answer goes, unless the mapping takes it from the payload
    callback_secret: Secret | None = None
    on_allow: Literal["no-objection", "approve"] = "no-objection"
    watch: bool = False  # what is allowed counts as bought, and is watched from then on
    dry_run: bool = False  # decide and answer; call nobody back, and watch nothing


class Polled(Settings):
    """A system that is asked what waits for an approval, and is then told the answer."""

    url: Short
    client_id: Short
    client_secret: Secret
    mapping: Short
    profile: Identifier | None = None
    on_allow: Literal["no-objection", "approve"] = "no-objection"
    every: Annotated[int, Field(ge=10, le=86400)] = 300  # seconds


class Coupa(Polled):
    """A Coupa instance. `approver` is the login whose approvals are the gate's to answer."""

    mapping: Short = "coupa"
    approver: Short
    scope: Short  # of the OAuth client, as Coupa's own list of scopes names them


class Ariba(Polled):
    """A realm of SAP Ariba. `url` ends before /pendingApprovables; `user` is the approver the gate stands for."""

    mapping: Short = "ariba"
    token_url: Short
    api_key: Secret
    realm: Short
    user: Short
    password_adapter: Short = "PasswordAdapter1"  # noqa: S105 - the name of a source of log-ins, as Ariba calls it


class Poll(Settings):
    """The systems that are polled."""

    coupa: Coupa | None = None
    ariba: Ariba | None = None


class Watch(Settings):
    """Where it is announced that an approved purchase will no longer be allowed."""

    callback: Short
    secret: Secret


class Answering(Settings):
    """How the answers to `POST /v1/decisions?callback=…` are signed."""

    secret: Secret


class Workflow(Settings):
    """The file."""

    source: Short = "procurement-gate"  # of the events (CloudEvents `source`): a URI that names this gate
    hosts: list[Host] = []  # where callbacks may go, and nowhere else; with a path: below that
    hooks: dict[Identifier, Hook] = {}
    poll: Poll = Poll()
    watch: Watch | None = None
    callbacks: Answering | None = None


class Arranged(msgspec.Struct, frozen=True):
    """The workflow file, and the mappings it names, all of them read."""

    workflow: Workflow
    mappings: dict[str, Mapping]
    file: str


def arranged(path: str | None) -> Arranged:
    """The workflow file at a path, else the one that GATE_WORKFLOW names. Raises UsageError with every fault."""
    name = path or os.environ.get(VARIABLE)
    if not name:
        raise UsageError("There is no workflow file", remedy=f"Name it: --workflow FILE, or {VARIABLE}.")
    workflow = parsed(Path(name), Workflow)
    polled = [one for one in (workflow.poll.coupa, workflow.poll.ariba) if one is not None]
    wanted = {one.mapping for one in (*workflow.hooks.values(), *polled)}
    mappings = {one: mapping_named(one, Path(name).parent) for one in sorted(wanted)}
    for key, hook in workflow.hooks.items():
        if (hook.callback or mappings[hook.mapping].callback) and hook.callback_secret is None:
            raise UsageError(f"hooks.{key}: a callback is signed, so it needs a callback_secret", file=name)
    _demand_reachable(workflow, name)
    return Arranged(workflow, mappings, name)


def is_arranged() -> bool:
    """Whether the environment names a workflow file."""
    return bool(os.environ.get(VARIABLE))


def _demand_reachable(workflow: Workflow, name: str) -> None:
    fixed = {f"hooks.{key}.callback": hook.callback for key, hook in workflow.hooks.items()}
    fixed["watch.callback"] = workflow.watch.callback if workflow.watch else None
    for key, url in fixed.items():
        if url is not None:
            try:
                allowed(url, workflow.hosts)
            except Unreachable as error:
                raise UsageError(f"{key}: {error.what}", file=name, remedy=error.remedy) from error
