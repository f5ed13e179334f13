"""What one document came to, as the index has it and as it travels from whoever judged it."""

import msgspec

from gate.match import Evidence


class Stamp(msgspec.Struct, frozen=True, array_like=True):
    """By what a file is known to be unchanged without being read, as git's index does it; `read_ns`: when it was read.

    A file that was changed within the tick of the clock in which it was read could change again and keep its times, so
    such a stamp is not trusted.
    """

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    read_ns: int
    version: str = ""  # of an object in a store: its ETag or generation

    def vouches_for(self, now: "Stamp") -> bool:
        """Whether the file that had this stamp when it was read still is the same."""
        same = (self.size, self.mtime_ns, self.ctime_ns, self.inode, self.version) == (
            now.size, now.mtime_ns, now.ctime_ns, now.inode, now.version,
        )  # fmt: skip
        return same and max(self.mtime_ns, self.ctime_ns) + TICK_NS < self.read_ns


TICK_NS = 2_000_000_000
"""No clock of a file system is coarser than FAT's two seconds."""


class Source(msgspec.Struct, frozen=True):
    """A document to be read: a file, a member of an archive, an object behind a URL, or bytes that were read already.

    `name` is what reports call it: it is the row's key, and holds no secret of a URL. `path` is a file's, or the URL of
    what is read from, a store or a page of the web, and `inside` the path there: no URL, for in one a name may mean
    something else (`#`, `?`, `::`).
    """

    name: str
    path: str
    stamp: Stamp
    member: str | None = None  # of the archive at `path`
    data: bytes | None = None
    inside: str | None = None  # of what is behind a URL
    known: str | None = None  # the digest the index has: if it is still this, nothing has to be decided
    fault: str | None = None  # why it cannot even be read
    size: int = 0  # bytes that are to be read, to share the work out

    @property
    def is_file(self) -> bool:
        """Whether it is a file of its own on this machine."""
        return self.member is None and self.data is None and self.inside is None

    @property
    def title(self) -> str:
        """What the decision calls it: a file's path as `gate check` has it, else the name, which holds no secret."""
        return self.path if self.is_file else self.name


class Again(msgspec.Struct, frozen=True):
    """A document that is kept, to be decided again by another law or on a later day."""

    name: str
    title: str
    subject: bytes
    size: int  # of `subject`, unpacked
    is_request: bool = False


class Met(msgspec.Struct, frozen=True, array_like=True):
    """A component and the vendor of the register that it may be of, by what evidence."""

    vendor: str
    ref: str
    pointer: str
    name: str | None
    version: str | None
    purl: str | None
    evidence: tuple[Evidence, ...]


class Why(msgspec.Struct, frozen=True, array_like=True):
    """A clause whose effect on a document changes at some instant; `was` and `becomes` are effects, None: no reason."""

    code: str
    vendor: str | None
    was: str | None
    becomes: str | None
    message: str


class Change(msgspec.Struct, frozen=True, array_like=True):
    """When the verdict on a document changes by the passing of time, to what, and why."""

    at: str
    decision: str
    why: tuple[Why, ...]


class Fault(msgspec.Struct, frozen=True, array_like=True):
    """Why there is no verdict."""

    what: str
    line: int | None = None
    pointer: str | None = None
    remedy: str | None = None


class Row(msgspec.Struct, array_like=True):
    """One document. `until`: the first instant at which the same law may say something else; None: none is known."""

    name: str
    kind: str  # sbom, request, or nothing where it could not be read
    outcome: str
    digest: str  # of the file's bytes
    stamp: Stamp | None = None  # None: as it was
    until: str | None = None
    components: int = 0
    identified: int = 0
    decision: bytes = b""  # JSON, packed by zlib
    reasons: list[tuple[str, str, str, str | None]] = []  # code, effect, act, vendor: each once
    changes: list[Change] = []
    met: list[Met] = []
    subject: bytes = b""  # packed by LZ4
    subject_size: int = 0
    fault: Fault | None = None
    is_same: bool = False  # the digest is the one that was known: only the stamp is new


class Texts(msgspec.Struct, array_like=True):
    """Distinct texts of one field, in order, and in which of the batch's documents each stands, as a mask of bits."""

    field: str
    said: bytes
    size: int  # of `said`, unpacked; 0: it is not packed
    masks: bytes
    first: str = ""  # of package URLs: the first one


class Batch(msgspec.Struct, array_like=True):
    """What one task came to. The document at place n of `rows` has bit n."""

    rows: list[Row]
    texts: list[Texts]
