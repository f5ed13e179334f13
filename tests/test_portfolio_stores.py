"""Stores and pages of the web as part of a portfolio: what they call their objects, and how they fail."""

import gzip
import io
import json
import logging
import socket
import tarfile
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from gate.errors import GateError, ReadError
from gate.law import Law
from tests.portfolio import ban, component, decisions, faults, law, pages, scan, vendor, verdicts

BAD = json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component("@acme/tool")]}).encode()
GOOD = json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component("left-pad")]}).encode()
LARGE = json.dumps(
    {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "components": [*(component(f"left-pad-{number}") for number in range(2000)), component("@acme/tool")],
    }
).encode()


@pytest.fixture(name="acme")
def _acme(tmp_path: Path) -> Law:
    vendor(tmp_path / "law", "acme", purls=["pkg:npm/%40acme"])
    ban(tmp_path / "law", "xx-acme", ["acme"])
    return law(tmp_path / "law")


@pytest.fixture(name="bucket")
def _bucket() -> Iterator[Any]:
    store = fsspec.filesystem("memory")
    yield store
    store.rm("/depot", recursive=True)


NAMES = ("hash#1", "hash#2", "what?", "what?x", "a b", "a%20b", "a::b", "br[1]", "st*r", "x:y@z", "\u65e5\u672c")


def test_objects_whose_names_mean_something_else_in_a_url_are_judged_each_for_itself(
    tmp_path: Path, acme: Law, bucket: Any
) -> None:
    wanted = {}
    for number, name in enumerate(NAMES):
        bucket.pipe(f"/depot/{name}.json", BAD if number % 2 else GOOD)
        wanted[f"{name}.json"] = "deny" if number % 2 else "allow"
    out = tmp_path / "out"
    scan(out, acme, "memory://depot")
    assert verdicts(out) == wanted
    assert scan(out, acme, "memory://depot").stood == len(NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if "::" not in name])
def test_such_an_object_is_also_found_by_its_name(tmp_path: Path, acme: Law, bucket: Any, name: str) -> None:
    bucket.pipe(f"/depot/{name}.json", BAD)
    bucket.pipe("/depot/other.json", GOOD)
    scan(tmp_path / "out", acme, f"memory://depot/{name}.json")
    assert verdicts(tmp_path / "out") == {f"{name}.json": "deny"}


def test_a_document_that_two_targets_name_is_judged_once(tmp_path: Path, acme: Law, bucket: Any) -> None:
    bucket.pipe("/depot/a.json", BAD)
    assert scan(tmp_path / "out", acme, "memory://depot", "memory://depot/a.json", "memory://depot/*").read == 1
    assert verdicts(tmp_path / "out") == {"a.json": "deny"}


class Fails(MemoryFileSystem):  # type: ignore[misc]
    """A store that fails as its class says, with words that are nobody's business."""

    protocol = "fails"
    at = ""
    opened = 0

    def _fail(self, where: str) -> None:
        if where == self.at:
            logging.getLogger(Fails.__module__).error("hunter2")
            raise RuntimeError("key=hunter2")

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._fail("begin")

    @classmethod
    def _strip_protocol(cls, path: str) -> Any:
        return super()._strip_protocol(path.replace("fails://", "memory://"))

    def find(self, *given: Any, **named: Any) -> Any:
        """List, unless that fails."""
        self._fail("list")
        return super().find(*given, **named)

    def _open(self, *given: Any, **named: Any) -> Any:
        self._fail("open")
        Fails.opened += 1
        file = super()._open(*given, **named)
        if self.at == "read":
            file.read = lambda *_: self._fail("read")
        return file


@pytest.mark.parametrize("target", ["fails://depot", "fails://depot/*.*"])
@pytest.mark.parametrize("at", ["begin", "list", "open", "read"])
@pytest.mark.parametrize("name", ["a.json", "a.zip", "a.tar.gz"])
def test_whatever_a_store_raises_is_no_verdict_and_none_of_its_words_is_told(
    tmp_path: Path,
    acme: Law,
    bucket: Any,
    fails: type[Fails],
    monkeypatch: pytest.MonkeyPatch,
    target: str,
    at: str,
    name: str,
) -> None:
    bucket.pipe(f"/depot/{name}", zipped(GOOD) if name == "a.zip" else GOOD)
    monkeypatch.setattr(fails, "at", at)
    if at in ("begin", "list"):
        with pytest.raises(GateError) as raised:
            scan(tmp_path / "out", acme, target)
        assert "hunter2" not in str(raised.value)
        assert "RuntimeError" not in str(raised.value)
    else:
        scan(tmp_path / "out", acme, target)
        assert verdicts(tmp_path / "out") == {name: "no verdict"}
        assert "It cannot be fetched" in faults(tmp_path / "out")[name]
        assert b"hunter2" not in (tmp_path / "out" / "index.db").read_bytes()


@pytest.fixture(name="fails")
def _fails(monkeypatch: pytest.MonkeyPatch) -> type[Fails]:
    fsspec.register_implementation("fails", Fails, clobber=True)
    Fails.clear_instance_cache()
    monkeypatch.setattr(Fails, "opened", 0)
    return Fails


@pytest.mark.parametrize("at", ["a.zip", "a.tar.gz"])
def test_an_archive_in_a_store_is_opened_once_for_all_its_members(
    tmp_path: Path, acme: Law, bucket: Any, fails: type[Fails], at: str
) -> None:
    packed = {"a.zip": zipped(GOOD, BAD, GOOD), "a.tar.gz": tarred(GOOD, BAD, GOOD)}
    bucket.pipe(f"/depot/{at}", packed[at])
    scan(tmp_path / "out", acme, "fails://depot")
    assert verdicts(tmp_path / "out") == {"0.json": "allow", "1.json": "deny", "2.json": "allow"}
    assert fails.opened == 1
    assert scan(tmp_path / "out", acme, "fails://depot").stood == 3
    assert fails.opened == 1


def test_a_member_that_is_damaged_in_an_archive_in_a_store_is_a_fault_of_its_own(
    tmp_path: Path, acme: Law, bucket: Any
) -> None:
    data = zipped(GOOD, BAD)
    bucket.pipe("/depot/a.zip", data.replace(b"left-pad", b"left+pad", 1))
    scan(tmp_path / "out", acme, "memory://depot")
    assert verdicts(tmp_path / "out") == {"0.json": "no verdict", "1.json": "deny"}
    assert "Bad CRC" in faults(tmp_path / "out")["0.json"]


def zipped(*documents: bytes) -> bytes:
    """A .zip of documents, as they are."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, data in enumerate(documents):
            archive.writestr(f"{number}.json", data)
    return packed.getvalue()


def tarred(*documents: bytes) -> bytes:
    """A .tar.gz of documents."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for number, data in enumerate(documents):
            info = tarfile.TarInfo(f"{number}.json")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return packed.getvalue()


class Served(BaseHTTPRequestHandler):
    """A web server of which each page is a way to answer."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        page = self.path.strip("/").partition(".")[0]
        if page.isdigit():
            self._answer(int(page), b"hunter2")
        elif page == "moved":
            self._answer(302, b"", Location="/whole.json")
        elif page == "packed":
            self._answer(200, gzip.compress(LARGE), Content_Encoding="gzip", ETag='"1"')
        elif page == "weak":
            self._answer(200, BAD, ETag='W/"1"')
        elif page == "cut":
            self._answer(200, LARGE, sent=5000)
        elif page == "chunked":
            self._answer(200, LARGE, is_chunked=True)
        elif page == "broken":
            self._answer(200, LARGE, is_chunked=True, sent=5000)
        else:
            self._answer(200, zipped(BAD) if self.path.endswith(".zip") else BAD, ETag='"1"')

    do_HEAD = do_GET  # noqa: N815

    def _answer(self, status: int, body: bytes, *, is_chunked: bool = False, sent: int = 0, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header(*("Transfer-Encoding", "chunked") if is_chunked else ("Content-Length", str(len(body))))
        self.end_headers()
        if self.command == "HEAD":
            return
        said = body[:sent] if sent else body
        parts = [said[at : at + 1000] for at in range(0, len(said), 1000)] if is_chunked else [said]
        for part in parts:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part) if is_chunked else part)
            self.wfile.flush()
        if is_chunked and not sent:
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = bool(sent)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(name="web")
def _web() -> Iterator[str]:
    with pages(Served) as url:
        yield url


@pytest.mark.parametrize("page", ["whole.json", "moved.json", "packed.json", "weak.json", "chunked.json"])
def test_a_page_is_read_whole_however_its_server_sends_it(tmp_path: Path, acme: Law, web: str, page: str) -> None:
    scan(tmp_path / "out", acme, f"{web}/{page}")
    assert verdicts(tmp_path / "out") == {page: "deny"}


@pytest.mark.parametrize("page", ["cut.json", "broken.json"])
def test_a_page_that_breaks_off_is_no_verdict(tmp_path: Path, acme: Law, web: str, page: str) -> None:
    scan(tmp_path / "out", acme, f"{web}/{page}")
    assert verdicts(tmp_path / "out") == {page: "no verdict"}
    assert "It cannot be fetched (it breaks off)" in faults(tmp_path / "out")[page]


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_a_page_that_is_refused_is_said_with_its_status(tmp_path: Path, acme: Law, web: str, status: int) -> None:
    with pytest.raises(ReadError, match=f"status {status}") as raised:
        scan(tmp_path / "out", acme, f"{web}/{status}.json")
    assert "hunter2" not in str(raised.value)


def test_a_host_that_does_not_answer_is_said_with_the_reason(tmp_path: Path, acme: Law) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # and it does not listen
        with pytest.raises(ReadError, match="the connection was refused"):
            scan(tmp_path / "out", acme, f"http://127.0.0.1:{free.getsockname()[1]}/a.json")


def test_a_zip_of_which_a_server_gives_no_part_is_no_verdict_and_says_what_to_do(
    tmp_path: Path, acme: Law, web: str
) -> None:
    scan(tmp_path / "out", acme, f"{web}/all.zip")
    assert "fetch it and scan the file" in faults(tmp_path / "out")["all.zip"]


def test_only_a_strong_etag_says_that_a_page_is_the_same(tmp_path: Path, acme: Law, web: str) -> None:
    """RFC 9110, 8.8.1: a weak validator may be shared by representations that do not have the same bytes."""
    for page, hashed in (("whole.json", 0), ("weak.json", 1)):
        scan(tmp_path / page, acme, f"{web}/{page}")
        before = decisions(tmp_path / page)
        again = scan(tmp_path / page, acme, f"{web}/{page}")
        assert (again.read, again.stood, again.hashed) == (0, 1, hashed)
        assert decisions(tmp_path / page) == before
