"""Archives, gzip and URLs as part of a portfolio, and what the hostile ones try."""

import gzip
import io
import json
import struct
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import fsspec
import pytest

from gate.errors import GateError, ReadError, UsageError
from gate.law import Law
from gate.portfolio import archive as archives
from gate.portfolio.archive import members
from gate.portfolio.index import Index
from gate.portfolio.opened import bytes_of
from gate.portfolio.row import Source, Stamp
from gate.portfolio.sources import Archive, named, sources
from tests.portfolio import aged, ban, component, decisions, faults, law, pages, scan, vendor, verdicts

ROOT = Path(__file__).parents[1]

BAD = json.dumps(
    {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component("@acme/tool"), component("left-pad")]}
).encode()
GOOD = json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component("left-pad")]}).encode()


@pytest.fixture(name="acme")
def _acme(tmp_path: Path) -> Law:
    vendor(tmp_path / "law", "acme", purls=["pkg:npm/%40acme"])
    ban(tmp_path / "law", "xx-acme", ["acme"])
    return law(tmp_path / "law")


def zipped(path: Path, **content: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in content.items():
            packed.writestr(name.replace("__", "/").replace("_cdx", ".cdx.json"), data)
    return aged(path)


def tarred(path: Path, *content: tuple[tarfile.TarInfo | str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as packed:
        for name, data in content:
            info = tarfile.TarInfo(name) if isinstance(name, str) else name
            info.size = len(data)
            packed.addfile(info, io.BytesIO(data))
    return aged(path)


def test_members_of_archives_are_systems_and_gzip_is_unpacked(tmp_path: Path, acme: Law) -> None:
    files = tmp_path / "files"
    files.mkdir()
    zipped(files / "a.zip", bad_cdx=BAD, deep__good_cdx=GOOD, readme=b"hello")
    tarred(files / "b.tar.gz", ("x/bad.json", BAD), ("good.cdx.json.gz", gzip.compress(GOOD)), ("notes.txt", b"hello"))
    (files / "c.cdx.json.gz").write_bytes(gzip.compress(BAD))
    tally = scan(tmp_path / "out", acme, files)
    assert (tally.read, tally.passed_over) == (5, 2)
    found = Index(tmp_path / "out", is_new=False).db.execute("SELECT name, outcome FROM document").fetchall()
    assert {name.removeprefix(f"{files}/"): outcome for name, outcome in found} == {
        "a.zip!/bad.cdx.json": "deny",
        "a.zip!/deep/good.cdx.json": "allow",
        "b.tar.gz!/x/bad.json": "deny",
        "b.tar.gz!/good.cdx.json.gz": "allow",
        "c.cdx.json.gz": "deny",
    }


@pytest.mark.usefixtures("_patient")
def test_an_unchanged_archive_is_not_opened_again_and_of_a_changed_one_only_what_is_new_is_judged(
    tmp_path: Path, acme: Law
) -> None:
    files, out = tmp_path / "files", tmp_path / "out"
    files.mkdir()
    zipped(files / "a.zip", one_cdx=BAD, two_cdx=GOOD)
    tarred(files / "b.tar.gz", ("three.json", BAD))
    scan(out, acme, files)
    again = scan(out, acme, files)
    assert (again.read, again.hashed, again.stood) == (0, 0, 3)
    zipped(files / "a.zip", one_cdx=BAD, two_cdx=BAD)
    changed = scan(out, acme, files)
    assert (changed.read, changed.hashed, changed.stood) == (1, 1, 2)
    vendor(tmp_path / "law", "acme", purls=["pkg:npm/left-pad"])
    tally = scan(out, law(tmp_path / "law"), files)
    assert (tally.read, tally.again) == (0, 3)
    (files / "b.tar.gz").unlink()
    assert scan(out, acme, files).gone == 1
    tarred(files / "b.tar.gz", ("three.json", BAD))
    scan(out, acme, files)
    assert len(verdicts(out)) == 3


def test_an_archive_is_opened_once_for_all_its_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its directory is read by whoever lists the members, and by whoever reads them: not again for each."""
    path = zipped(tmp_path / "a.zip", **{f"{number}_cdx": GOOD for number in range(50)})
    archive = Archive("a.zip", str(path), Stamp(path.stat().st_size, 0, 0, 0, 0))
    names: list[object] = []
    reading = zipfile.ZipFile.__init__

    def counted(self: zipfile.ZipFile, file: Any, *given: Any, **named: Any) -> None:
        names.append(file)
        reading(self, file, *given, **named)

    monkeypatch.setattr(zipfile.ZipFile, "__init__", counted)
    assert [bytes_of(source)[0] for source in members(archive, lambda _: None)] == [GOOD] * 50
    assert len(names) == 2


def test_no_name_leads_out_of_an_archive(tmp_path: Path, acme: Law) -> None:
    files = tmp_path / "files"
    files.mkdir()
    link, hard = tarfile.TarInfo("link.json"), tarfile.TarInfo("hard.json")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    hard.type, hard.linkname = tarfile.LNKTYPE, "../../secret"
    tarred(
        files / "a.tar.gz",
        ("../../up.json", GOOD),
        ("/abs.json", GOOD),
        ("a\\..\\..\\win.json", GOOD),
        ("C:drive.json", GOOD),
        (link, b""),
        (hard, b""),
    )
    scan(tmp_path / "out", acme, files)
    assert set(verdicts(tmp_path / "out").values()) == {"no verdict"}
    assert len(faults(tmp_path / "out")) == 6
    assert sorted(path.name for path in tmp_path.iterdir()) == ["files", "law", "out"]


def test_a_bomb_is_a_fault_and_takes_no_memory(tmp_path: Path, acme: Law, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "ALWAYS", 1 << 20)
    files = tmp_path / "files"
    files.mkdir()
    zeros = b"\0" * (50 << 20)
    zipped(files / "a.zip", bomb_cdx=zeros)
    tarred(files / "b.tar.gz", ("bomb.json", zeros))
    (files / "c.tar.gz").write_bytes(gzip.compress(pax_bomb(zeros)))
    scan(tmp_path / "out", acme, files)
    found = faults(tmp_path / "out")
    assert found.keys() == {"a.zip", "b.tar.gz", "c.tar.gz"}
    assert all("times its size" in fault for fault in found.values())


def pax_bomb(filler: bytes) -> bytes:
    """A header that is as large as it likes, before any member."""
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, len(filler)
    return info.tobuf() + filler


def test_a_member_that_is_larger_than_it_says_is_a_fault(tmp_path: Path, acme: Law) -> None:
    path = zipped(tmp_path / "a.zip", lie_cdx=GOOD * 50)
    data = path.read_bytes()
    size = struct.pack("<I", len(GOOD * 50))
    assert data.count(size) == 2
    path.write_bytes(data.replace(size, struct.pack("<I", len(GOOD))))
    scan(tmp_path / "out", acme, path)
    assert verdicts(tmp_path / "out") == {"lie.cdx.json": "no verdict"}


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_a_broken_archive_is_one_fault(tmp_path: Path, acme: Law, name: str) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04 and then something else")
    scan(tmp_path / "out", acme, tmp_path / name)
    assert verdicts(tmp_path / "out") == {name: "no verdict"}


def test_an_archive_that_breaks_off_is_a_fault_besides_what_was_read(tmp_path: Path, acme: Law) -> None:
    path = tarred(
        tmp_path / "a.tar.gz", *((f"s{n}.json", GOOD + b" " * 9000 + bytes(str(n), "ascii")) for n in range(9))
    )
    path.write_bytes(path.read_bytes()[:-200])
    scan(tmp_path / "out", acme, path)
    assert verdicts(tmp_path / "out")["a.tar.gz"] == "no verdict"


def plain_tar(*content: tuple[str, bytes]) -> bytes:
    text = io.BytesIO()
    with tarfile.open(fileobj=text, mode="w") as packed:
        for name, data in content:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            packed.addfile(info, io.BytesIO(data))
    return text.getvalue()


TAR = plain_tar(("g.json", GOOD), ("h.json", BAD))
SECOND = 512 + (len(GOOD) + 511) // 512 * 512
"""Where the second header is."""
LAST = SECOND + 512 + (len(BAD) + 511) // 512 * 512
"""Where the blocks that end it are."""


@pytest.mark.parametrize(
    "text",
    [
        TAR[:SECOND] + b"!" + TAR[SECOND + 1 :],
        TAR[:SECOND],
        TAR[: SECOND + 100],
        TAR[:LAST],
        TAR[: LAST + 512],
        TAR[:SECOND] + bytes(512) + TAR[SECOND:],
        TAR[:SECOND] + bytes(1024) + TAR[SECOND:],
        TAR + TAR,
    ],
    ids=["damaged", "cut", "cut in a header", "no end", "half an end", "lone zeros", "end within", "two in one"],
)
def test_a_tar_that_is_not_whole_is_a_fault(tmp_path: Path, acme: Law, text: bytes) -> None:
    """POSIX, pax, ustar Interchange Format: at the end there shall be two blocks filled with binary zeros."""
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(TAR))
    scan(tmp_path / "out", acme, path)
    assert verdicts(tmp_path / "out") == {"g.json": "allow", "h.json": "deny"}
    path.write_bytes(gzip.compress(text))
    scan(tmp_path / "out", acme, path)
    assert verdicts(tmp_path / "out")["a.tar.gz"] == "no verdict"


def sparse(name: str, size: int) -> bytes:
    """The header of a member, in GNU's old form, that has one hole and nothing else."""
    info = tarfile.TarInfo(name)
    info.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[386:410] = b"%011o\0%011o\0" % (size, 0)
    header[483:495] = b"%011o\0" % size
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def test_a_sparse_member_is_a_fault_and_takes_no_memory(tmp_path: Path, acme: Law) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(sparse("hole.json", 300 << 20) + bytes(1024)))
    scan(tmp_path / "out", acme, path)
    assert "sparse" in faults(tmp_path / "out")["hole.json"]


def test_an_archive_that_was_mended_is_a_fault_no_more(tmp_path: Path, acme: Law) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK\x03\x04 and then something else")
    scan(tmp_path / "out", acme, path)
    zipped(path, good_cdx=GOOD)
    scan(tmp_path / "out", acme, path)
    assert verdicts(tmp_path / "out") == {"good.cdx.json": "allow"}
    path.write_bytes(b"PK\x03\x04 and then something else")
    scan(tmp_path / "out", acme, path)
    assert verdicts(tmp_path / "out") == {"a.zip": "no verdict"}


def test_two_members_of_one_name_are_refused(tmp_path: Path, acme: Law) -> None:
    path = tarred(tmp_path / "a.tar.gz", ("same.json", GOOD), ("same.json", BAD))
    scan(tmp_path / "out", acme, path)
    assert verdicts(tmp_path / "out")["a.tar.gz"] == "no verdict"


def test_two_members_whose_names_are_shown_alike_are_refused(tmp_path: Path, acme: Law) -> None:
    path = tarred(tmp_path / "a.tar.gz", ("\udcff.json", GOOD), ("\\xff.json", BAD))
    scan(tmp_path / "out", acme, path)
    assert verdicts(tmp_path / "out")["a.tar.gz"] == "no verdict"


@pytest.mark.usefixtures("_patient")
@pytest.mark.parametrize("is_archive_first", [True, False])
def test_a_file_named_as_a_member_of_an_archive_hides_nothing(
    tmp_path: Path, acme: Law, is_archive_first: bool
) -> None:
    """However often it is scanned; and once they are apart, each has its verdict."""
    out, targets = tmp_path / "out", [tmp_path / "x.zip", tmp_path / "x.zip!"]
    zipped(targets[0], a_cdx=GOOD)
    assert scan(out, acme, targets[0]).read == 1
    targets[1].mkdir()
    (targets[1] / "a.cdx.json").write_bytes(BAD)
    for _ in range(3):
        scan(out, acme, *(targets if is_archive_first else targets[::-1]))
        assert verdicts(out) == {"a.cdx.json": "no verdict"}
        assert "Several documents" in faults(out)["a.cdx.json"]
    targets[1].rename(tmp_path / "y")
    scan(out, acme, targets[0], tmp_path / "y")
    rows = Index(out, is_new=False).db.execute("SELECT name, outcome FROM document ORDER BY name").fetchall()
    assert [outcome for _, outcome in rows] == ["allow", "deny"]


def test_two_files_whose_names_are_shown_alike_have_no_verdict(tmp_path: Path, acme: Law) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "\udcff.json").write_bytes(GOOD)
    (files / "\\xff.json").write_bytes(BAD)
    scan(tmp_path / "out", acme, files)
    assert list(verdicts(tmp_path / "out").values()) == ["no verdict"]


def test_two_archives_whose_names_are_shown_alike_have_no_verdict(tmp_path: Path, acme: Law) -> None:
    files = tmp_path / "files"
    files.mkdir()
    zipped(files / "\udcff.zip", good_cdx=GOOD)
    zipped(files / "\\xff.zip", bad_cdx=BAD)
    for _ in range(2):
        scan(tmp_path / "out", acme, files)
        assert verdicts(tmp_path / "out")["\\xff.zip"] == "no verdict"


def test_a_file_behind_a_link_and_up_again_is_another_than_the_one_here(tmp_path: Path, acme: Law) -> None:
    """a/../x.json is called x.json, which it is not where a is a link."""
    (tmp_path / "far" / "off").mkdir(parents=True)
    (tmp_path / "a").symlink_to(tmp_path / "far" / "off")
    (tmp_path / "x.json").write_bytes(GOOD)
    (tmp_path / "far" / "x.json").write_bytes(BAD)
    scan(tmp_path / "out", acme, tmp_path / "x.json", f"{tmp_path}/a/../x.json")
    assert verdicts(tmp_path / "out") == {"x.json": "no verdict"}


def test_a_file_that_is_named_twice_is_judged_once(tmp_path: Path, acme: Law) -> None:
    (tmp_path / "x.json").write_bytes(BAD)
    zipped(tmp_path / "a.zip", b_cdx=GOOD)
    both = [tmp_path / "x.json", tmp_path / "a.zip"]
    assert scan(tmp_path / "out", acme, *both, *(f"{tmp_path}/./{one.name}" for one in both)).read == 2
    assert verdicts(tmp_path / "out") == {"x.json": "deny", "b.cdx.json": "allow"}


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_a_member_that_begins_as_a_document_is_one_whatever_its_name(tmp_path: Path, acme: Law, kind: str) -> None:
    pack = {"app.sbom": BAD, "app": BAD, "notes.txt": b"nothing"}
    path = zipped(tmp_path / "a.zip", **pack) if kind == "zip" else tarred(tmp_path / "a.tar.gz", *pack.items())
    scan(tmp_path / "out", acme, path)
    assert set(verdicts(tmp_path / "out").values()) == {"deny"}
    assert len(verdicts(tmp_path / "out")) == 2


def test_two_such_members_of_one_name_are_refused(tmp_path: Path, acme: Law) -> None:
    scan(tmp_path / "out", acme, tarred(tmp_path / "a.tar.gz", ("app", GOOD), ("app", BAD)))
    assert "It holds two members named 'app'" in str(faults(tmp_path / "out"))


def test_a_zip_behind_which_another_hides_is_a_fault(tmp_path: Path, acme: Law) -> None:
    """Readers find an archive from its end: of two put together they see the second alone."""
    hidden = zipped(tmp_path / "b.zip", **{"b.json": BAD}).read_bytes()
    path = zipped(tmp_path / "a.zip", **{"a.json": GOOD})
    path.write_bytes(hidden + path.read_bytes())
    scan(tmp_path / "out", acme, path)
    assert "something stands before its first member" in str(faults(tmp_path / "out"))


def test_an_encrypted_member_is_a_fault(tmp_path: Path, acme: Law) -> None:
    path = zipped(tmp_path / "a.zip", secret_cdx=GOOD)
    data = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + flags] |= 1
    path.write_bytes(bytes(data))
    scan(tmp_path / "out", acme, path)
    assert "encrypted" in faults(tmp_path / "out")["secret.cdx.json"]


def test_a_request_in_an_archive_may_read_nothing_from_the_disk(tmp_path: Path, acme: Law) -> None:
    body = {"id": "1", "agreement": "new", "ordered": "2027-01-01"}
    body |= {"lines": [{"id": "1", "product": "A", "sbom": {"path": "part.cdx.json"}}]}  # type: ignore[dict-item]
    (tmp_path / "part.cdx.json").write_bytes(GOOD)
    scan(tmp_path / "out", acme, zipped(tmp_path / "a.zip", buy_cdx=json.dumps(body).encode()), acts=())
    assert "nothing may be read from disk" in faults(tmp_path / "out")["buy.cdx.json"]


def test_objects_behind_a_url_are_read_once_and_again_when_they_change(tmp_path: Path, acme: Law) -> None:
    store = fsspec.filesystem("memory")
    store.pipe("/bucket/team/one.cdx.json", BAD)
    store.pipe("/bucket/team/two.cdx.json", GOOD)
    store.pipe("/bucket/readme.txt", b"hello")
    zipped(tmp_path / "a.zip", in_cdx=BAD)
    store.pipe("/bucket/a.zip", (tmp_path / "a.zip").read_bytes())
    out = tmp_path / "out"
    first = scan(out, acme, "memory://bucket")
    assert (first.read, first.passed_over) == (3, 1)
    assert verdicts(out) == {"one.cdx.json": "deny", "two.cdx.json": "allow", "in.cdx.json": "deny"}
    second = scan(out, acme, "memory://bucket")
    assert (second.read, second.hashed, second.stood) == (0, 0, 3)
    store.pipe("/bucket/team/two.cdx.json", BAD)
    assert scan(out, acme, "memory://bucket").read == 1
    assert verdicts(out)["two.cdx.json"] == "deny"
    assert scan(out, acme, "memory://bucket/team/*.json").gone == 1


class Served(BaseHTTPRequestHandler):
    """A web server with one document."""

    def do_GET(self) -> None:
        """Give it, whoever asks how."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(BAD)))
        self.send_header("ETag", '"1"')
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(BAD)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(name="web")
def _web() -> Iterator[str]:
    with pages(Served) as url:
        yield url


def test_a_document_on_the_web_is_judged_and_what_is_secret_in_its_url_is_written_nowhere(
    tmp_path: Path, web: str
) -> None:
    url = f"{web.replace('http://', 'http://user:hunter2@')}/app.cdx.json?signature=hunter2"
    run = subprocess.run(
        [sys.executable, "-m", "gate", "scan", url, "--profile", "us-company", "--out", str(tmp_path / "out")],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert list(verdicts(tmp_path / "out")) == ["app.cdx.json"]
    for path in (tmp_path / "out").iterdir():
        assert b"hunter2" not in path.read_bytes(), path
    assert "hunter2" not in f"{run.stdout}{run.stderr}{decisions(tmp_path / 'out')}"


def test_urls_that_differ_in_what_is_not_written_have_no_verdict(tmp_path: Path, acme: Law, web: str) -> None:
    urls = [f"{web}/sbom?id={number}" for number in (1, 2)]
    scan(tmp_path / "out", acme, *urls)
    assert verdicts(tmp_path / "out") == {"sbom": "no verdict"}
    scan(tmp_path / "out", acme, urls[0], urls[0])
    assert verdicts(tmp_path / "out") == {"sbom": "deny"}


def test_a_store_that_is_not_known_or_not_there_is_said_plainly(tmp_path: Path, acme: Law) -> None:
    for url in ("nonsense://bucket/x", "memory://there-is-no/such.json"):
        with pytest.raises((UsageError, ReadError)):
            scan(tmp_path / "out", acme, url)


def test_a_url_is_named_without_what_is_secret_in_it() -> None:
    assert named("https://user:word@host.example/a/b.json?X-Amz-Signature=abc#f") == "https://host.example/a/b.json"
    assert named("s3://bucket/a.json") == "s3://bucket/a.json"


def test_a_folder_without_any_document_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(GateError):
        list(sources([str(tmp_path / "empty")], lambda _: None))
    for target in ("", "-", str(tmp_path / "nothing-*")):
        with pytest.raises(GateError):
            list(sources([target], lambda _: None))


def test_folders_that_are_linked_in_a_circle_are_gone_through_once(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "x.cdx.json").write_bytes(GOOD)
    (tmp_path / "a" / "b" / "up").symlink_to(tmp_path / "a")
    found = [one.path for one in sources([str(tmp_path)], lambda _: None)]
    assert found == [str(tmp_path / "a" / "x.cdx.json")]


def test_members_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    path = tarred(tmp_path / "a.tar.gz", *((f"{n}.json", GOOD) for n in range(5)))
    archive = Archive("a.tar.gz", str(path), Stamp(path.stat().st_size, 0, 0, 0, 0))
    with pytest.raises(ReadError, match="more than 3 members"):
        list[Source](members(archive, lambda _: None))
