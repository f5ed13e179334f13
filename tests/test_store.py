"""The store: what is put in comes out, whichever database it is, and what does not fit is refused."""

import base64
import contextlib
import sqlite3
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text

from gate.asking import Asking
from gate.decision import SubjectNamed
from gate.digest import sha256
from gate.errors import GateError, StoreError, UsageError
from gate.match import Evidence
from gate.record import wire
from gate.store import Conflict, Delivery, Document, Filter, Outdated, Store, Who, decided, open_store, page
from gate.store.blobs import Blob
from gate.store.erase import entries_of, erase
from gate.store.personal import commitments, restore
from gate.store.schema import MIGRATIONS, VERSION
from gate.store.tables import metadata
from gate.store.verify import verify
from tests.records import component, reason, record
from tests.stores import HARMLESS, NOW, Judge, opened, request

ADA = Who("key:ada", "req-1")
PLACES = st.integers(-(1 << 63), (1 << 64) - 1) | st.text(max_size=9) | st.binary(max_size=9) | st.none()


def as_before(store: Store) -> None:
    """Make the tables what they were before migration 0002."""
    with store.database.writing() as connection:
        connection.execute(text("DROP INDEX personal_actor"))
        connection.execute(text("ALTER TABLE personal DROP COLUMN actor"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))


class TestTables:
    def test_the_migrations_make_the_tables_that_the_program_uses(self, store: Store) -> None:
        with store.database.reading() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []

    def test_the_version_that_is_wanted_is_that_of_the_newest_migration(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        assert ScriptDirectory.from_config(config).get_heads() == [VERSION]

    def test_a_database_without_tables_is_refused_with_what_to_do(self, database_url: str) -> None:
        with pytest.raises(StoreError, match="gate store upgrade"):
            open_store(database_url)

    @pytest.mark.parametrize(("version", "remedy"), [("0000", "gate store upgrade"), ("9999", "newer version")])
    def test_tables_of_another_version_are_refused(self, database_url: str, version: str, remedy: str) -> None:
        store = open_store(database_url, upgrade=True)
        with store.database.writing() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
        store.close()
        with pytest.raises(StoreError, match=remedy):
            open_store(database_url)

    def test_a_database_that_a_newer_gate_made_is_not_touched(self, database_url: str) -> None:
        store = open_store(database_url, upgrade=True)
        with store.database.writing() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        store.close()
        with pytest.raises(StoreError, match="newer version"):
            open_store(database_url, upgrade=True)

    def test_a_file_that_another_process_is_making_is_waited_for(self, tmp_path: Path) -> None:
        other = sqlite3.connect(tmp_path / "gate.db", isolation_level=None, check_same_thread=False)
        other.execute("CREATE TABLE made (by_another)")
        other.execute("BEGIN IMMEDIATE")
        ends = threading.Timer(0.2, other.execute, ["COMMIT"])
        ends.start()
        open_store(f"sqlite:///{tmp_path}/gate.db", upgrade=True).close()
        ends.join()
        other.close()

    def test_what_was_stored_before_who_asked_had_a_column_is_found_by_who_asked(
        self, database_url: str, judge: Judge
    ) -> None:
        ada, bob = Who("key:ada", "r"), Who("key:bob", "r")
        with opened(database_url) as store:
            mine = [judge.store(store, request(n), who=ada) for n in range(3)]
            judge.store(store, request(9, id="\0"), who=bob)
            erase(store.chain, mine[:1], "x", bob, NOW)
            as_before(store)
        with opened(database_url) as store:
            found = store.decisions.page(Filter(actor="key:ada")).items
            assert [one.id for one in found] == mine[:0:-1]
            assert entries_of(store.database, "key:ada") == mine[1:]
            with pytest.raises(StoreError), store.database.writing() as connection:  # as the version before would
                connection.execute(text("INSERT INTO personal (seq, salt, fields) VALUES (9, '', '')"))
            assert verify(store.database).faults == []

    def test_whoever_asked_with_a_nul_in_their_name_before_it_had_a_column_has_tampered_with_nothing(
        self, database_url: str, judge: Judge
    ) -> None:
        """The version before stored such names, and PostgreSQL's text holds none: the column has another letter."""
        with opened(database_url) as store:
            entry = judge.entry(store, request(), who=ADA)
            fields, record = {**entry.personal, "actor": "oidc:a\0b"}, msgspec.json.decode(entry.record)
            record["personal"] = commitments(entry.salt, fields)
            entry = msgspec.structs.replace(entry, personal=fields, record=msgspec.json.encode(record))
            name = store.writer.append(entry).result(60).id
            as_before(store)
        with opened(database_url) as store:
            assert verify(store.database).faults == []
            stored = store.decisions.one(name)
            assert stored is not None
            assert stored.actor == "oidc:a\0b"
            with store.database.writing() as connection:
                connection.execute(text("UPDATE personal SET actor = 'oidc:ab'"))
            [fault] = verify(store.database).faults
            assert "who asked" in fault.what

    def test_several_may_upgrade_at_once(self, database_url: str) -> None:
        faults: list[Exception] = []

        def upgrade() -> None:
            try:
                open_store(database_url, upgrade=True).close()
            except GateError as error:
                faults.append(error)

        threads = [threading.Thread(target=upgrade) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert faults == []


class TestAddresses:
    @pytest.mark.parametrize("url", ["", ":memory:", "sqlite://", "sqlite:///:memory:", "mysql://x/y", "://", "none"])
    def test_what_is_no_durable_database_is_refused(self, url: str) -> None:
        with pytest.raises(UsageError):
            open_store(url, upgrade=True)

    def test_a_folder_that_does_not_exist_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="folder does not exist"):
            open_store(str(tmp_path / "nowhere" / "gate.db"), upgrade=True)

    def test_a_password_stands_in_no_message(self) -> None:
        with pytest.raises(StoreError) as caught:
            open_store("postgresql://gate:hunter2@127.0.0.1:1/gate")
        assert "hunter2" not in str(caught.value)
        with pytest.raises(UsageError) as refused:
            open_store("mysql://gate:hunter2@127.0.0.1/gate")
        assert "hunter2" not in str(refused.value)

    @pytest.mark.parametrize("secret", ["hunter@2", "hunter@2/x"])
    def test_a_password_that_is_not_escaped_is_not_taken_for_where_the_server_is(self, secret: str) -> None:
        with pytest.raises(UsageError, match="%40 for @") as refused:
            open_store(f"postgresql://gate:{secret}@127.0.0.1:1/gate")
        assert "2" not in str(refused.value).replace("%2", "")

    def test_a_store_that_is_not_there_is_not_made_by_looking_at_it(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="no tables"):
            open_store(str(tmp_path / "gate.db"))
        assert list(tmp_path.iterdir()) == []

    def test_what_was_answered_waits_for_the_disk(self, store: Store) -> None:
        with store.database.reading() as connection:
            if store.database.is_postgres:
                assert connection.execute(text("SHOW synchronous_commit")).scalar() == "on"
            else:
                assert connection.execute(text("PRAGMA synchronous")).scalar() == 2  # FULL
                assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"


class TestDecisions:
    def test_a_decision_is_read_back_byte_for_byte(self, store: Store, judge: Judge) -> None:
        data = request()
        name = judge.store(store, data)
        found = store.decisions.one(name)
        assert found is not None
        assert found.body == judge.last
        assert (found.actor, found.request, found.erased) == ("key:ada", "req-1", False)
        assert (found.seq, found.at) == (1, NOW)
        assert store.blobs.data(found.document) == data
        assert found.digest == msgspec.json.decode(found.body)["digest"]

    def test_no_personal_field_stands_in_what_is_chained(self, store: Store, judge: Judge) -> None:
        entry = judge.entry(store, request())
        assert b"Lovelace" not in entry.record
        assert b"sales@kaspersky.com" not in entry.record
        assert b"key:ada" not in entry.record
        assert "Ada Lovelace GmbH" in entry.personal.values()

    @pytest.mark.parametrize("place", ["said", "missing", "subject", "name", "label"])
    def test_an_address_is_taken_out_and_put_back_wherever_it_stands(self, place: str) -> None:
        mail = "Ada <ada.l@mail.example.com>"
        evidence = (Evidence("url", mail if place == "said" else "x", "acme", "weak"),)
        one = reason(
            "review", components=(component(evidence=evidence),), missing=(mail,) if place == "missing" else ()
        )
        subject = SubjectNamed("sbom", mail if place == "subject" else "bom.json", "sha256:" + "ab" * 32)
        made = record(one, subject=subject)
        document = Document(b"{}", mail if place == "name" else "bom.json", "application/json")
        labels = {"from": mail if place == "label" else "x"}
        entry = decided(made, document, Asking(now=NOW), "sha256:law", ADA, labels=labels)
        assert b"ada.l" not in entry.record
        assert mail in entry.personal.values()
        kept = msgspec.json.decode(entry.record)
        restore(kept, entry.personal)
        assert msgspec.json.encode(kept["decision"]) == msgspec.json.encode(wire(made))
        assert (kept["document"]["name"], kept["labels"]) == (document.name, labels)

    def test_the_same_person_has_another_commitment_in_each_record(self, store: Store, judge: Judge) -> None:
        one, two = (msgspec.json.decode(judge.entry(store, request()).record) for _ in range(2))
        assert one["personal"].keys() == two["personal"].keys()
        assert set(one["personal"].values()).isdisjoint(two["personal"].values())

    def test_an_unknown_decision_is_none(self, store: Store) -> None:
        assert store.decisions.one("01234567-89ab-7cde-8f01-23456789abcd") is None

    def test_decisions_are_found_by_what_they_are_about(self, store: Store, judge: Judge) -> None:
        denied = judge.store(store, request(1))
        allowed = judge.store(store, request(2, HARMLESS), asking=Asking(now=NOW + timedelta(hours=1)))

        def ids(**wanted: object) -> list[str]:
            found = store.decisions.page(Filter(**wanted)).items  # type: ignore[arg-type]
            assert store.decisions.count(Filter(**wanted)) == len(found)  # type: ignore[arg-type]
            return [one.id for one in found]

        assert ids() == [allowed, denied]
        assert ids(verdict="deny") == [denied]
        assert ids(verdict="allow") == [allowed]
        assert ids(outcome="deny") == [denied]
        assert ids(vendor="kaspersky") == [denied]
        assert ids(vendor="huawei") == []
        assert ids(code="us-commerce-icts-2021-002-kaspersky/new-agreements") == [denied]
        assert ids(code="us-commerce-icts-2021-002-kaspersky") == [denied]
        assert ids(code="us-commerce-icts-2021-002") == []
        assert ids(subject="PR-2") == [allowed]
        assert ids(subject=sha256(request(1))) == [denied]
        assert ids(since=NOW + timedelta(hours=1)) == [allowed]
        assert ids(before=NOW + timedelta(hours=1)) == [denied]

    def test_pages_hold_every_decision_once_also_when_more_are_made_meanwhile(self, store: Store, judge: Judge) -> None:
        made = [judge.store(store, request(n)) for n in range(7)]
        seen: list[str] = []
        token = None
        while True:
            page = store.decisions.page(Filter(verdict="deny"), size=3, token=token)
            seen += [one.id for one in page.items]
            token = page.next
            if token is None:
                break
            judge.store(store, request(100))
        assert seen == made[::-1]

    def test_a_page_token_of_another_query_is_refused(self, store: Store, judge: Judge) -> None:
        for n in range(3):
            judge.store(store, request(n))
        token = store.decisions.page(Filter(), size=1).next
        assert token is not None
        for bad in (token, "", "x", "AAAA", "%", "é", f"{token}A", token[:-4]):
            with pytest.raises(UsageError, match="page token"):
                store.decisions.page(Filter(vendor="kaspersky"), token=bad)

    def test_a_page_token_that_is_made_up_shows_nothing_of_others(self, store: Store, judge: Judge) -> None:
        """What is seen is what the filter lets through; a token only says where to begin."""
        mine = [judge.store(store, request(n), who=Who(f"key:{who}")) for n, who in enumerate(("ada", "bob", "ada"))]
        wanted = Filter(actor="key:ada")
        seen = store.decisions.page(wanted, token=page.token(3, wanted))
        assert [one.id for one in seen.items] == [mine[0]]

    @given(st.binary(max_size=40) | st.tuples(st.binary(max_size=9), PLACES).map(msgspec.msgpack.encode))
    def test_whatever_comes_as_a_page_token_is_a_place_or_refused(self, data: bytes) -> None:
        for one in (base64.urlsafe_b64encode(data).decode(), data.decode("latin-1")):
            for kind in (page.Number, page.Word):
                with contextlib.suppress(UsageError):
                    page.place(one, Filter(), kind)

    @pytest.mark.parametrize("word", ["", "a\0b", "x" * 256, 7])
    def test_nor_a_word(self, word: Any) -> None:
        with pytest.raises(UsageError, match="page token"):
            page.place(page.token(word, Filter()), Filter(), page.Word)
        assert page.place(page.token("W 1/ä", Filter()), Filter(), page.Word) == "W 1/ä"

    @pytest.mark.parametrize("place", [-1, 1 << 63, 1.5, None, "1", True])
    def test_no_page_token_holds_a_number_that_no_database_takes(self, place: Any) -> None:
        with pytest.raises(UsageError, match="page token"):
            page.place(page.token(place, Filter()), Filter(), page.Number)

    def test_who_asked_is_looked_up_and_not_searched_for(self, tmp_path: Path, judge: Judge) -> None:
        """A requester lists their own, however many there are of others."""
        with opened(str(tmp_path / "gate.db")) as store:
            judge.store(store, request(), who=ADA)
            asked: list[tuple[str, Any]] = []
            event.listen(store.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
            assert len(store.decisions.page(Filter(actor=ADA.actor)).items) == 1
            [(query, values)] = [one for one in asked if "records" in one[0]]
            with store.database.reading() as connection:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values).all()
            assert [line[-1].partition(" (")[0] for line in plan] == [
                "SEARCH personal USING INDEX personal_actor",
                "SEARCH records USING INTEGER PRIMARY KEY",
            ]

    def test_a_subject_of_any_length_and_with_any_letter_is_kept(self, store: Store, judge: Judge) -> None:
        name = judge.store(store, request(1, id="\0" + "x" * 400))
        assert store.decisions.one(name) is not None
        [found] = store.decisions.page(Filter(subject="\0" + "x" * 400)).items
        assert found.subject == "\0" + "x" * 400


class TestRetries:
    def test_the_same_key_and_body_is_the_same_decision(self, store: Store, judge: Judge) -> None:
        who = Who("key:ada", "r", "order-1", "hash")
        first = store.writer.append(judge.entry(store, request(), who=who)).result(60)
        second = store.writer.append(judge.entry(store, request(), who=who)).result(60)
        assert (first.again, second.again) == (False, True)
        assert second.id == first.id
        assert store.head().seq == 1
        earlier = store.decisions.earlier("key:ada", "order-1", "hash")
        assert earlier is not None
        assert earlier.id == first.id

    def test_another_body_under_the_same_key_is_a_conflict(self, store: Store, judge: Judge) -> None:
        judge.store(store, request(), who=Who("key:ada", "r", "order-1", "hash"))
        with pytest.raises(Conflict):
            judge.store(store, request(), who=Who("key:ada", "r", "order-1", "other"))
        with pytest.raises(Conflict):
            store.decisions.earlier("key:ada", "order-1", "other")
        assert store.head().seq == 1

    def test_another_person_may_use_the_same_key(self, store: Store, judge: Judge) -> None:
        judge.store(store, request(), who=Who("key:ada", "r", "order-1", "hash"))
        judge.store(store, request(), who=Who("key:bob", "r", "order-1", "other"))
        assert store.decisions.earlier("key:eve", "order-1", "hash") is None

    def test_retries_that_come_at_once_are_one_decision(self, store: Store, judge: Judge) -> None:
        who = Who("key:ada", "r", "order-1", "hash")
        entries = [judge.entry(store, request(), who=who) for _ in range(20)]
        told = [future.result(60) for future in [store.writer.append(entry) for entry in entries]]
        assert len({one.id for one in told}) == 1
        assert [one.again for one in told].count(False) == 1

    def test_a_row_that_is_refused_does_not_fail_the_others_of_its_commit(self, store: Store, judge: Judge) -> None:
        entry = judge.entry(store, request())
        others = [judge.entry(store, request(n)) for n in range(5)]
        futures = [store.writer.append(one) for one in (entry, *others[:2], entry, *others[2:])]  # the same id twice
        faults = [future.exception(60) for future in futures]
        assert [isinstance(fault, StoreError) for fault in faults].count(True) == 1
        assert store.head().seq == 6

    def test_a_name_that_no_index_could_hold_is_refused_beforehand(self, store: Store, judge: Judge) -> None:
        with pytest.raises(UsageError, match="255"):
            judge.entry(store, request(), who=Who("key:ada", "r", "k" * 256))
        with pytest.raises(UsageError, match="NUL"):
            judge.entry(store, request(), who=Who("oidc:a\0b"))


class TestRevision:
    def test_a_decision_made_before_a_key_was_revoked_is_not_stored(self, store: Store, judge: Judge) -> None:
        key, _ = store.keys.create("ci", ["requester"], ADA, NOW)
        entry = judge.entry(store, request(), revision=store.revision())
        store.keys.revoke(key.id, ADA, NOW)
        with pytest.raises(Outdated):
            store.writer.append(entry).result(60)
        again = judge.entry(store, request(), revision=store.revision())
        assert store.writer.append(again).result(60).seq == 3

    def test_another_process_learns_of_it(self, database_url: str, judge: Judge) -> None:
        here, there = open_store(database_url, upgrade=True), open_store(database_url)
        here.keys.take_in()
        key, secret = there.keys.create("ci", ["requester"], ADA, NOW)
        assert here.keys.known(secret) is None
        with pytest.raises(Outdated):
            judge.store(here, request(), revision=here.revision())
        here.refresh()
        here.keys.take_in()
        assert here.keys.known(secret) == key
        there.keys.revoke(key.id, ADA, NOW)
        here.refresh()
        assert here.keys.known(secret) is None  # not what was so before
        here.close()
        there.close()


class TestBlobs:
    def test_the_same_bytes_are_kept_once(self, store: Store) -> None:
        data = b"x" * 10_000
        name = store.blobs.put(data, "text/plain", NOW)
        assert store.blobs.put(data, "text/plain", NOW) == name
        assert store.blobs.one(name) == Blob(name, "text/plain", 10_000)
        assert store.blobs.data(name) == data

    @pytest.mark.parametrize("data", [b"", b"\x00", b"\x01", b"a" * 513, bytes(range(256)) * 9])
    def test_any_bytes_come_back(self, store: Store, data: bytes) -> None:
        assert store.blobs.data(store.blobs.put(data, "x/y", NOW)) == data

    def test_bytes_that_were_changed_are_not_given_out(self, store: Store) -> None:
        name = store.blobs.put(b"good", "x/y", NOW)
        with store.database.writing() as connection:
            connection.execute(text("UPDATE blobs SET data = :d"), {"d": b"\x00evil"})
        with pytest.raises(StoreError, match="other bytes"):
            store.blobs.data(name)

    def test_what_is_unknown_is_none(self, store: Store) -> None:
        assert store.blobs.one("sha256:" + "0" * 64) is None
        assert store.blobs.data("sha256:" + "0" * 64) is None


def test_a_message_is_in_the_outbox_if_its_decision_is_stored_and_not_else(store: Store, judge: Judge) -> None:
    message = Delivery("m-1", "decision", "https://example.test/hook", b"{}", {"x": "y"})
    entry = judge.entry(store, request(), who=Who("key:ada", "r", "k", "h"))
    store.writer.append(msgspec.structs.replace(entry, deliveries=(message,))).result(60)
    lost = msgspec.structs.replace(message, id="m-2")
    other = judge.entry(store, request(), who=Who("key:ada", "r", "k", "other"))
    with pytest.raises(Conflict):
        store.writer.append(msgspec.structs.replace(other, deliveries=(lost,))).result(60)
    assert [letter.id for letter in store.outbox.all()] == ["m-1"]


def test_a_closed_store_takes_nothing(store: Store, judge: Judge) -> None:
    entry = judge.entry(store, request())
    store.writer.close()
    with pytest.raises(StoreError, match="closed"):
        store.writer.append(entry)
    with pytest.raises(StoreError):
        store.ready()
