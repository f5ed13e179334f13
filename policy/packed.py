"""A policy folder in memory: what a bundle holds. Nothing of it is written to the disk, and no link is followed."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath


class Packed:
    """A folder of policy files, or a place in it, by the few names of `pathlib.Path` that reading a policy needs."""

    def __init__(
        self,
        bundle: str,
        version: str,
        texts: Mapping[str, str],
        place: PurePosixPath | None = None,
        *,
        alone: bool = False,
    ) -> None:
        self.bundle = bundle
        self.version = version
        self.alone = alone  # it stands in place of the built-in law
        self.texts = texts
        self.place = place or PurePosixPath()

    def __truediv__(self, part: str) -> "Packed":
        return Packed(self.bundle, self.version, self.texts, self.place / part, alone=self.alone)

    def __str__(self) -> str:
        return f"{self.bundle}/{self.place}" if self.place.parts else self.bundle

    @property
    def stem(self) -> str:
        """The file's name without its suffix."""
        return self.place.stem

    def is_dir(self) -> bool:
        """Whether any file lies below this place."""
        return any(True for _ in self.below(self.place.as_posix()))

    def below(self, part: str) -> Iterator[str]:
        """The name of every file below a part of the whole folder."""
        return (name for name in self.texts if name.startswith(f"{part}/"))

    def read_bytes(self) -> bytes:
        """The bytes of the file at this place."""
        return self.texts[self.place.as_posix()].encode()

    def read_text(self, encoding: str) -> str:
        """The file at this place, as Path reads it. A bundle is UTF-8 throughout."""
        return self.read_bytes().decode(encoding)
