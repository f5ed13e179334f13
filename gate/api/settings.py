"""What the service is told: flags of `gate serve`, which reach its processes as `GATE_*` in the environment."""

import ipaddress
import os
import re
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from gate.errors import UsageError

PREFIX = "GATE_"

_LISTS = ("policy", "only_policy", "policy_key")
_MARK = rf"[,{re.escape(os.pathsep)}]"
"""What stands between the parts of a list."""

Port = Annotated[int, Meta(ge=0, le=65535)]
Count = Annotated[int, Meta(ge=1)]
Days = Annotated[int, Meta(ge=0)]
Seconds = Annotated[float, Meta(gt=0, le=86400)]
NotNegative = Annotated[float, Meta(ge=0, le=1e9)]
Issuer = Annotated[str, Meta(pattern=r"^https?://[^#\s]+\Z")]
Link = Annotated[str, Meta(pattern=r"^https?://\S+\Z")]
Address = Annotated[str, Meta(pattern=r"^https?://[^/?#\s@]+(/[^?#\s]*)?\Z")]

EXPECTED = {
    "`int`": "a whole number",
    "`float`": "a number",
    "`bool`": "true or false",
    "`str` matching": "an address, such as https://gate.example.com",
}
"""What is expected of a value, as msgspec begins to say it -> in our words."""

_BOUND = re.compile(r" [<>]=? [0-9]+")


class Settings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Each is `GATE_` and its name in capitals; lists have commas. Sizes are bytes, times seconds."""

    host: str = "127.0.0.1"
    port: Port = 8080
    workers: Count = 1
    database_url: str = "sqlite:///gate.db"
    audit_key: str | None = None  # the Ed25519 key (PEM) that signs the heads of the record
    policy: tuple[str, ...] = ()
    only_policy: tuple[str, ...] = ()
    policy_key: tuple[str, ...] = ()
    profile: str | None = None  # of who asks for an SBOM without naming a profile
    public_url: Address | None = None  # the service as clients reach it, for AuthZEN's metadata
    guarded: bool = True
    oidc_issuer: Issuer | None = None  # no `#` is in it: that ends it in the id of whoever has its token
    oidc_audience: str | None = None
    oidc_jwks_url: Link | None = None
    oidc_roles_claim: str = "roles"
    shared_folder: str | None = None  # where the processes of one server count together and keep the last good law
    limit_body: Count = 32 * 1024**2
    limit_unpacked: Count = 256 * 1024**2
    limit_components: Count = 250_000
    limit_seconds: Seconds = 20.0
    limit_upload: Seconds = 60.0
    limit_rate: NotNegative = 6000.0  # requests a minute for each actor and process; 0: no limit
    law_max_age: Days = 400  # days since the law's edition, after which the service says it is not ready
    reload_seconds: NotNegative = 5.0  # how often the law's files are looked at; 0: only when told by SIGHUP
    trusts_proxy: str = "127.0.0.1"  # whose X-Forwarded-For is believed

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False

    def environment(self) -> dict[str, str]:
        """The settings as variables, for the processes that serve."""
        found = {}
        for name, value in msgspec.structs.asdict(self).items():
            if value not in (None, ()):
                found[PREFIX + name.upper()] = ",".join(value) if isinstance(value, tuple) else _text(value)
        return found


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in the environment. Raises UsageError, which never quotes a value: it may be a secret."""
    found: dict[str, Any] = {}
    for name in Settings.__struct_fields__:
        text = environ.get(PREFIX + name.upper())
        if text == "" and name == "policy_key":  # no key at all would trust anything
            raise UsageError("GATE_POLICY_KEY names no file", remedy="Name the trusted key, or unset it.")
        if text:
            found[name] = [part for part in re.split(_MARK, text) if part] if name in _LISTS else text
    return settled(found)


def settled(found: Mapping[str, Any]) -> Settings:
    """Settings with these values. Raises UsageError, which says what is expected and never quotes a value."""
    try:
        return msgspec.convert(found, Settings, strict=False)
    except msgspec.ValidationError as error:
        expected, _, place = str(error).removeprefix("Expected ").partition(" - at `$.")
        words = next(words for kind, words in EXPECTED.items() if expected.startswith(kind))
        bound = _BOUND.search(expected)
        what = f"{PREFIX}{place.rstrip('`').upper()} cannot be used"
        raise UsageError(what, remedy=f"It is {words}{bound[0] if bound else ''}.") from None
