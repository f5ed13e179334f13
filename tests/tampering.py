"""Ways to tamper with the record of a service in its database. Each draws where it does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, update

from gate.store import in_force, tables
from gate.store.blobs import LAW
from gate.store.chain import link
from gate.store.pack import packed, unpacked
from gate.store.tables import records
from tests.stores import NOW, YEAR

Draw = Callable[[int], int]
"""How many there are -> one of them."""


def _row(connection: Connection, table: Any, draw: Draw, *conditions: Any) -> Any:
    rows = connection.execute(select(table).where(*conditions).order_by(*table.primary_key)).all()
    return rows[draw(len(rows))]


def _set(connection: Connection, table: Any, row: Any, **values: Any) -> None:
    keys = [column == getattr(row, column.name) for column in table.primary_key]
    assert connection.execute(update(table).where(*keys).values(values)).rowcount == 1


def _drop(connection: Connection, table: Any, row: Any) -> None:
    assert (
        connection.execute(delete(table).where(*(c == getattr(row, c.name) for c in table.primary_key))).rowcount == 1
    )


def _flip(data: bytes, draw: Draw) -> bytes:
    place = draw(len(data))
    return data[:place] + bytes([data[place] ^ 1 << draw(8)]) + data[place + 1 :]


def a_bit_of_a_record(c: Connection, draw: Draw) -> None:
    row = _row(c, records, draw)
    _set(c, records, row, record=packed(_flip(unpacked(row.record), draw)))


def a_key_of_a_record(c: Connection, draw: Draw) -> None:
    row = _row(c, records, draw, records.c.kind == "decision")
    key = (b'"law"', b'"document"', b'"asking"', b'"in_force"', b'"subject"', b'"reasons"', b'"at"', b'"personal"')[
        draw(8)
    ]
    _set(c, records, row, record=packed(unpacked(row.record).replace(key, b'"x"')))


def a_record_and_its_hash(c: Connection, draw: Draw) -> None:
    row = _row(c, records, draw)
    before = c.execute(select(records.c.hash).where(records.c.seq == row.seq - 1)).scalar() or bytes(32)
    data = unpacked(row.record).replace(b'"kind"', b'"kinds"')
    _set(c, records, row, record=packed(data), hash=link(before, row.seq, data))


def a_verdict_and_all_hashes_after_it(c: Connection, draw: Draw) -> None:
    """What somebody does who can write everything, and has read the code; the signature tells."""
    row = _row(c, records, draw, records.c.outcome == "deny")
    changed = unpacked(row.record).replace(b'"decision":"deny"', b'"decision":"allow"')
    _set(c, records, row, record=packed(changed), outcome="allow")
    _rehash(c)


def _rehash(c: Connection) -> None:
    hashed, seq = bytes(32), 0
    for row in c.execute(select(records).order_by(records.c.seq)).all():
        hashed, seq = link(hashed, row.seq, unpacked(row.record)), row.seq
        _set(c, records, row, hash=hashed)
    c.execute(update(tables.head).values(seq=seq, hash=hashed))


def a_hash(c: Connection, draw: Draw) -> None:
    row = _row(c, records, draw)
    _set(c, records, row, hash=_flip(row.hash, draw))


def a_time(c: Connection, draw: Draw) -> None:
    _set(c, records, _row(c, records, draw), at=NOW + timedelta(microseconds=1 + draw(10**9)))


def an_id(c: Connection, draw: Draw) -> None:
    _set(c, records, _row(c, records, draw), id="01234567")


def a_kind(c: Connection, draw: Draw) -> None:
    row = _row(c, records, draw)
    _set(c, records, row, kind="key" if row.kind == "decision" else "decision")


def an_outcome(c: Connection, draw: Draw) -> None:
    row = _row(c, records, draw, records.c.outcome.is_not(None))
    _set(c, records, row, outcome="allow" if row.outcome == "deny" else "deny")


def a_subject(c: Connection, draw: Draw) -> None:
    _set(c, records, _row(c, records, draw, records.c.subject.is_not(None)), subject="PR-0")


def the_order_of_two(c: Connection, draw: Draw) -> None:
    one = _row(c, records, draw)
    two = _row(c, records, draw, records.c.seq != one.seq)
    _set(c, records, one, id="x")
    _set(c, records, two, id=one.id, kind=one.kind, at=one.at, hash=one.hash, record=one.record, outcome=one.outcome)
    _set(c, records, one, id=two.id, kind=two.kind, at=two.at, hash=two.hash, record=two.record, outcome=two.outcome)


def one_is_removed(c: Connection, draw: Draw) -> None:
    row = _row(c, records, draw)
    _drop(c, records, row)
    for table in (tables.mentions, tables.personal, tables.idempotency):
        c.execute(delete(table).where(table.c.seq == row.seq))


def one_is_removed_and_the_rest_moved_up(c: Connection, draw: Draw) -> None:
    row = _row(c, records, draw)
    one_is_removed(c, lambda _: row.seq - 1)
    for table in (records, tables.mentions, tables.personal, tables.idempotency):
        for late in c.execute(select(table.c.seq).where(table.c.seq > row.seq).distinct().order_by(table.c.seq)).all():
            c.execute(update(table).where(table.c.seq == late.seq).values(seq=late.seq - 1))
    _rehash(c)


def the_end_is_cut_off(c: Connection, draw: Draw) -> None:
    """As if it had never been: only what was kept elsewhere can tell, or a signature that was overlooked."""
    last = c.execute(select(func.max(records.c.seq))).scalar_one()
    keep = last - 1 - draw(last - 1)
    for table in (records, tables.mentions, tables.personal, tables.idempotency):
        c.execute(delete(table).where(table.c.seq > keep))
    c.execute(delete(tables.signatures).where(tables.signatures.c.seq > keep))
    signed = c.execute(select(func.max(tables.signatures.c.seq))).scalar() or 0
    c.execute(update(tables.head).values(signed=signed))
    _rehash(c)


def one_is_added(c: Connection, draw: Draw) -> None:
    row = _row(c, records, draw)
    last = c.execute(select(func.max(records.c.seq))).scalar_one()
    c.execute(insert(records).values({**row._asdict(), "seq": last + 1 + draw(3), "id": "copy"}))


def words_to_look_up(c: Connection, draw: Draw) -> None:
    row = _row(c, tables.mentions, draw)
    _drop(c, tables.mentions, row)
    if draw(2):
        c.execute(insert(tables.mentions).values(what=row.what, word="other", seq=row.seq))


def words_of_nothing(c: Connection, draw: Draw) -> None:
    c.execute(insert(tables.mentions).values(what="vendor", word="x", seq=1000 + draw(9)))


def who_asked(c: Connection, draw: Draw) -> None:
    row = _row(c, tables.personal, draw)
    fields = {**msgspec.json.decode(row.fields), "actor": "key:somebody-else"}
    _set(c, tables.personal, row, fields=msgspec.json.encode(fields))


def by_whom_it_is_looked_up(c: Connection, draw: Draw) -> None:
    _set(c, tables.personal, _row(c, tables.personal, draw), actor="key:somebody-else")


def a_salt(c: Connection, draw: Draw) -> None:
    row = _row(c, tables.personal, draw)
    _set(c, tables.personal, row, salt=_flip(row.salt, draw))


def personal_fields_are_removed(c: Connection, draw: Draw) -> None:
    _drop(c, tables.personal, _row(c, tables.personal, draw))


def erased_fields_come_back(c: Connection, draw: Draw) -> None:
    row = _row(c, tables.personal, draw)
    c.execute(insert(tables.personal).values({**row._asdict(), "seq": 1}))


def a_document(c: Connection, draw: Draw) -> None:
    row = _row(c, tables.blobs, draw, tables.blobs.c.data.is_not(None))
    _set(c, tables.blobs, row, data=packed(_flip(unpacked(row.data), draw)))


def a_document_is_emptied(c: Connection, draw: Draw) -> None:
    _set(c, tables.blobs, _row(c, tables.blobs, draw, tables.blobs.c.data.is_not(None)), data=None, erased_at=NOW)


def a_document_or_law_is_removed(c: Connection, draw: Draw) -> None:
    _drop(c, tables.blobs, _row(c, tables.blobs, draw))


def the_head(c: Connection, draw: Draw) -> None:
    field = ("seq", "hash", "revision", "signed", "chain")[draw(5)]
    value: Any = {"hash": bytes(32), "chain": "another"}.get(field, 1 + draw(5))
    c.execute(update(tables.head).values({field: value}))


def a_signature(c: Connection, draw: Draw) -> None:
    row = _row(c, tables.signatures, draw)
    _set(c, tables.signatures, row, envelope=_flip(row.envelope, draw))


def the_last_signature_is_removed(c: Connection, draw: Draw) -> None:
    row = _row(c, tables.signatures, lambda count: count - 1)
    _drop(c, tables.signatures, row)
    assert draw(1) == 0


def the_state_of_a_waiver(c: Connection, draw: Draw) -> None:
    row = _row(c, tables.waivers, draw)
    changes: list[dict[str, Any]] = [
        {"state": "revoked" if row.state == "granted" else "granted"},
        {"requester": "oidc:https://id.example.com#other"},
        {"approver": "oidc:https://id.example.com#other"},
        {"ends": NOW + YEAR},
        {"body": row.body.replace(b"hikvision", b"huawei")},
        {"reason": "other"},
    ]
    _set(c, tables.waivers, row, **changes[draw(len(changes))])


def a_waiver_out_of_nothing(c: Connection, draw: Draw) -> None:
    row = _row(c, tables.waivers, draw)
    c.execute(insert(tables.waivers).values({**row._asdict(), "id": "W-9", "state": "granted"}))


def a_waiver_is_removed(c: Connection, draw: Draw) -> None:
    _drop(c, tables.waivers, _row(c, tables.waivers, draw))


def what_a_key_opens(c: Connection, draw: Draw) -> None:
    row = _row(c, tables.api_keys, draw)
    changes: list[dict[str, Any]] = [
        {"roles": "operator"},
        {"expires_at": NOW + YEAR},
        {"revoked_at": None if row.revoked_at else NOW},
        {"secret_hash": bytes(32)},
    ]
    _set(c, tables.api_keys, row, **changes[draw(len(changes))])


def a_key_out_of_nothing(c: Connection, draw: Draw) -> None:
    row = _row(c, tables.api_keys, draw)
    c.execute(insert(tables.api_keys).values({**row._asdict(), "id": "other", "secret_hash": bytes(32)}))


def a_purchase(c: Connection, draw: Draw) -> None:
    row = _row(c, tables.purchases, draw)
    _set(c, tables.purchases, row, **({"closed_at": NOW} if draw(2) else {"ends": NOW}))


def what_an_idempotency_key_stands_for(c: Connection, draw: Draw) -> None:
    _set(c, tables.idempotency, _row(c, tables.idempotency, draw), id="01234567")


def a_law_is_not_in_its_table(c: Connection, draw: Draw) -> None:
    _drop(c, tables.laws, _row(c, tables.laws, draw))


def what_a_law_is_said_to_be(c: Connection, draw: Draw) -> None:
    field = ("digest", "version", "engine")[draw(3)]
    _set(c, tables.laws, _row(c, tables.laws, draw), **{field: "sha256:0000"})


def a_law_out_of_nothing(c: Connection, draw: Draw) -> None:
    row = _row(c, tables.laws, draw)
    c.execute(insert(tables.laws).values({**row._asdict(), "reference": "sha256:" + "0" * 64}))


def a_media_type(c: Connection, draw: Draw) -> None:
    row = _row(c, tables.blobs, draw)
    others = [kind for kind in ("text/html", LAW, in_force.MEDIA_TYPE) if kind != row.media_type]
    _set(c, tables.blobs, row, media_type=others[draw(len(others))])


TAMPERING = [
    *(
        a_bit_of_a_record,
        a_key_of_a_record,
        a_record_and_its_hash,
        a_verdict_and_all_hashes_after_it,
        a_hash,
        a_time,
        an_id,
        a_kind,
    ),
    *(an_outcome, a_subject, the_order_of_two, one_is_removed, one_is_removed_and_the_rest_moved_up),
    *(the_end_is_cut_off, one_is_added, words_to_look_up, words_of_nothing, who_asked, a_salt),
    by_whom_it_is_looked_up,
    *(personal_fields_are_removed, erased_fields_come_back, a_document, a_document_is_emptied),
    *(a_document_or_law_is_removed, the_head, a_signature, the_last_signature_is_removed, the_state_of_a_waiver),
    *(a_waiver_out_of_nothing, a_waiver_is_removed, what_a_key_opens, a_key_out_of_nothing, a_purchase),
    *(what_an_idempotency_key_stands_for, a_law_is_not_in_its_table, what_a_law_is_said_to_be),
    *(a_law_out_of_nothing, a_media_type),
]
