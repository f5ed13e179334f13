"""Who asked, beside the personal fields and erased with them: a requester's list need not read what everybody asked."""

import msgspec
import sqlalchemy as sa
from alembic import op

from gate.store.personal import findable

revision = "0002"
down_revision = "0001"

TOGETHER = 1000

word = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the column, and fill it from the fields that are there. (JSON in SQL would refuse texts with a NUL.)

    A process of the version before that still runs stores nothing from then on: it would leave the column out.
    """
    op.add_column("personal", sa.Column("actor", word))
    connection, last = op.get_bind(), 0
    personal = sa.table("personal", sa.column("seq"), sa.column("fields"), sa.column("actor"))
    asked = sa.select(personal.c.seq, personal.c.fields).order_by(personal.c.seq).limit(TOGETHER)
    fill = sa.update(personal).where(personal.c.seq == sa.bindparam("of")).values(actor=sa.bindparam("who"))
    while rows := connection.execute(asked.where(personal.c.seq > last)).all():
        last = rows[-1].seq
        said = [(row.seq, msgspec.json.decode(row.fields, type=dict[str, str])["actor"]) for row in rows]
        # Since then no actor has a NUL: nobody will ask for those.
        connection.execute(fill, [{"of": number, "who": findable(who)} for number, who in said])
    with op.batch_alter_table("personal") as table:
        table.alter_column("actor", nullable=False)
    op.create_index("personal_actor", "personal", ["actor", "seq"])
