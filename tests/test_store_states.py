"""Waivers, keys, messages and approved purchases: who may do what with them, in which order, and who wins a race."""

import hashlib
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from gate.asking import Asking
from gate.errors import Forbidden, Overtaken, Unknown, UsageError
from gate.store import Delivery, Store, Who
from gate.store.purchases import Purchase
from gate.store.verify import verify
from tests.stores import HARMLESS, NOW, Judge, request, waiver

CLERK, BOSS = Who("oidc:https://id.example.com#clerk", "r1"), Who("oidc:https://id.example.com#boss", "r2")
HOUR = timedelta(hours=1)


class TestWaivers:
    def test_a_waiver_that_somebody_else_granted_is_used(self, store: Store, judge: Judge) -> None:
        asked = store.waivers.request(waiver(), judge.law, CLERK, NOW)
        assert asked.state == "requested"
        assert store.waivers.in_force(judge.law, NOW) == ()
        granted = store.waivers.approve(asked.id, judge.law, BOSS, NOW + HOUR)
        assert (granted.state, granted.approver, granted.requester) == (
            "granted",
            "oidc:https://id.example.com#boss",
            "oidc:https://id.example.com#clerk",
        )
        [one] = store.waivers.in_force(judge.law, NOW)
        assert one.grant.id == "W-1"
        assert one.grant.approver == "oidc:https://id.example.com#boss"
        assert one.grant.span.starts == date(2022, 1, 15)
        assert store.waivers.one("W-1") == granted

    def test_it_lifts_what_its_law_lets_it_lift_and_the_decision_names_it(self, store: Store, judge: Judge) -> None:
        bought = {
            "buyer": {"name": "Agency", "roles": ["us-federal-agency"]},
            "ordered": "2022-02-01",
            "acts": ["acquire"],
            "lines": [
                {
                    "id": "1",
                    "product": "Camera",
                    "category": "video-surveillance-equipment",
                    "supplier": {"name": "Shop Inc"},
                    "manufacturer": {"name": "Hangzhou Hikvision Digital Technology Co., Ltd."},
                }
            ],
            "purposes": ["public-safety"],
        }
        past: dict[str, Any] = {"now": NOW, "allow_past": True}
        asked = {"prohibitions": ["us-ndaa-fy2019-889-a1a"], "granted_by": "director-of-national-intelligence"}
        store.waivers.approve(
            store.waivers.request({**waiver(), **asked}, judge.law, CLERK, NOW).id,
            judge.law,
            BOSS,
            NOW,
        )
        body = {}
        for waivers in ((), store.waivers.in_force(judge.law, NOW)):
            judge.store(store, request(1, bought), asking=Asking(**past, waivers=waivers))
            body[bool(waivers)] = msgspec.json.decode(judge.last)
        assert body[False]["decision"] == "deny"
        lifted = [one for one in body[True]["reasons"] if one["waiver"] and not one["waiver"]["refused"]]
        assert [one["waiver"]["approver"] for one in lifted] == ["oidc:https://id.example.com#boss"] * len(lifted)
        assert lifted != []

    @pytest.mark.parametrize("names", [("Alice", "alice "), ("", " "), ("Jos\u00e9  M.", "Jose\u0301 M.")])
    def test_two_keys_of_one_name_or_of_none_are_one_person(
        self, store: Store, judge: Judge, names: tuple[str, str]
    ) -> None:
        named = [store.keys.create(name, ["requester", "approver"], BOSS, NOW)[0] for name in (*names, "Bob")]
        first, second, other = (Who(f"key:{one.id}") for one in named)
        asked = store.waivers.request(waiver(), judge.law, first, NOW)
        with pytest.raises(Forbidden, match="Somebody else"):
            store.waivers.approve(asked.id, judge.law, second, NOW)
        assert store.waivers.approve(asked.id, judge.law, other, NOW).state == "granted"

    def test_who_has_tokens_of_two_issuers_is_one_person(self, store: Store, judge: Judge) -> None:
        asked = store.waivers.request(waiver(), judge.law, CLERK, NOW)
        with pytest.raises(Forbidden, match="Somebody else"):
            store.waivers.approve(asked.id, judge.law, Who("oidc:https://moved.example.com#clerk"), NOW)

    def test_who_asked_before_the_record_named_issuers_is_that_person_still(self, store: Store, judge: Judge) -> None:
        asked = store.waivers.request(waiver(), judge.law, Who("oidc:clerk"), NOW)
        with pytest.raises(Forbidden, match="asked for by oidc:clerk"):
            store.waivers.approve(asked.id, judge.law, CLERK, NOW)

    def test_nobody_grants_or_rejects_a_waiver_of_their_own(self, store: Store, judge: Judge) -> None:
        asked = store.waivers.request(waiver(), judge.law, CLERK, NOW)
        with pytest.raises(Forbidden, match="Somebody else"):
            store.waivers.approve(asked.id, judge.law, CLERK, NOW)
        with pytest.raises(Forbidden, match="Somebody else"):
            store.waivers.reject(asked.id, "no", CLERK, NOW)
        assert store.waivers.in_force(judge.law, NOW) == ()

    def test_whoever_asked_may_take_it_back(self, store: Store, judge: Judge) -> None:
        asked = store.waivers.request(waiver(), judge.law, CLERK, NOW)
        assert store.waivers.revoke(asked.id, "a mistake", CLERK, NOW).state == "revoked"

    @pytest.mark.parametrize(
        ("steps", "refused"),
        [
            (("reject",), "approve"),
            (("revoke",), "approve"),
            (("approve",), "approve"),
            (("approve",), "reject"),
            (("approve", "revoke"), "approve"),
            (("reject",), "revoke"),
            (("revoke",), "revoke"),
        ],
        ids=lambda value: "-".join(value) if isinstance(value, tuple) else value,
    )
    def test_a_settled_waiver_stays_so(self, store: Store, judge: Judge, steps: tuple[str, ...], refused: str) -> None:
        asked = store.waivers.request(waiver(), judge.law, CLERK, NOW)
        do: dict[str, Any] = {
            "approve": lambda: store.waivers.approve(asked.id, judge.law, BOSS, NOW),
            "reject": lambda: store.waivers.reject(asked.id, "no", BOSS, NOW),
            "revoke": lambda: store.waivers.revoke(asked.id, "no longer", BOSS, NOW),
        }
        for step in steps:
            do[step]()
        with pytest.raises(Overtaken, match="cannot be"):
            do[refused]()

    def test_a_revoked_waiver_waives_nothing_from_then_on(self, store: Store, judge: Judge) -> None:
        asked = store.waivers.request(waiver(), judge.law, CLERK, NOW)
        store.waivers.approve(asked.id, judge.law, BOSS, NOW)
        assert len(store.waivers.in_force(judge.law, NOW)) == 1
        assert store.waivers.known(judge.law) == store.waivers.in_force(judge.law, NOW)
        store.waivers.revoke(asked.id, "over", BOSS, NOW)
        assert store.waivers.known(judge.law) is None
        assert store.waivers.in_force(judge.law, NOW) == ()
        assert store.waivers.known(judge.law) == ()

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"approver": "me"}, "does not say who approves"),
            ({"prohibitions": ["no-such-law"]}, "no prohibition"),
            ({"vendors": ["nobody"]}, "register does not have"),
            ({"ends": "2022-01-15"}, "not complete"),
            ({"ends": "2022-08-13T00:00:00"}, "offset"),
            ({"ends": "soon"}, "neither a day"),
            ({"starts": 5}, "not complete"),
            ({"reason": ""}, "not complete"),
            ({"colour": "red"}, "not complete"),
            ({"ends": "2022-08-14"}, "`ends` 2022-08-13 at the latest"),
            ({"granted_by": "mickey-mouse"}, "lets no 'mickey-mouse' waive it"),
            ({"prohibitions": ["us-ndaa-fy2018-1634-kaspersky"]}, "lets nobody waive it"),
        ],
        ids=str,
    )
    def test_a_waiver_that_is_not_whole_is_refused(
        self, store: Store, judge: Judge, change: dict[str, Any], told: str
    ) -> None:
        with pytest.raises(UsageError, match=told):
            store.waivers.request({**waiver(), **change}, judge.law, CLERK, NOW)
        assert store.head().seq == 0

    def test_an_id_is_taken_once_and_given_where_it_is_left_out(self, store: Store, judge: Judge) -> None:
        store.waivers.request(waiver(), judge.law, CLERK, NOW)
        with pytest.raises(Overtaken, match="already"):
            store.waivers.request(waiver(), judge.law, CLERK, NOW)
        unnamed = {key: value for key, value in waiver().items() if key != "id"}
        assert store.waivers.request(unnamed, judge.law, CLERK, NOW).id not in ("", "W-1")

    def test_those_that_end_soon_are_listed_first(self, store: Store, judge: Judge) -> None:
        for name, ends in (("late", "2027-03-01"), ("soon", "2026-12-01"), ("next", "2026-12-24T00:00:00+01:00")):
            asked = {**waiver(name), "granted_by": "director-of-national-intelligence", "ends": ends}
            store.waivers.request(asked, judge.law, CLERK, NOW)
            store.waivers.approve(name, judge.law, BOSS, NOW)
        expiring = store.waivers.page(state="granted", ends_before=datetime(2027, 1, 1, tzinfo=UTC)).items
        assert [one.id for one in expiring] == ["soon", "next"]
        seen, token = [], None
        for _ in range(3):
            page = store.waivers.page(state="granted", size=1, token=token)
            seen += [one.id for one in page.items]
            token = page.next
        assert (seen, token) == (["soon", "next", "late"], None)
        assert store.waivers.counted() == {"requested": 0, "granted": 3, "rejected": 0, "revoked": 0}

    def test_of_two_who_decide_at_once_one_is_told_that_it_is_settled(self, store: Store, judge: Judge) -> None:
        asked = store.waivers.request(waiver(), judge.law, CLERK, NOW)
        outcomes: list[str] = []

        def decide(who: Who) -> None:
            try:
                outcomes.append(store.waivers.approve(asked.id, judge.law, who, NOW).state)
            except UsageError:
                outcomes.append("settled")

        threads = [
            threading.Thread(target=decide, args=(Who(f"oidc:https://id.example.com#boss{n}"),)) for n in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["granted", "settled", "settled", "settled"]
        assert verify(store.database).faults == []


class TestKeys:
    def test_a_secret_is_told_once_and_never_kept(self, store: Store) -> None:
        key, secret = store.keys.create("ci", ["requester", "auditor"], BOSS, NOW)
        assert store.keys.seek(secret) == key
        assert store.keys.all() == [key]
        assert secret.startswith("gate_")
        with store.database.reading() as connection:
            [row] = connection.execute(text("SELECT * FROM api_keys"))
            [record] = connection.execute(text("SELECT record FROM records")).scalars()
        assert secret not in str(tuple(row))
        assert secret.encode() not in bytes(record)
        assert hashlib.sha256(secret.encode()).digest() in {bytes(v) for v in row if isinstance(v, bytes)}

    def test_another_secret_opens_nothing(self, store: Store) -> None:
        _, secret = store.keys.create("ci", ["requester"], BOSS, NOW)
        for wrong in ("", "gate_", secret[:-1], secret + "x", secret.upper(), "\udce9"):
            assert store.keys.seek(wrong) is None

    def test_a_key_is_good_before_it_expires_and_not_at_that_instant(self, store: Store) -> None:
        key, _ = store.keys.create("ci", ["requester"], BOSS, NOW, NOW + HOUR)
        assert key.is_good(NOW)
        assert key.is_good(NOW + HOUR - timedelta(microseconds=1))
        assert not key.is_good(NOW + HOUR)

    def test_a_revoked_key_is_good_for_nothing(self, store: Store) -> None:
        key, secret = store.keys.create("ci", ["requester"], BOSS, NOW)
        store.keys.revoke(key.id, BOSS, NOW)
        found = store.keys.seek(secret)
        assert found is not None
        assert not found.is_good(NOW)
        assert store.keys.revoke(key.id, BOSS, NOW + HOUR).revoked_at == NOW

    def test_what_makes_no_sense_is_refused(self, store: Store) -> None:
        for roles, expires in (([], None), (["root"], None), (["auditor"], NOW)):
            with pytest.raises(UsageError):
                store.keys.create("x", roles, BOSS, NOW, expires)
        with pytest.raises(Unknown, match="no key"):
            store.keys.revoke("nobody", BOSS, NOW)
        assert store.keys.all() == []


class TestOutbox:
    def _put(self, store: Store, number: int = 3) -> list[str]:
        names = [f"m-{n}" for n in range(number)]
        store.outbox.put([Delivery(name, "decision", "https://x.test", b"{}", {"a": "b"}) for name in names], NOW)
        return names

    def test_a_message_is_claimed_by_one_until_its_lease_ends(self, store: Store) -> None:
        names = self._put(store)
        assert [one.id for one in store.outbox.claim(NOW, HOUR)] == names
        assert store.outbox.claim(NOW + HOUR / 2, HOUR) == []
        again = store.outbox.claim(NOW + HOUR, HOUR)
        assert [(one.id, one.attempts) for one in again] == [(name, 2) for name in names]

    def test_many_who_claim_at_once_get_each_message_once(self, store: Store) -> None:
        names = self._put(store, 60)
        got: list[str] = []

        def claim() -> None:
            while letters := store.outbox.claim(NOW, HOUR, limit=5):
                got.extend(one.id for one in letters)

        threads = [threading.Thread(target=claim) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(got) == sorted(names)

    def test_what_is_withdrawn_is_not_sent_and_what_arrived_has_arrived(self, store: Store) -> None:
        self._put(store)
        store.outbox.sent("m-0", NOW)
        for name in ("m-0", "m-1"):
            store.outbox.withdraw(name, NOW)
        store.outbox.failed("m-1", "HTTP 503", NOW)
        assert [one.id for one in store.outbox.claim(NOW, HOUR)] == ["m-2"]
        assert store.outbox.counted() == {"waiting": 1, "sent": 1, "dead": 0, "withdrawn": 1}
        newest = store.outbox.newest("m-")
        assert newest is not None
        assert newest.id.startswith("m-")
        assert store.outbox.newest("n-") is None

    def test_it_is_sent_or_due_again_or_dead(self, store: Store) -> None:
        self._put(store)
        store.outbox.claim(NOW, HOUR)
        store.outbox.sent("m-0", NOW)
        store.outbox.failed("m-1", "HTTP 503", NOW + 2 * HOUR)
        store.outbox.dead("m-2", "HTTP 410", NOW)
        assert store.outbox.counted() == {"waiting": 1, "sent": 1, "dead": 1, "withdrawn": 0}
        [waiting] = store.outbox.all("waiting")
        assert waiting.next_at == NOW + 2 * HOUR
        [dead] = store.outbox.all("dead")
        assert (dead.id, dead.last_error, dead.headers) == ("m-2", "HTTP 410", {"a": "b"})
        assert store.outbox.claim(NOW + HOUR, HOUR) == []
        store.outbox.revive("m-2", NOW + HOUR)
        assert [one.id for one in store.outbox.claim(NOW + HOUR, HOUR)] == ["m-2"]
        with pytest.raises(UsageError):
            store.outbox.revive("m-0", NOW)

    def test_a_message_is_put_once(self, store: Store) -> None:
        self._put(store)
        self._put(store)
        assert len(store.outbox.all()) == 3


class TestSeen:
    def test_an_id_is_new_once_until_its_time_is_over(self, store: Store) -> None:
        assert store.seen.is_new("w-1", NOW, NOW + HOUR)
        assert not store.seen.is_new("w-1", NOW + HOUR / 2, NOW + 2 * HOUR)
        assert store.seen.is_new("w-1", NOW + HOUR, NOW + 2 * HOUR)
        store.seen.forget("w-1")
        assert store.seen.is_new("w-1", NOW + HOUR, NOW + 2 * HOUR)

    def test_of_many_who_see_it_at_once_one_finds_it_new(self, store: Store) -> None:
        found: list[bool] = []
        threads = [
            threading.Thread(target=lambda: found.append(store.seen.is_new("w", NOW, NOW + HOUR))) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found.count(True) == 1


class TestPurchases:
    def test_an_allowed_purchase_is_watched_once_it_is_approved(self, store: Store, judge: Judge) -> None:
        name = judge.store(store, request(7, HARMLESS))
        one = store.purchases.approve(name, NOW + 9 * HOUR, CLERK, NOW)
        assert one == Purchase(name, "PR-7", NOW + 9 * HOUR, None, None, None, None, NOW)
        assert store.purchases.approve(name, None, BOSS, NOW + HOUR) == one
        assert store.purchases.all() == store.purchases.all(running_at=NOW + 8 * HOUR) == [one]
        assert store.purchases.all(running_at=NOW + 9 * HOUR) == []

    def test_what_was_denied_is_not_approved(self, store: Store, judge: Judge) -> None:
        with pytest.raises(Overtaken, match="Only what was allowed"):
            store.purchases.approve(judge.store(store, request()), None, CLERK, NOW)
        with pytest.raises(Unknown, match="no decision"):
            store.purchases.approve("nothing", None, CLERK, NOW)

    def test_what_a_look_found_is_remembered(self, store: Store, judge: Judge) -> None:
        name = judge.store(store, request(7, HARMLESS))
        store.purchases.approve(name, None, CLERK, NOW)
        store.purchases.looked(name, NOW, "sha256:law", NOW + HOUR, "deny")
        found = store.purchases.one(name)
        assert found is not None
        assert (found.looked_at, found.law, found.next_change, found.announced) == (
            NOW,
            "sha256:law",
            NOW + HOUR,
            "deny",
        )

    def test_a_closed_one_is_watched_no_longer(self, store: Store, judge: Judge) -> None:
        name = judge.store(store, request(7, HARMLESS))
        store.purchases.approve(name, NOW + HOUR, CLERK, NOW)
        store.purchases.close(name, CLERK, NOW)
        assert store.purchases.all() == []
        with pytest.raises(Unknown):
            store.purchases.close(name, CLERK, NOW)
        assert verify(store.database).faults == []

    def test_one_that_was_closed_by_mistake_is_watched_again(self, store: Store, judge: Judge) -> None:
        name = judge.store(store, request(7, HARMLESS))
        store.purchases.approve(name, NOW + HOUR, CLERK, NOW)
        store.purchases.close(name, CLERK, NOW)
        again = store.purchases.approve(name, NOW + 2 * HOUR, BOSS, NOW + HOUR)
        assert store.purchases.all() == [again]
        assert verify(store.database).faults == []
