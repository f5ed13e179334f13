"""Callbacks: signed, to allowed addresses alone, tried again later and later, and at last kept for a person."""

import asyncio
import base64
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from gate.cli import main
from gate.store import Delivery, Store, open_store
from gate.workflow.address import allowed, secure
from gate.workflow.call import Reply, call, client, json_of
from gate.workflow.faults import Unreachable
from gate.workflow.outbox import ATTEMPTS, FIRST, LAST, Emptied, empty, pause
from gate.workflow.settings import Arranged, arranged
from tests.stores import empty_store
from tests.systems import Server, serving, slowly

SECRET = "whsec_" + base64.b64encode(b"a callback's secret 24 b").decode()
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(empty_store(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def plan(tmp_path: Path, receiver: Server, monkeypatch: pytest.MonkeyPatch) -> Arranged:
    monkeypatch.setenv("TEST_SECRET", SECRET)
    file = tmp_path / "workflow.toml"
    file.write_text(
        f'hosts = ["{receiver.host}"]\n[watch]\ncallback = "{receiver.url}/watch"\nsecret = {{ env = "TEST_SECRET" }}\n'
        '[callbacks]\nsecret = { env = "TEST_SECRET" }\n'
    )
    return arranged(str(file))


def put(store: Store, url: str, number: str = "msg-1", body: bytes = b'{"a": 1}', kind: str = "watch") -> None:
    store.outbox.put([Delivery(number, kind, url, body)], NOW)


def emptied(store: Store, plan: Arranged) -> Emptied:
    return asyncio.run(empty(store, plan))


def test_a_callback_is_signed_so_that_the_standards_own_library_takes_it(
    store: Store, plan: Arranged, receiver: Server
) -> None:
    put(store, f"{receiver.url}/watch", body='{"name": "Лаборатория"}'.encode())
    assert emptied(store, plan) == Emptied(sent=1)
    [came] = receiver.calls
    assert Webhook(SECRET).verify(came.body, came.headers) == {"name": "Лаборатория"}
    assert came.headers["webhook-id"] == "msg-1"
    assert came.headers["content-type"].startswith("application/cloudevents+json")
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(came.body + b" ", came.headers)
    assert [letter.state for letter in store.outbox.all()] == ["sent"]


def test_what_arrived_is_not_sent_again(store: Store, plan: Arranged, receiver: Server) -> None:
    put(store, receiver.url)
    emptied(store, plan)
    assert emptied(store, plan) == Emptied()
    assert len(receiver.calls) == 1


def test_what_did_not_arrive_is_sent_again_later_with_the_same_id(
    store: Store, plan: Arranged, receiver: Server
) -> None:
    receiver.answer = lambda _: (500, None)
    put(store, receiver.url)
    assert emptied(store, plan) == Emptied(failed=1)
    assert emptied(store, plan) == Emptied(), "it is not due yet"
    [letter] = store.outbox.all()
    assert (letter.state, letter.attempts) == ("waiting", 1)
    assert "answers 500" in str(letter.last_error)
    receiver.answer = lambda _: (204, None)
    store.outbox.failed(letter.id, "x", datetime.now(UTC))
    assert emptied(store, plan) == Emptied(sent=1)
    assert {came.headers["webhook-id"] for came in receiver.calls} == {"msg-1"}


def test_after_so_many_attempts_it_is_a_dead_letter_which_a_person_can_revive(
    store: Store, plan: Arranged, receiver: Server
) -> None:
    receiver.answer = lambda _: (500, None)
    put(store, receiver.url)
    for attempt in range(ATTEMPTS):
        done = emptied(store, plan)
        assert done == (Emptied(failed=1) if attempt < ATTEMPTS - 1 else Emptied(dead=1))
        if not done.dead:
            store.outbox.failed("msg-1", "x", datetime.now(UTC))
    assert [letter.state for letter in store.outbox.all("dead")] == ["dead"]
    store.outbox.revive("msg-1", datetime.now(UTC))
    receiver.answer = lambda _: (200, {})
    assert emptied(store, plan) == Emptied(sent=1)


def test_whoever_is_gone_gets_no_more(store: Store, plan: Arranged, receiver: Server) -> None:
    receiver.answer = lambda _: (410, None)
    put(store, receiver.url)
    assert emptied(store, plan) == Emptied(dead=1)


def test_whoever_asks_to_wait_is_heard(store: Store, plan: Arranged, receiver: Server) -> None:
    receiver.answer = lambda _: (429, None, {"retry-after": "7200"})
    put(store, receiver.url)
    emptied(store, plan)
    [letter] = store.outbox.all()
    wait = letter.next_at - datetime.now(UTC)
    assert timedelta(minutes=115) < wait <= timedelta(hours=2)


def test_a_redirect_is_not_followed(store: Store, plan: Arranged, receiver: Server) -> None:
    with serving() as elsewhere:
        receiver.answer = lambda _: (307, None, {"location": f"{elsewhere.url}/secret"})
        put(store, receiver.url)
        assert emptied(store, plan) == Emptied(failed=1)
        assert elsewhere.calls == []
    assert "redirect" in str(store.outbox.all()[0].last_error)


def test_a_receiver_that_answers_too_much_holds_nobody_up(store: Store, plan: Arranged, receiver: Server) -> None:
    receiver.answer = lambda _: (200, b"x" * (2 << 20))
    put(store, receiver.url)
    assert emptied(store, plan) == Emptied(failed=1)


def reach(url: str, seconds: float = 5.0) -> Reply:
    async def run() -> Reply:
        async with client() as using:
            return await call(using, "GET", httpx.URL(url), seconds=seconds)

    return asyncio.run(run())


def test_a_receiver_that_does_not_answer_holds_nobody_up(receiver: Server) -> None:
    receiver.before = slowly(1.0)
    with pytest.raises(Unreachable, match="did not answer within"):
        reach(receiver.url, 0.2)


def test_bytes_that_drip_do_not_extend_the_time() -> None:
    """A timeout of the client counts anew with each byte; ours does not."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            there, _ = listening.accept()
            with there, contextlib.suppress(OSError):
                there.recv(65536)
                there.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
                for _ in range(100):
                    there.sendall(b"x")
                    time.sleep(0.02)

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(Unreachable, match="did not answer within"):
            reach(f"http://127.0.0.1:{listening.getsockname()[1]}", 0.3)
        thread.join()


@pytest.mark.usefixtures("plan")
def test_a_host_that_was_struck_off_the_list_is_not_reached_any_more(
    store: Store, receiver: Server, tmp_path: Path
) -> None:
    put(store, receiver.url)
    other = tmp_path / "other.toml"
    other.write_text('hosts = ["example.com"]\n[callbacks]\nsecret = { env = "TEST_SECRET" }\n')
    assert emptied(store, arranged(str(other))) == Emptied(failed=1)
    assert receiver.calls == []


def test_a_message_that_nothing_can_send_keeps_no_other_from_being_sent(
    store: Store, plan: Arranged, receiver: Server
) -> None:
    put(store, receiver.url, "broken", b"{", kind="coupa")
    put(store, receiver.url, "whole")
    assert emptied(store, plan) == Emptied(sent=1, failed=1)
    assert "internal error" in str(store.outbox.all("waiting")[0].last_error)


@pytest.mark.parametrize("secret", ["", "not base64 at all!", "whsec_", "whsec_%%%"])
def test_a_secret_that_cannot_sign_sends_nothing_and_is_not_told(
    store: Store, plan: Arranged, receiver: Server, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv("TEST_SECRET", secret)
    put(store, receiver.url)
    assert emptied(store, plan) == Emptied(failed=1)
    assert receiver.calls == []
    told = secret.removeprefix("whsec_")
    assert not told or told not in str(store.outbox.all()[0].last_error)


def test_no_secret_is_in_the_outbox_or_in_the_log(
    store: Store, plan: Arranged, receiver: Server, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level("DEBUG")
    receiver.answer = lambda _: (500, None)
    put(store, receiver.url)
    emptied(store, plan)
    store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("gate.db*"))
    for place in (caplog.text.encode(), kept):
        assert SECRET.encode() not in place
        assert SECRET.removeprefix("whsec_").encode() not in place


@given(attempts=st.integers(1, 1000), spread=st.floats(0, 1))
def test_pauses_grow_and_stay_within_their_limits(attempts: int, spread: float) -> None:
    assert FIRST / 2 <= pause(attempts, spread) <= LAST
    assert pause(attempts, 0.5) <= pause(attempts + 1, 0.5)


# --- Addresses --------------------------------------------------------------------------------------------------------

HOSTS = ["hooks.example.com", "127.0.0.1:8080", "internal.example.com:8443", "shared.example.com/Ours/gate/"]


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/x?y=1",
        "https://HOOKS.example.com/x",
        "https://hooks.example.com:443/x",
        "https://internal.example.com:8443/",
        "http://127.0.0.1:8080/x",
        "https://shared.example.com/Ours/gate",
        "https://shared.example.com/Ours/gate/pr?y=../1",
    ],
)
def test_addresses_on_the_list_are_allowed(url: str) -> None:
    assert str(allowed(url, HOSTS)).lower().startswith(url.lower().replace(":443", ""))


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/x",  # no TLS
        "https://hooks.example.com:8443/x",  # another port
        "https://internal.example.com/x",
        "https://example.com/x",
        "https://hooks.example.com.evil.example/x",
        "https://evil.example/hooks.example.com",
        "https://hooks.example.com@evil.example/x",
        "https://evil.example#@hooks.example.com/",
        "https://evil.example\\@hooks.example.com/",
        "https://user:password@hooks.example.com/x",
        "https://hooks.example.com/x#fragment",
        "https://hooks.example.com./x",  # the same host to DNS, and not as it is listed
        "https://169.254.169.254/latest/meta-data/",
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1/x",
        "http://127.0.0.1:8081/x",
        "http://2130706433:8080/x",
        "http://0x7f000001:8080/x",
        "http://localhost:8080/x",
        "http://[::1]:8080/x",
        "http://[::ffff:127.0.0.1]:8080/x",
        "http://0.0.0.0:8080/x",
        "ftp://hooks.example.com/x",
        "file:///etc/passwd",
        "gopher://127.0.0.1:8080/x",
        "//hooks.example.com/x",
        "hooks.example.com",
        "https://",
        "https:///x",
        "",
        " https://hooks.example.com/x",
        "https://hooks.example.com/x\r\nHost: evil.example",
        "https://hooks.example.com/\u0130",
        "https://hooks.example.com:99999/x",
        "https://hooks.example.com/" + "x" * 3000,
        "https://shared.example.com/",
        "https://shared.example.com/Ours/gates",
        "https://shared.example.com/ours/gate/",
        "https://shared.example.com/Ours/gate/../admin",
        "https://shared.example.com/Ours/gate/%2e%2E/admin",
        "https://shared.example.com/Ours/gate/..%2fadmin",
        "https://shared.example.com/Ours/gate/%5C../admin",
        "https://shared.example.com/Ours/gate/..;/admin",  # a dot segment to some servers
    ],
)
def test_every_other_address_is_refused(url: str) -> None:
    with pytest.raises(Unreachable):
        allowed(url, HOSTS)


@given(st.text(max_size=60) | st.from_regex(r"https?://[a-z0-9.@:\[\]/\\#?%-]{0,40}", fullmatch=True))
def test_whatever_is_allowed_is_one_of_the_hosts_that_are_listed(text: str) -> None:
    try:
        url = allowed(text, HOSTS)
    except Unreachable:
        return
    assert f"{url.host}:{url.port or 443}" in {"hooks.example.com:443", "127.0.0.1:8080", "internal.example.com:8443"}


@given(st.text("./%25cfeCF;\\?#ab", max_size=30))
def test_below_a_path_that_is_listed_no_other_is_reached(rest: str) -> None:
    """RFC 3986, section 5.2.4: dot segments are removed before a path is followed."""
    try:
        url = allowed(f"https://shared.example.com/Ours/gate/{rest}", HOSTS)
    except Unreachable:
        return
    there = PurePosixPath("/")
    for part in unquote(url.raw_path.decode().partition("?")[0]).replace("\\", "/").split("/"):
        there = there.parent if part.partition(";")[0] == ".." else there / part
    assert there.is_relative_to("/Ours/gate")


def test_whoever_misses_the_path_is_not_told_that_it_is_the_host() -> None:
    with pytest.raises(Unreachable, match=r"On shared\.example\.com only some paths may be sent to"):
        allowed("https://shared.example.com/theirs", HOSTS)


def test_a_system_is_reached_by_tls_unless_it_is_this_machine() -> None:
    assert secure("http://127.0.0.1:9/x").port == 9
    with pytest.raises(Unreachable, match="TLS"):
        secure("http://acme.coupahost.com")


def test_what_the_environment_says_of_proxies_and_passwords_is_not_for_others(
    monkeypatch: pytest.MonkeyPatch, receiver: Server, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    assert reach(receiver.url).status == 204
    assert "authorization" not in receiver.calls[0].headers


def test_an_answer_that_is_no_json_is_refused_by_name_alone(receiver: Server) -> None:
    receiver.answer = lambda _: (200, b"<html>secret</html>")

    with pytest.raises(Unreachable, match="no JSON") as refusal:
        json_of(reach(receiver.url), httpx.URL(receiver.url))
    assert "secret" not in str(refusal.value)


# --- The command ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("plan")
def test_the_command_lists_sends_and_revives(
    tmp_path: Path, store: Store, receiver: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--workflow", str(tmp_path / "workflow.toml"), "--store", f"sqlite:///{tmp_path / 'gate.db'}"]
    receiver.answer = lambda _: (410, None)
    put(store, f"{receiver.url}/watch")
    assert main(["deliver", "--dry-run", *flags]) == 0
    assert capsys.readouterr().out == f"msg-1 to {receiver.url}/watch, 0 attempts\n"
    assert receiver.calls == []
    assert main(["deliver", *flags]) == 2
    assert "0 sent, 0 to be tried again, 1 dead" in capsys.readouterr().out
    assert main(["deliver", "--dead", *flags]) == 0
    assert "answers 410" in capsys.readouterr().out
    receiver.answer = lambda _: (204, None)
    assert main(["deliver", "--revive", "msg-1", *flags]) == 0
    assert "1 sent" in capsys.readouterr().out
    assert main(["deliver", "--revive", "msg-1", *flags]) == 2
    assert "no dead message" in capsys.readouterr().err


def test_without_a_workflow_file_nothing_is_sent(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GATE_WORKFLOW", raising=False)
    put(store, "https://example.com")
    assert main(["deliver", "--store", f"sqlite:///{tmp_path / 'gate.db'}"]) == 2
    assert "GATE_WORKFLOW" in capsys.readouterr().err
    assert store.outbox.all()[0].attempts == 0


@pytest.mark.usefixtures("plan")
def test_what_waits_keeps_its_address_and_is_dropped_by_its_id(
    tmp_path: Path, store: Store, receiver: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--workflow", str(tmp_path / "workflow.toml"), "--store", f"sqlite:///{tmp_path / 'gate.db'}"]
    put(store, f"{receiver.url}/an-old-address")
    assert main(["deliver", "--drop", "msg-1", *flags]) == 0
    assert main(["deliver", *flags]) == 0
    assert receiver.calls == []
    capsys.readouterr()
    assert main(["deliver", "--dead", *flags]) == 0
    assert "/an-old-address, 0 attempts: It was dropped by hand" in capsys.readouterr().out
    assert main(["deliver", "--drop", "msg-1", *flags]) == 2
    assert "deliver --dry-run" in capsys.readouterr().err
    assert main(["deliver", "--revive", "msg-1", *flags]) == 0
    assert [call.path for call in receiver.calls] == ["/an-old-address"]
