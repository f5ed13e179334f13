"""Who may ask what: API keys, tokens of an identity provider with keys that rotate, roles, and how often."""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from gate.api.app import create
from gate.api.settings import Settings, from_environment
from gate.cli import main
from gate.errors import IssuerError, UsageError
from gate.guard.oidc import Tokens
from gate.guard.rate import Rate
from gate.guard.role import MAY, Role
from gate.store import Who, open_store
from gate.store.erase import entries_of
from gate.store.keys import ROLES
from tests.service import JSON, Client, key, purchase, sbom, service

AUDIENCE = "gate"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/gate.db"


def ask(client: Client, headers: dict[str, str], query: str = "") -> int:
    answer = client.post(f"/v1/decisions{query}", content=json.dumps(purchase()), headers={**JSON, **headers})
    return answer.status_code


def test_a_key_opens_what_its_roles_may_and_nothing_else(url: str) -> None:
    who = {role: key(url, role.value) for role in Role}
    with service(url, guarded=True) as client:
        asked = {role: ask(client, headers) for role, headers in who.items()}
        assert asked == {**dict.fromkeys(Role, 403), Role.REQUESTER: 200}
        listed = {role: client.get("/v1/decisions", headers=headers).status_code for role, headers in who.items()}
        assert listed == {**dict.fromkeys(Role, 200), Role.OPERATOR: 403}
        metrics = {role: client.get("/metrics", headers=headers).status_code for role, headers in who.items()}
        assert metrics == {**dict.fromkeys(Role, 403), Role.OPERATOR: 200}
        reloads = {role: client.post("/v1/law/reload", headers=headers).status_code for role, headers in who.items()}
        assert reloads == {**dict.fromkeys(Role, 403), Role.OPERATOR: 200}


def test_a_requester_sees_the_own_decisions_and_no_others(url: str) -> None:
    mine, other, auditor = key(url, "requester"), key(url, "requester"), key(url, "auditor")
    with service(url, guarded=True) as client:
        name = client.post("/v1/decisions", content=json.dumps(purchase()), headers={**JSON, **mine}).json()["id"]
        seen = [client.get(f"/v1/decisions/{name}", headers=who).status_code for who in (mine, other, auditor)]
        assert seen == [200, 404, 200]
        assert client.post(f"/v1/decisions/{name}/replay", headers=mine).status_code == 403
        assert client.post(f"/v1/decisions/{name}/replay", headers=auditor).status_code == 200


def test_a_requester_lists_the_own_decisions_and_an_operator_none(url: str) -> None:
    mine, other, operator = key(url, "requester"), key(url, "requester"), key(url, "operator")
    approver = key(url, "approver")
    with service(url, guarded=True) as client:
        names = [
            client.post("/v1/decisions", content=json.dumps(purchase()), headers={**JSON, **who}).json()["id"]
            for who in (mine, other, mine, mine)
        ]
        digest = client.put("/v1/sboms", content=json.dumps(sbom()), headers={**JSON, **mine}).json()["digest"]

        def listed(who: dict[str, str], query: str = "") -> Any:
            return client.get(f"/v1/decisions{query}", headers=who).json()

        assert [one["id"] for one in listed(mine)["items"]] == [names[3], names[2], names[0]]
        assert [one["id"] for one in listed(other)["items"]] == [names[1]]
        assert len(listed(approver)["items"]) == 4
        first = listed(mine, "?size=2")
        token = first["next_page_token"]
        assert [one["id"] for one in listed(mine, f"?size=2&page_token={token}")["items"]] == [names[0]]
        stolen = client.get(f"/v1/decisions?size=2&page_token={token}", headers=other)
        assert stolen.status_code == 422
        for path in (f"/v1/decisions/{names[0]}", f"/v1/sboms/{digest}", "/v1/waivers"):
            assert client.get(path, headers=operator).status_code == 403, path
            assert client.get(path, headers=mine).status_code == 200, path


def test_an_auditor_judges_the_past_and_nothing_else(url: str) -> None:
    auditor = key(url, "auditor")
    with service(url, guarded=True) as client:
        assert ask(client, auditor, "?allow_past=true&as_of=2020-01-01") == 200
        assert ask(client, auditor, "?as_of=2150-01-01") == 403
        assert ask(client, auditor) == 403


def test_to_judge_the_past_takes_an_auditor_and_to_let_reviews_pass_an_approver(url: str) -> None:
    requester, auditor = key(url, "requester"), key(url, "requester", "auditor")
    approver = key(url, "requester", "approver")
    with service(url, guarded=True) as client:
        past = "?allow_past=true&as_of=2020-01-01"
        assert [ask(client, who, past) for who in (requester, auditor, approver)] == [403, 200, 403]
        lenient = "?on_review=allow"
        assert [ask(client, who, lenient) for who in (requester, approver)] == [403, 200]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer gate_nothing"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic Z2F0ZTpnYXRl"},
        {"Authorization": "gate"},
        {"X-Api-Key": "gate_nothing"},
        {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."},
    ],
)
def test_whoever_shows_nothing_that_opens_is_401(headers: dict[str, str], url: str) -> None:
    key(url, "requester")
    with service(url, guarded=True) as client:
        answer = client.post("/v1/decisions", content=b"{}", headers={**JSON, **headers})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert client.get("/healthz", headers=headers).status_code == 200


def test_a_wrong_key_is_refused_even_where_nothing_is_guarded(url: str) -> None:
    with service(url) as client:
        assert ask(client, {}) == 200
        assert ask(client, {"Authorization": "Bearer gate_nothing"}) == 401


def test_a_key_that_expired_or_was_revoked_opens_nothing(url: str) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    expired = key(url, "requester", at=long_ago, expires_at=long_ago + timedelta(days=1))
    good = key(url, "requester")
    with service(url, guarded=True) as client:
        assert (ask(client, expired), ask(client, good)) == (401, 200)
        store = open_store(url)
        store.keys.revoke(store.keys.all()[-1].id, Who("cli:test"), datetime.now(UTC))
        store.close()
        # Another process revoked it: before this one has heard of it, the store refuses what it would write.
        assert ask(client, good) == 401
        assert ask(client, good) == 401


def test_a_key_that_another_process_made_opens_at_once_what_it_may(url: str) -> None:
    first = key(url, "requester")
    with service(url, guarded=True) as client:
        assert ask(client, first) == 200
        later = [key(url, "requester"), key(url, "auditor"), key(url, "requester")]
        assert [ask(client, headers) for headers in later] == [200, 403, 200]
        assert [ask(client, headers) for headers in (first, *later)] == [200, 200, 403, 200]


def test_the_secret_is_shown_once_and_kept_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["key", "create", "--role", "requester", "--name", "CI", "--days", "30"]) == 0
    line, secret_line = capsys.readouterr().out.splitlines()
    secret = secret_line.rpartition(" ")[2]
    name = line.partition(" ")[0]
    assert main(["key", "list"]) == 0
    listed = capsys.readouterr().out
    assert listed.startswith(f"{name}  good  requester  until ")
    assert listed.rstrip().endswith("CI")
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert secret.encode() not in held
    assert main(["key", "revoke", name]) == 0
    assert main(["key", "list"]) == 0
    assert f"{name}  revoked" in capsys.readouterr().out
    assert main(["key", "revoke"]) == 2
    assert main(["key", "create"]) == 2
    assert main(["key", "create", "--role", "requester", "--days", "0"]) == 2


class Issuer:
    """An identity provider that speaks the documented wire format: discovery and JWKS, and it signs tokens."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {}
        self.fetched = 0
        self.configuration: Any = None  # in place of its own
        self.set: bytes | None = None  # in place of its keys
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/jwks":
                    issuer.fetched += 1
                    body: Any = {"keys": [issuer.jwk(name) for name in issuer.keys]}
                else:
                    body = issuer.configuration or {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/jwks"}
                self.send_response(200)
                self.end_headers()
                said = issuer.set if self.path == "/jwks" else None
                self.wfile.write(json.dumps(body).encode() if said is None else said)

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def new_key(self, name: str) -> None:
        self.keys = {name: rsa.generate_private_key(public_exponent=65537, key_size=2048)}

    def jwk(self, name: str) -> dict[str, Any]:
        found = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.keys[name].public_key()))
        return {**found, "kid": name, "use": "sig", "alg": "RS256"}

    def token(self, name: str, using: Any = None, algorithm: str = "RS256", **claims: Any) -> str:
        body = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "ada",
            "exp": datetime.now(UTC) + timedelta(minutes=5),
            "roles": ["requester"],
            **claims,
        }
        body = {key: value for key, value in body.items() if value is not None}
        return jwt.encode(body, using or self.keys[name], algorithm, headers={"kid": name})


@contextmanager
def issuing() -> Iterator[Issuer]:
    issuer = Issuer()
    issuer.new_key("one")
    try:
        yield issuer
    finally:
        issuer.server.shutdown()
        issuer.server.server_close()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_of_the_issuer_opens_what_its_roles_may(url: str) -> None:
    with issuing() as issuer, service(url, guarded=True, oidc_issuer=issuer.url, oidc_audience=AUDIENCE) as client:
        assert ask(client, bearer(issuer.token("one"))) == 200
        assert ask(client, bearer(issuer.token("one", roles="requester auditor")), "?allow_past=true") == 200
        assert ask(client, bearer(issuer.token("one", roles=["auditor", "root"]))) == 403
        assert ask(client, bearer(issuer.token("one", roles=None))) == 403
        assert issuer.fetched == 1  # keys are kept


def test_who_comes_from_another_issuer_inherits_nothing(url: str) -> None:
    """OpenID Connect Core 1.0, section 2: `sub` is "locally unique and never reassigned within the Issuer"."""
    names = []
    for _ in range(2):
        with issuing() as issuer, service(url, guarded=True, oidc_issuer=issuer.url, oidc_audience=AUDIENCE) as client:
            ada = bearer(issuer.token("one"))
            assert client.get("/v1/decisions", headers=ada).json()["items"] == []
            headers = {**JSON, **ada, "Idempotency-Key": "one"}
            answer = client.post("/v1/decisions", content=json.dumps(purchase()), headers=headers)
            assert (answer.status_code, answer.headers.get("idempotency-replayed")) == (200, None)
            names.append(f"oidc:{issuer.url}#ada")
    store = open_store(url)
    assert [len(entries_of(store.database, name)) for name in (*names, "oidc:ada")] == [1, 1, 0]
    store.close()


@pytest.mark.parametrize("subject", ["", "ada\0", "ada\n"])
def test_a_subject_that_is_nobodys_name_opens_nothing(subject: str) -> None:
    """It stands in the record as who asked, where PostgreSQL takes no NUL."""
    with issuing() as issuer:
        assert Tokens(issuer.url, AUDIENCE, None, "roles").actor(issuer.token("one", sub=subject)) is None


def test_no_issuer_has_the_mark_that_ends_it_in_the_id_of_a_person() -> None:
    with pytest.raises(UsageError, match="GATE_OIDC_ISSUER"):
        from_environment({"GATE_OIDC_ISSUER": "https://id.example.com#ada", "GATE_OIDC_AUDIENCE": "gate"})


def test_a_rotated_key_is_fetched_and_the_old_one_opens_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    with issuing() as issuer:
        tokens = Tokens(issuer.url, AUDIENCE, None, "roles")
        assert tokens.actor(issuer.token("one")) is not None
        old = issuer.keys["one"]
        issuer.new_key("two")
        # An unknown key has the set fetched again only half a minute after the last time: anybody can name one.
        assert tokens.actor(issuer.token("two")) is None
        assert issuer.fetched == 1
        monkeypatch.setattr(tokens._client, "cooldown_duration", 0)
        assert tokens.actor(issuer.token("two")) is not None
        assert tokens.actor(issuer.token("one", using=old)) is None


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another service"},
        {"exp": datetime(2020, 1, 1, tzinfo=UTC)},
        {"exp": 10**400},
        {"nbf": datetime(2150, 1, 1, tzinfo=UTC)},
        {"nbf": 10**400},
        {"sub": None},
        {"sub": "a" * 250},
        {"exp": None},
        {"aud": None},
    ],
)
def test_a_token_for_somebody_else_or_another_time_is_refused(claims: dict[str, Any]) -> None:
    with issuing() as issuer:
        tokens = Tokens(issuer.url, AUDIENCE, f"{issuer.url}/jwks", "roles")
        assert tokens.actor(issuer.token("one")) is not None
        assert tokens.actor(issuer.token("one", **claims)) is None


def test_a_token_that_the_issuer_did_not_sign_is_refused() -> None:
    with issuing() as issuer:
        tokens = Tokens(issuer.url, AUDIENCE, f"{issuer.url}/jwks", "roles")
        stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        good = issuer.token("one")
        head, body, sign = good.split(".")
        assert tokens.actor(issuer.token("one", using=stranger)) is None
        assert tokens.actor(issuer.token("one", using=curve, algorithm="ES256")) is None
        assert tokens.actor(issuer.token("one", using="secret" * 8, algorithm="HS256")) is None
        assert tokens.actor(jwt.encode({"sub": "ada"}, "", "none", headers={"kid": "one"})) is None
        assert tokens.actor(f"{head}.{body}.{sign[:-4]}AAAA") is None
        assert tokens.actor("nonsense") is None


def test_the_operator_reads_in_the_log_why_a_token_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with issuing() as issuer:
        token = issuer.token("one")
        with pytest.raises(
            IssuerError, match=re.escape(f"The issuer calls itself {issuer.url!r}, not '{issuer.url}/'")
        ):
            Tokens(f"{issuer.url}/", AUDIENCE, None, "roles").actor(token)
        assert Tokens(issuer.url, AUDIENCE, None, "roles").actor(issuer.token("one", sub=None)) is None
    [nobody] = (record.__dict__["why"] for record in caplog.records if record.name == "gate.guard")
    assert nobody == 'MissingRequiredClaimError: Token is missing the "sub" claim'
    assert token not in caplog.text


def test_an_issuer_that_does_not_answer_opens_nothing() -> None:
    """It is no fault of the token, and a client that is told so (401) throws a good one away."""
    with issuing() as issuer:
        token = issuer.token("one")
    for jwks in (None, "http://127.0.0.1:9/jwks"):
        with pytest.raises(IssuerError):
            Tokens("http://127.0.0.1:9", AUDIENCE, jwks, "roles").actor(token)


def test_whoever_asks_while_the_issuer_is_silent_is_told_to_come_back(url: str) -> None:
    with issuing() as issuer:
        token = issuer.token("one")
    with service(url, guarded=True, oidc_issuer=issuer.url, oidc_audience=AUDIENCE) as client:
        answer = client.get("/v1/decisions", headers=bearer(token))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert answer.json()["type"].endswith(":no-issuer")


@pytest.mark.parametrize("said", [["issuer"], {"issuer": "@"}, {"issuer": "@", "jwks_uri": 7}])
def test_an_issuer_that_does_not_say_where_its_keys_are_opens_nothing(said: Any) -> None:
    with issuing() as issuer:
        token = issuer.token("one")
        issuer.configuration = {**said, "issuer": issuer.url} if isinstance(said, dict) else said
        with pytest.raises(IssuerError):
            Tokens(issuer.url, AUDIENCE, None, "roles").actor(token)


NO_KEYS = [b"<html>Sign in</html>", b"\xff", b"[]", b"{}", b'{"keys": []}', b'{"keys": [{"kty": "RSA", "kid": "one"}]}']
"""What a provider answers that is being repaired, or whose address is that of something else."""


@pytest.mark.parametrize("said", NO_KEYS)
def test_an_issuer_whose_keys_cannot_be_read_opens_nothing_and_no_token_is_blamed(
    said: bytes, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gate.guard.oidc.AGAIN", 0)
    with issuing() as issuer:
        token, issuer.set = issuer.token("one"), said
        with service(url, guarded=True, oidc_issuer=issuer.url, oidc_audience=AUDIENCE) as client:
            answer = client.get("/v1/decisions", headers=bearer(token))
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
            assert answer.json()["type"].endswith(":no-issuer")
            assert client.get("/v1/decisions", headers=bearer("no.token.atall")).status_code == 401
            issuer.set = None
            assert client.get("/v1/decisions", headers=bearer(token)).status_code == 200


def test_a_silent_issuer_holds_up_one_asker_and_no_api_key(url: str) -> None:
    """Anybody can show a token: each would wait as long as an issuer may take, and keys behind them."""
    with socket.create_server(("127.0.0.1", 0)) as silent, issuing() as issuer:
        tokens = [issuer.token("one", sub=f"ada{number}") for number in range(3)]
        where = f"http://127.0.0.1:{silent.getsockname()[1]}"
        opens = {"guarded": True, "oidc_issuer": where, "oidc_audience": AUDIENCE, "limit_seconds": 1.0}
        with service(url, **opens) as client:
            first = client.get("/v1/decisions", headers=bearer(tokens[0]))
            assert first.json()["type"].rpartition(":")[2] in ("busy", "no-issuer")  # it still waits, or was told
            assert client.get("/v1/decisions", headers=key(url, "auditor")).status_code == 200
            assert client.get("/v1/decisions", headers=bearer(tokens[1])).status_code == 503


def test_an_issuer_that_failed_is_not_asked_again_at_once() -> None:
    with issuing() as issuer:
        token, issuer.set = issuer.token("one"), NO_KEYS[0]
        tokens = Tokens(issuer.url, AUDIENCE, None, "roles")
        for _ in range(3):
            with pytest.raises(IssuerError, match="gives no keys"):
                tokens.actor(token)
        assert issuer.fetched == 1


def test_an_issuer_that_gives_no_keys_when_it_is_asked_again_is_at_fault_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with issuing() as issuer:
        tokens = Tokens(issuer.url, AUDIENCE, None, "roles")
        assert tokens.actor(issuer.token("one")) is not None
        issuer.new_key("two")
        issuer.set = NO_KEYS[0]
        later = time.monotonic() + 31
        monkeypatch.setattr(time, "monotonic", lambda: later)
        with pytest.raises(IssuerError, match="gives no keys"):
            tokens.actor(issuer.token("two"))


def test_a_verified_token_is_known_for_a_minute_at_most_and_not_beyond_its_end() -> None:
    with issuing() as issuer:
        tokens = Tokens(issuer.url, AUDIENCE, f"{issuer.url}/jwks", "roles")
        token = issuer.token("one", exp=datetime.now(UTC) + timedelta(seconds=1))
        assert tokens.known(token) is None
        assert tokens.actor(token) is not None
        assert tokens.known(token) is not None
        time.sleep(1.2)
        assert tokens.known(token) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "gate.example"])  # noqa: S104 - that is refused
def test_a_service_without_a_guard_listens_on_loopback_alone(host: str) -> None:
    with pytest.raises(UsageError, match="does not listen"):
        create(Settings(host=host, guarded=False, database_url="none"))


def test_gate_serve_refuses_to_start_unguarded_where_others_reach_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["serve", "--host", "0.0.0.0", "--port", "0"]) == 2  # noqa: S104 - that is refused
    assert "gate key create" in capsys.readouterr().err


def test_an_issuer_without_an_audience_is_refused() -> None:
    with pytest.raises(UsageError, match="GATE_OIDC_AUDIENCE"):
        create(Settings(oidc_issuer="https://id.example.com", database_url="none"))


def test_settings_reach_the_processes_that_serve_as_they_are() -> None:
    settings = Settings(policy=("a", "b"), limit_seconds=0.5, guarded=False)
    assert from_environment(settings.environment()) == settings


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"GATE_PORT": "many"}, "GATE_PORT cannot be used. It is a whole number."),
        ({"GATE_PORT": "65536"}, "a whole number <= 65535."),
        ({"GATE_WORKERS": "-1"}, "a whole number >= 1."),
        ({"GATE_GUARDED": "perhaps"}, "true or false."),
        ({"GATE_LIMIT_BODY": "x"}, "a whole number."),
        ({"GATE_LIMIT_SECONDS": "0"}, "a number > 0."),
        ({"GATE_LIMIT_SECONDS": "inf"}, "a number <= 86400."),
        ({"GATE_LIMIT_RATE": "nan"}, "a number >= 0."),
        ({"GATE_LAW_MAX_AGE": "-3"}, "a whole number >= 0."),
        ({"GATE_PUBLIC_URL": "gate.example.org"}, "an address, such as"),
        ({"GATE_PUBLIC_URL": "https:///path"}, "an address, such as"),
        ({"GATE_PUBLIC_URL": "https://name:secret@gate.example.org"}, "an address, such as"),
        ({"GATE_POLICY_KEY": ""}, "names no file"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_and_not_quoted(environ: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError) as refusal:
        from_environment(environ)
    assert told in str(refusal.value)
    assert all(len(value) < 4 or value not in str(refusal.value) for value in environ.values())


def test_every_kind_of_setting_is_refused_in_words() -> None:
    """Of each that is no free text, what is refused says what is expected."""
    for name in Settings.__struct_fields__:
        if not isinstance(getattr(Settings(), name), (str, tuple, type(None))):
            with pytest.raises(UsageError, match=f"GATE_{name.upper()} cannot be used"):
                from_environment({f"GATE_{name.upper()}": "?"})


def test_too_many_requests_are_429_with_the_time_to_wait(url: str) -> None:
    mine, other = key(url, "requester"), key(url, "requester")
    with service(url, guarded=True, limit_rate=3) as client:
        assert [ask(client, mine) for _ in range(3)] == [200, 200, 200]
        answer = client.post("/v1/decisions", content=b"{}", headers={**JSON, **mine})
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["retry-after"]) <= 20
        assert ask(client, other) == 200


@given(st.lists(st.floats(0, 30), min_size=1, max_size=60), st.integers(1, 20))
def test_no_window_of_a_minute_holds_more_than_two_minutes_worth(pauses: list[float], limit: int) -> None:
    """A bucket holds a minute's worth and fills evenly, so a minute passes at most what it held and what came in."""
    rate, now, passed = Rate(limit), 0.0, list[float]()
    for pause in pauses:
        now += pause
        if rate.wait("somebody", now) == 0:
            passed.append(now)
    for start in passed:
        assert sum(start <= at < start + 60 for at in passed) <= 2 * limit


def test_every_role_says_what_it_may_and_is_one_that_a_key_can_have() -> None:
    assert tuple(MAY) == tuple(Role) == ROLES
