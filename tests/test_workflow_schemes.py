"""Signed webhooks: raw bytes, five minutes, nothing twice, and every scheme against values its makers publish."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from gate.workflow.faults import Unproven
from gate.workflow.schemes import SCHEMES, WINDOW, Delivery, Mark, proven

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SECRET = {
    "standard": "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode(),
    "github": "It's a Secret to Everybody",
    "jira": "It's a Secret to Everybody",
    "slack": "8f742231b10e8888abcd99yyyzzz85a5",
}
BODY = b'{"issue": {"key": "PROC-17"}}'


def signed(scheme: str, body: bytes = BODY, *, at: datetime = NOW, number: str = "msg_1") -> Delivery:
    """A delivery as its sender would make it, written here from the scheme's own documentation."""
    stamp = str(int(at.timestamp()))
    secret = SECRET[scheme]

    def digest(key: bytes, text: bytes) -> bytes:
        return hmac.digest(key, text, "sha256")

    if scheme == "standard":
        key = base64.b64decode(secret.removeprefix("whsec_"))
        value = base64.b64encode(digest(key, f"{number}.{stamp}.".encode() + body)).decode()
        headers = {"webhook-id": number, "webhook-timestamp": stamp, "webhook-signature": f"v1,{value}"}
    elif scheme == "slack":
        value = digest(secret.encode(), f"v0:{stamp}:".encode() + body).hex()
        headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={value}"}
    else:
        value = f"sha256={digest(secret.encode(), body).hex()}"
        headers = (
            {"x-hub-signature-256": value, "x-github-delivery": number}
            if scheme == "github"
            else {"x-hub-signature": value, "x-atlassian-webhook-identifier": number}
        )
    return Delivery(headers, body)


def changed(delivery: Delivery, **headers: str | None) -> Delivery:
    merged = {**delivery.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Delivery({name: value for name, value in merged.items() if value is not None}, delivery.body)


SIGNATURE = {
    "standard": "webhook_signature",
    "github": "x_hub_signature_256",
    "jira": "x_hub_signature",
    "slack": "x_slack_signature",
}
DATED = [name for name, scheme in SCHEMES.items() if scheme.stamp]


def test_the_table_holds_every_scheme() -> None:
    import gate.workflow.schemes as package

    modules = {path.stem for path in Path(package.__path__[0]).glob("*.py")} - {"__init__"}
    assert set(SCHEMES) == modules == set(SECRET)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_its_owner_signed_is_proven(scheme: str) -> None:
    mark = proven(signed(scheme), scheme, [SECRET[scheme]], NOW)
    assert mark.id == ("msg_1" if scheme != "slack" else hashlib.sha256(BODY).hexdigest())
    assert mark.is_dated == (scheme in DATED)


@pytest.mark.parametrize("scheme", SCHEMES)
@given(place=st.integers(0, len(BODY) - 1), flip=st.integers(1, 255))
def test_a_body_with_one_other_byte_is_refused(scheme: str, place: int, flip: int) -> None:
    whole = signed(scheme)
    body = bytearray(whole.body)
    body[place] ^= flip
    with pytest.raises(Unproven):
        proven(Delivery(whole.headers, bytes(body)), scheme, [SECRET[scheme]], NOW)


@pytest.mark.parametrize("scheme", SCHEMES)
@given(given=st.text(alphabet=st.characters(codec="latin-1"), max_size=80))
def test_any_other_signature_is_refused_and_none_crashes(scheme: str, given: str) -> None:
    with pytest.raises(Unproven):
        proven(changed(signed(scheme), **{SIGNATURE[scheme]: given}), scheme, [SECRET[scheme]], NOW)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_signature_no_secret_and_another_secret_are_refused(scheme: str) -> None:
    other = "whsec_" + base64.b64encode(b"another secret of 24 byt").decode()
    for delivery, secrets in (
        (changed(signed(scheme), **{SIGNATURE[scheme]: None}), [SECRET[scheme]]),
        (Delivery({}, BODY), [SECRET[scheme]]),
        (signed(scheme), []),
        (signed(scheme), [other]),
    ):
        with pytest.raises(Unproven):
            proven(delivery, scheme, secrets, NOW)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_while_a_secret_is_changed_both_are_taken(scheme: str) -> None:
    other = "whsec_" + base64.b64encode(b"another secret of 24 byt").decode()
    proven(signed(scheme), scheme, [other, SECRET[scheme]], NOW)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_signature_of_one_scheme_proves_nothing_in_another(scheme: str) -> None:
    for other in set(SCHEMES) - {scheme}:
        with pytest.raises(Unproven):
            proven(signed(other), scheme, [SECRET[scheme]], NOW)


@pytest.mark.parametrize("scheme", DATED)
@pytest.mark.parametrize("sign", [1, -1])
def test_the_window_is_five_minutes_to_either_side_and_not_a_second_more(scheme: str, sign: int) -> None:
    at = NOW + sign * WINDOW
    proven(signed(scheme, at=at), scheme, [SECRET[scheme]], NOW)
    with pytest.raises(Unproven, match="five minutes"):
        proven(signed(scheme, at=at + sign * SECOND), scheme, [SECRET[scheme]], NOW)


@pytest.mark.parametrize("scheme", DATED)
@pytest.mark.parametrize("stamp", ["", "now", "-1", "1e9", "٣", "9" * 40, "1764244800.5", " 1764244800", None])
def test_a_time_that_is_no_number_of_seconds_is_refused(scheme: str, stamp: str | None) -> None:
    name = str(SCHEMES[scheme].stamp).replace("-", "_")
    with pytest.raises(Unproven):
        proven(changed(signed(scheme), **{name: stamp}), scheme, [SECRET[scheme]], NOW)


def mark(scheme: str, delivery: Delivery) -> Mark:
    return proven(delivery, scheme, [SECRET[scheme]], NOW)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_is_sent_again_byte_for_byte_has_the_same_proof(scheme: str) -> None:
    assert mark(scheme, signed(scheme)) == mark(scheme, signed(scheme))


@pytest.mark.parametrize("scheme", DATED)
def test_a_sender_that_tries_again_dates_it_anew_and_keeps_its_number(scheme: str) -> None:
    first, second = mark(scheme, signed(scheme)), mark(scheme, signed(scheme, at=NOW + SECOND))
    assert first.id == second.id
    assert first.proof != second.proof


@pytest.mark.parametrize("scheme", ["github", "jira"])
def test_a_number_nobody_signed_does_not_make_a_replay_new(scheme: str) -> None:
    first, second = mark(scheme, signed(scheme)), mark(scheme, signed(scheme, number="another"))
    assert first.id != second.id
    assert first.proof == second.proof


def test_leading_noughts_in_the_time_make_no_new_proof() -> None:
    plain = signed("standard")
    padded = changed(plain, webhook_timestamp="0" + plain.headers["webhook-timestamp"])
    assert mark("standard", plain).proof == mark("standard", padded).proof


def test_github_signs_its_published_example() -> None:
    # docs.github.com, "Testing the webhook payload validation".
    delivery = Delivery(
        {"x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
        b"Hello, World!",
    )
    proven(delivery, "github", [SECRET["github"]], NOW)


def test_slack_signs_its_published_example() -> None:
    # api.slack.com, "Verifying requests from Slack".
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    delivery = Delivery(
        {
            "x-slack-request-timestamp": "1531420618",
            "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        },
        body,
    )
    proven(delivery, "slack", [SECRET["slack"]], datetime.fromtimestamp(1531420618, UTC))


@given(payload=st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3))
def test_what_the_standards_own_library_signs_is_proven(payload: dict[str, Any]) -> None:
    body = json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")
    value = Webhook(SECRET["standard"]).sign("msg_2", NOW, body.decode())
    headers = {
        "webhook-id": "msg_2",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": f"v1a,irrelevant {value}",
    }
    assert proven(Delivery(headers, body), "standard", [SECRET["standard"]], NOW).id == "msg_2"
