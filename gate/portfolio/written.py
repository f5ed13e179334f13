"""What a scan leaves beside its index, written only when the index says something else than before."""

from pathlib import Path

import msgspec

from gate.asking import Asking
from gate.law import Law
from gate.portfolio.index import WRITTEN, Index
from gate.portfolio.summary import PAGES
from gate.portfolio.summary.content import Summary, summary
from policy.dates import instant

FILES = {"text": "summary.txt", "json": "summary.json", "html": "summary.html"}
"""Form of the summary -> its file."""


def written(index: Index, folder: Path, law: Law, asking: Asking) -> Summary:
    """The summary of the index, as of the day that was chosen or of now. Everything is written first, if it is not
    there as it should be.
    """
    as_of = asking.now if asking.as_of is None else instant(asking.as_of, "UTC")
    said = index.said(WRITTEN)
    if said is not None and all((folder / name).is_file() for name in expected()):
        found = msgspec.json.decode(said, type=Summary)
        return msgspec.structs.replace(found, as_of=as_of)
    from gate.portfolio.tables import write_tables

    whole = summary(index.db, law, whom(asking), as_of)
    write_tables(index.db, folder)
    for form, name in FILES.items():
        path = folder / name
        Path(f"{path}.new").write_bytes(PAGES[form](whole))
        Path(f"{path}.new").replace(path)
    index.note(WRITTEN, msgspec.json.encode(whole).decode())
    return whole


def expected() -> list[str]:
    """The names of all that is written."""
    return [*FILES.values(), "decisions.parquet", "reasons.parquet", "identities.parquet", "systems.csv"]


def whom(asking: Asking) -> str:
    """For whom it was decided."""
    roles = sorted(asking.roles | (asking.profile.roles if asking.profile else frozenset()))
    name = f"for {asking.profile.id}" if asking.profile else "for a buyer whose roles are not stated"
    return name if asking.profile and not asking.roles else f"for {', '.join(roles)}" if roles else name
