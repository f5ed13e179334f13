"""The audit: whatever is changed, removed, reordered, added or cut off in the record is found; erasing is not."""

import csv
import hashlib
import hmac
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select, text, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from gate.asking import Asking
from gate.cli import main
from gate.errors import StoreError, UsageError
from gate.law import Law
from gate.signature import public_keys
from gate.store import Delivery, Filter, Store, Who, export, open_store, tables
from gate.store.erase import erase, retain
from gate.store.heads import Head, anchor, verified
from gate.store.tables import records
from gate.store.verify import look, verify
from gate.terminal import safe
from tests.stores import HARMLESS, NOW, YEAR, Judge, fill, opened, request, url_of
from tests.tampering import TAMPERING, Draw, a_verdict_and_all_hashes_after_it

AUDITOR = Who("cli:auditor")


class Kept:
    """A store with some of everything, its head signed, and what somebody outside has of it."""

    def __init__(self, store: Store, folder: Path, judge: Judge) -> None:
        self.store = store
        self.ids = fill(store, judge)
        erase(store.chain, self.ids[:1], "asked for", AUDITOR, NOW)
        store.chain.sign(NOW)
        self.head = store.head()
        self.keys = public_keys([folder / "public.pem"])


def key_pair(folder: Path) -> str:
    """A key to sign heads with: its PEM text; the public one is in the folder."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "public.pem").write_bytes(public)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "private.pem").write_bytes(private)
    return private.decode()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, law: Law) -> Iterator[Kept]:
    """One of each kind, filled once; what tests do to it they do in a transaction that is rolled back."""
    folder = tmp_path_factory.mktemp("audit")
    with url_of(request.param, folder) as url, opened(url, signer=key_pair(folder)) as store:
        yield Kept(store, folder, Judge(law))


@pytest.fixture(scope="module")
def sqlite_kept(tmp_path_factory: pytest.TempPathFactory, law: Law) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("audit")
    with url_of("sqlite", folder) as url, opened(url, signer=key_pair(folder)) as store:
        yield Kept(store, folder, Judge(law))


@pytest.fixture(scope="module")
def postgres_kept(tmp_path_factory: pytest.TempPathFactory, law: Law) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("audit")
    with url_of("postgresql", folder) as url, opened(url, signer=key_pair(folder)) as store:
        yield Kept(store, folder, Judge(law))


@contextmanager
def undone(store: Store) -> Iterator[Connection]:
    """A transaction that is taken back."""
    with store.database.writing() as connection:
        yield connection
        connection.rollback()


def test_a_record_that_nobody_touched_is_verified(kept: Kept) -> None:
    found = verify(kept.store.database, kept.keys, [kept.head])
    assert found.faults == []
    assert found.entries == kept.head.seq == 19
    assert (found.erased, found.unseen) == (1, 0)
    assert found.signatures == 2


@pytest.mark.parametrize("tamper", TAMPERING, ids=lambda tamper: tamper.__name__)
def test_any_tampering_is_found(kept: Kept, tamper: Callable[[Connection, Draw], None]) -> None:
    is_quick = not kept.store.database.is_postgres

    @settings(max_examples=settings().max_examples if is_quick else 5)
    @given(st.data())
    def tampered(data: st.DataObject) -> None:
        def draw(count: int) -> int:
            return data.draw(st.integers(0, count - 1))

        with undone(kept.store) as connection:
            tamper(connection, draw)
            found = look(connection, kept.keys, [kept.head])
            assert found.faults != [], tamper.__name__
            assert all(str(fault) for fault in found.faults)

    tampered()


@pytest.mark.parametrize(("gone", "what"), [((4,), "entry 4 is missing"), ((4, 5, 6), "entries 4 to 6 are missing")])
def test_what_is_missing_is_counted_in_words(kept: Kept, gone: tuple[int, ...], what: str) -> None:
    with undone(kept.store) as connection:
        connection.execute(delete(records).where(records.c.seq.in_(gone)))
        assert what in [fault.what for fault in look(connection, None, []).faults]


WRONG: dict[str, tuple[str, ...]] = {
    "INTEGER": ("x'00'", "'x'", "1.5", "-9223372036854775808"),
    "BIGINT": ("x'00'", "'x'", "1.5", "-9223372036854775808"),
    "TEXT": ("cast(x'ff1b' as text)", "x'ff00'", "''", "'2020'", "'\"'", "'0001-01-01T00:00:00.000000Z'"),
    "BLOB": ("'x'", "cast(x'01ff' as text)", "x''", "x'01'", "x'005b5d'", "x'007b7d'", "x'00ff'", "1"),
}
"""Type of a column -> what may be put into it where nobody minds the type, as SQLite does not."""


def wrong_values() -> list[Any]:
    found = []
    for table in tables.metadata.sorted_tables:
        if table.name not in ("outbox", "seen"):
            for column in table.columns:
                kind = column.type.compile(dialect=sqlite.dialect())
                found += [pytest.param(table, column.name, value, id=f"{column}={value}") for value in WRONG[kind]]
    return found


UNCOVERED = {
    *("head.one", "head.signed_at", "blobs.stored_at", "blobs.erased_at", "laws.stored_at", "api_keys.name"),
    *("idempotency.actor", "idempotency.key", "idempotency.body_hash", "idempotency.stored_at"),
    *("waivers.changed_at", "waivers.seq", "api_keys.created_at", "api_keys.seq"),
    *(
        f"purchases.{name}"
        for name in ("subject", "next_change", "looked_at", "law", "announced", "approved_at", "seq")
    ),
}
"""What the README says is not covered: a value that fits its column is not found there."""


class TestWhatStandsInNoColumn:
    """A row that cannot be read is a fault like any other: verifying names it and goes on."""

    @pytest.mark.parametrize(("table", "column", "value"), wrong_values())
    def test_it_is_told_and_so_is_what_was_done_elsewhere(
        self, sqlite_kept: Kept, table: Any, column: str, value: str
    ) -> None:
        with undone(sqlite_kept.store) as connection:
            keys = [one.name for one in table.primary_key]
            last = connection.execute(select(*table.primary_key).order_by(*(one.desc() for one in table.primary_key)))
            row = last.first()
            assert row is not None
            which = " and ".join(f"{key} = :{key}" for key in keys)
            try:
                connection.execute(text(f"update {table.name} set {column} = {value} where {which}"), row._asdict())  # noqa: S608
            except IntegrityError:
                return  # SQLite lets only whole numbers be row ids
            connection.execute(update(records).where(records.c.seq == 3).values(outcome="other"))
            told = [str(fault) for fault in look(connection, sqlite_kept.keys, [sqlite_kept.head]).faults]
            assert any("entry 3: its outcome" in one for one in told), told
            if f"{table.name}.{column}" not in UNCOVERED:
                assert len(told) > 1, told
            assert all(safe(one).isprintable() for one in told)

    def test_infinity_in_postgresql_is_told(self, postgres_kept: Kept) -> None:
        for table, column in (("blobs", "stored_at"), ("records", "at"), ("purchases", "ends"), ("waivers", "ends")):
            with undone(postgres_kept.store) as connection:
                connection.execute(text(f"update {table} set {column} = 'infinity'"))  # noqa: S608
                told = [str(one) for one in look(connection, postgres_kept.keys, [postgres_kept.head]).faults]
                assert any(f"its {column} is nothing" in one for one in told), told

    def test_the_command_names_each_and_prints_no_raw_bytes(
        self, tmp_path: Path, judge: Judge, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with opened(str(tmp_path / "gate.db")) as store:
            fill(store, judge)
            with store.database.writing() as connection:
                for change in (
                    "update blobs set stored_at = 'x'",
                    "update purchases set ends = '2020'",
                    "update records set record = cast(record as text) where seq = 11",
                    "update records set subject = cast(x'1b5b33316d' as text) where seq = 2",
                ):
                    connection.execute(text(change))
        assert main(["audit", "verify", "--store", str(tmp_path / "gate.db")]) == 1
        told = capsys.readouterr().out
        for words in ("its stored_at is", "entry 11", "entry 2: its outcome or subject"):
            assert words in told
        assert told.isprintable() or all(line.isprintable() for line in told.splitlines())


class TestHeads:
    def test_a_rewritten_record_is_found_by_a_head_that_was_noted_elsewhere(self, kept: Kept) -> None:
        with undone(kept.store) as connection:
            a_verdict_and_all_hashes_after_it(connection, lambda _: 1)
            connection.execute(delete(tables.signatures))
            connection.execute(update(tables.head).values(signed=0))
            connection.execute(delete(tables.mentions))
            assert any("kept elsewhere" in fault.what for fault in look(connection, None, [kept.head]).faults)

    def test_without_key_or_head_it_is_said_that_nothing_vouches(self, kept: Kept) -> None:
        assert verify(kept.store.database).unseen is None

    def test_entries_after_the_last_head_are_counted(self, kept: Kept) -> None:
        assert verify(kept.store.database, None, [Head(kept.head.chain, 1, _hash(kept.store, 1))]).unseen == 18

    def test_a_head_of_another_store_is_found(self, kept: Kept) -> None:
        other = msgspec.structs.replace(kept.head, chain="other")
        assert verify(kept.store.database, None, [other]).faults != []

    def test_a_signature_of_another_key_is_found(self, kept: Kept, tmp_path: Path) -> None:
        key_pair(tmp_path)
        found = verify(kept.store.database, public_keys([tmp_path / "public.pem"]))
        assert [fault.seq for fault in found.faults] == [1, 19]

    def test_heads_are_signed_once_in_a_while_and_at_the_end(
        self, database_url: str, judge: Judge, tmp_path: Path
    ) -> None:
        with opened(database_url, signer=key_pair(tmp_path)) as store:
            for seconds in (0, 1, 59, 60, 61, 125):
                judge.store(store, request(), asking=Asking(now=NOW + timedelta(seconds=seconds)))
            store.close(NOW + timedelta(seconds=126))
            again = open_store(database_url)
            with again.database.reading() as connection:
                signed = connection.execute(select(tables.signatures).order_by(tables.signatures.c.seq)).all()
            again.close()
        assert [row.seq for row in signed] == [1, 4, 6]
        keys = public_keys([tmp_path / "public.pem"])
        assert [verified(row.envelope, keys, "x").seq for row in signed] == [1, 4, 6]

    @pytest.mark.parametrize("text", ["", "5", "5:abc", "x:5:" + "g" * 64, "-5:" + "a" * 64, "a:b:5:" + "a" * 64])
    def test_what_is_no_head_is_refused(self, text: str) -> None:
        with pytest.raises(UsageError):
            anchor(text)

    def test_something_else_that_is_signed_is_no_head(self, kept: Kept) -> None:
        with pytest.raises(StoreError):
            verified(b"{}", kept.keys, "x")


def _hash(store: Store, seq: int) -> str:
    with store.database.reading() as connection:
        found: bytes = connection.execute(select(records.c.hash).where(records.c.seq == seq)).scalar_one()
    return found.hex()


def holding(store: Store, word: str) -> set[str]:
    """The tables in which it stands. (Nothing here is long enough to be packed.)"""
    with store.database.reading() as connection:
        return {
            table.name
            for table in tables.metadata.sorted_tables
            for row in connection.execute(select(table))
            for value in row
            if word in (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))
        }


class TestErasing:
    def test_what_was_erased_is_gone_and_the_chain_verifies(self, store: Store, judge: Judge) -> None:
        ids = fill(store, judge)
        before = store.head()
        done = erase(store.chain, ids[:2], "Article 17", AUDITOR, NOW)
        assert (done.entries, done.inputs) == (2, 2)
        found = store.decisions.one(ids[0])
        assert found is not None
        assert (found.actor, found.request, found.erased) == (None, None, True)
        assert b"Lovelace" not in found.body
        assert msgspec.json.decode(found.body)["buyer"]["name"] is None
        assert msgspec.json.decode(found.body)["decision"] == "deny"
        assert store.blobs.data(found.document) is None
        assert store.decisions.earlier("key:1", "k1", "hash") is None
        account = verify(store.database, None, [before])
        assert account.faults == []
        assert account.erased == 2
        other = store.decisions.one(ids[2])
        assert other is not None
        assert b"Lovelace" in other.body

    def test_an_input_that_another_decision_has_stays_until_that_is_erased_too(
        self, store: Store, judge: Judge
    ) -> None:
        one, two = judge.store(store, request()), judge.store(store, request())
        found = store.decisions.one(one)
        assert found is not None
        assert erase(store.chain, [one], "x", AUDITOR, NOW).inputs == 0
        assert store.blobs.data(found.document) is not None
        assert erase(store.chain, [two], "x", AUDITOR, NOW).inputs == 1
        assert store.blobs.data(found.document) is None
        assert verify(store.database).faults == []

    def test_an_input_that_comes_again_is_there_again(self, store: Store, judge: Judge) -> None:
        erase(store.chain, [judge.store(store, request())], "x", AUDITOR, NOW)
        found = store.decisions.one(judge.store(store, request()))
        assert found is not None
        assert store.blobs.data(found.document) == request()
        assert verify(store.database).faults == []

    def test_no_column_of_any_table_holds_the_name_any_more(self, store: Store, judge: Judge) -> None:
        """Article 17 GDPR: also not what tells of the decision, sent or not, nor the list of what was bought."""
        data = request(2, HARMLESS).replace(b"PR-2", b"ada@lovelace.example")
        entry = judge.entry(store, data)
        told = Delivery("told", "callback", "https://a.example", b"Lovelace of " + entry.id.encode(), {})
        name = store.writer.append(msgspec.structs.replace(entry, deliveries=(told,))).result(60).id
        store.purchases.approve(name, None, AUDITOR, NOW)
        assert holding(store, "ovelace") >= {"personal", "outbox", "purchases"}
        erase(store.chain, [name], "Article 17", AUDITOR, NOW)
        assert holding(store, "ovelace") == set()
        assert verify(store.database).faults == []

    def test_an_unknown_id_erases_nothing(self, store: Store, judge: Judge) -> None:
        name = judge.store(store, request())
        with pytest.raises(UsageError):
            erase(store.chain, [name, "nobody"], "x", AUDITOR, NOW)
        found = store.decisions.one(name)
        assert found is not None
        assert not found.erased

    def test_what_was_erased_is_not_on_the_disk_any_more(self, tmp_path: Path, judge: Judge) -> None:
        with opened(str(tmp_path / "gate.db")) as store:
            name = judge.store(store, request())
            kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
            assert b"Lovelace" in kept
            erase(store.chain, [name], "x", AUDITOR, NOW)
            assert all(b"Lovelace" not in path.read_bytes() for path in tmp_path.iterdir())

    def test_who_asked_for_a_waiver_is_known_until_it_is_settled(self, store: Store, judge: Judge) -> None:
        fill(store, judge)
        with store.database.reading() as connection:
            events = connection.execute(select(records.c.id).where(records.c.kind == "waiver")).scalars().all()
        erase(store.chain, list(events), "x", AUDITOR, NOW)
        assert {one.id: one.requester for one in store.waivers.page().items} == {
            "W-0": "(erased)",
            "W-1": "(erased)",
            "W-2": "oidc:https://id.example.com#clerk",
        }
        assert verify(store.database).faults == []

    def test_retention_takes_old_inputs_and_leaves_what_is_needed(self, store: Store, judge: Judge) -> None:
        ids = fill(store, judge)  # the second is approved, and so watched
        late = judge.store(store, request(3), asking=Asking(now=NOW + YEAR))  # the same document as the third
        trial = retain(store.chain, AUDITOR, NOW + YEAR, inputs_before=NOW + YEAR / 2, dry_run=True)
        done = retain(store.chain, AUDITOR, NOW + YEAR, inputs_before=NOW + YEAR / 2)
        assert (done, trial) == (trial, done)
        assert done.inputs == 7
        there = {name: store.blobs.data(store.decisions.one(name).document) for name in (*ids, late)}  # type: ignore[union-attr]
        assert [name for name, data in there.items() if data is not None] == [ids[1], ids[2], late]
        assert store.decisions.one(ids[0]).erased is False  # type: ignore[union-attr]
        assert verify(store.database).faults == []

    def test_retention_of_personal_fields(self, store: Store, judge: Judge) -> None:
        fill(store, judge)
        count = store.head().seq
        done = retain(store.chain, AUDITOR, NOW + YEAR, personal_before=NOW + YEAR)
        assert done.entries == count
        assert verify(store.database).faults == []
        assert retain(store.chain, AUDITOR, NOW + YEAR, personal_before=NOW + YEAR / 2).entries == 0


class TestExport:
    def test_an_auditor_needs_no_gate_to_verify_the_lines(self, kept: Kept) -> None:
        hashed = bytes(32)
        lines = b"".join(export.jsonl(kept.store.database)).splitlines()
        for number, line in enumerate(lines, start=1):
            said = json.loads(line)
            start = line.index(b'"record":') + len(b'"record":')
            record = line[start : line.rindex(b',"salt":')]
            assert json.loads(record) == said["record"]
            hashed = hashlib.sha256(hashed + number.to_bytes(8, "big") + record).digest()
            assert said["hash"] == hashed.hex()
            for name, words in (said["personal"] or {}).items():
                made = hmac.new(bytes.fromhex(said["salt"]), f"{name}\0{words}".encode(), "sha256").hexdigest()
                assert said["record"]["personal"][name] == made
        assert hashed.hex() == kept.head.hash

    def test_a_table_has_a_row_for_each_entry_and_no_formula(self, tmp_path: Path, judge: Judge) -> None:
        with opened(str(tmp_path / "gate.db")) as store:
            fill(store, judge)
            judge.store(store, request(1, id='=HYPERLINK("x")'))
            rows = list(csv.DictReader(io.StringIO(b"".join(export.table(store.database)).decode("utf-8-sig"))))
            assert len(rows) == store.head().seq
            assert rows[0]["decision"] == "deny"
            assert "kaspersky" in rows[0]["vendors"]
            assert rows[0]["buyer"] == "Ada Lovelace GmbH"
            assert rows[-1]["subject"] != '=HYPERLINK("x")'
            assert rows[-1]["subject"].endswith('=HYPERLINK("x")')

    def test_a_stretch_of_time_is_half_open(self, store: Store, judge: Judge) -> None:
        for hours in range(3):
            judge.store(store, request(), asking=Asking(now=NOW + timedelta(hours=hours)))
        hour = timedelta(hours=1)
        numbers = [json.loads(line)["seq"] for line in export.jsonl(store.database, NOW + hour, NOW + 2 * hour)]
        assert numbers == [2]


class TestCommands:
    def test_verify_head_export_and_erase(
        self, database_url: str, judge: Judge, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
    ) -> None:
        key_pair(tmp_path)
        public, private = str(tmp_path / "public.pem"), str(tmp_path / "private.pem")
        monkeypatch.setenv("GATE_DATABASE_URL", database_url)
        assert main(["audit", "verify"]) == 2
        assert "gate store upgrade" in capsys.readouterr().err
        assert main(["store", "upgrade"]) == 0
        with opened(database_url) as store:
            ids = fill(store, judge)
        capsys.readouterr()
        assert main(["audit", "verify", "--key", public]) == 1  # that key vouches for nothing
        capsys.readouterr()
        signed = str(tmp_path / "head.json")
        assert main(["audit", "head", "--key", private, "--out", signed]) == 0
        head = capsys.readouterr().out.strip()
        assert main(["audit", "verify"]) == 0
        assert "nothing from elsewhere vouches" in capsys.readouterr().out
        assert main(["audit", "verify", "--anchor", head]) == 0
        assert main(["audit", "verify", "--anchor", signed, "--key", public]) == 0
        assert "verified  18 entries" in capsys.readouterr().out
        assert main(["audit", "verify", "--anchor", signed]) == 2
        assert main(["audit", "erase", "--actor", "key:1", "--reason", "asked for"]) == 0
        assert "personal fields of 3 records, 3 inputs" in capsys.readouterr().out
        assert main(["audit", "erase", "--actor", "key:l", "--reason", "asked for"]) == 2
        assert "Nothing is kept of 'key:l'" in capsys.readouterr().err
        assert main(["audit", "erase", "--reason", "x"]) == 2
        assert main(["store", "retain", "--inputs", "30", "--personal", "30", "--dry-run"]) == 0
        assert main(["store", "retain"]) == 2
        capsys.readouterr()
        assert main(["audit", "verify", "--anchor", head]) == 0
        assert "vouches for the last entry\n" in capsys.readouterr().out
        out = tmp_path / "record.csv"
        assert main(["audit", "export", "--out", str(out)]) == 0
        assert len(out.read_text("utf-8-sig").splitlines()) == 1 + 19
        capsys.readouterr()
        with opened(database_url) as store, store.database.writing() as connection:
            connection.execute(update(records).where(records.c.id == ids[1]).values(outcome="deny"))
        assert main(["audit", "verify"]) == 1
        assert "entry 2: its outcome" in capsys.readouterr().out

    def test_a_decision_is_found_by_its_vendor_after_everything(self, kept: Kept) -> None:
        assert kept.store.decisions.count(Filter(vendor="kaspersky")) == 5
