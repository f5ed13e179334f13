"""Which files a folder or a glob stands for: no document is hidden, and what is passed over is told."""

import gzip
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from gate.errors import ReadError, UsageError
from gate.files import bytes_of, expand

ROOT = Path(__file__).parents[1]

BOM = json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []})
XML = '<?xml version="1.0"?>\n<!-- ours -->\n<bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>'


def expanded(*patterns: Path | str) -> tuple[list[str], list[str]]:
    passed: list[str] = []
    return list(expand(map(str, patterns), passed.append)), passed


def put(path: Path, text: str = BOM) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("name", ["bom.json", "BOM.JSON", "a.cdx", "a.cdx.xml", "a.Xml", "request.json"])
def test_a_file_of_a_known_ending_is_a_document_whatever_it_holds(name: str, tmp_path: Path) -> None:
    path = put(tmp_path / name, "no document")
    assert expanded(tmp_path) == ([path], [])


def test_a_packed_file_of_a_known_ending_is_a_document(tmp_path: Path) -> None:
    (tmp_path / "bom.json.gz").write_bytes(gzip.compress(BOM.encode()))
    assert expanded(tmp_path) == ([str(tmp_path / "bom.json.gz")], [])


@pytest.mark.parametrize("name", ["sbom.txt", "product.bom", "sbom", "bom.json.bak", "bom.json.1", ".hidden"])
@pytest.mark.parametrize(
    "text",
    [
        BOM,
        "\ufeff" + BOM,
        json.dumps(json.loads(BOM), indent=8),
        XML,
        XML.replace("<bom xmlns", "<c:bom xmlns:c").replace("http", "HTTPS"),
        XML.partition("?>\n")[2],
    ],
    ids=["json", "mark", "indented", "xml", "prefix", "no declaration"],
)
def test_a_file_that_begins_as_cyclonedx_is_a_document_whatever_it_is_called(
    name: str, text: str, tmp_path: Path
) -> None:
    path = put(tmp_path / name, text)
    assert expanded(tmp_path) == ([path], [])


def test_every_other_file_is_passed_over_and_told(tmp_path: Path) -> None:
    document = put(tmp_path / "bom.json")
    others = [
        put(tmp_path / "README.md", f"An SBOM begins with {BOM}"),
        put(tmp_path / "schema.xsd", '<schema targetNamespace="http://cyclonedx.org/schema/bom/1.6"/>'),
        put(tmp_path / "below" / "package.lock", "{}"),
        put(tmp_path / "empty", ""),
    ]
    os.mkfifo(tmp_path / "pipe.json")
    os.mkfifo(tmp_path / "pipe")
    found, passed = expanded(tmp_path)
    assert found == [document]
    assert sorted(passed) == sorted([*others, str(tmp_path / "pipe.json"), str(tmp_path / "pipe")])


def test_nobody_needs_to_listen(tmp_path: Path) -> None:
    path = put(tmp_path / "bom.json")
    put(tmp_path / "README.md", "")
    assert list(expand([str(tmp_path)])) == [path]


def test_a_link_to_a_folder_hides_nothing(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere" / "deep" / "bom.json")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path / "elsewhere")
    assert expanded(tmp_path / "in") == ([str(tmp_path / "in" / "link" / "deep" / "bom.json")], [])


def test_links_in_a_circle_are_followed_once(tmp_path: Path) -> None:
    path = put(tmp_path / "a" / "bom.json")
    (tmp_path / "a" / "self").symlink_to(".")
    (tmp_path / "a" / "up").symlink_to("..")
    (tmp_path / "b").symlink_to("a")
    assert expanded(tmp_path) == ([path], [])


def test_a_link_to_a_document_is_one_and_a_link_to_nothing_is_refused_when_it_is_read(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere" / "x.txt")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bom").symlink_to(tmp_path / "elsewhere" / "x.txt")
    (tmp_path / "in" / "gone.json").symlink_to("nothing")
    (tmp_path / "in" / "gone.txt").symlink_to("nothing")
    found, passed = expanded(tmp_path / "in")
    assert [Path(path).name for path in found] == ["bom", "gone.json"]
    assert [Path(path).name for path in passed] == ["gone.txt"]
    with pytest.raises(ReadError, match="cannot be read"):
        bytes_of(found[1])


def test_a_folder_without_a_document_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "README.md", "")
    with pytest.raises(UsageError, match="No SBOM or request"):
        expanded(tmp_path)


def test_a_folder_that_cannot_be_searched_is_refused_and_not_taken_for_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "bom.json")
    put(tmp_path / "shut" / "bom.json")
    real = os.scandir

    def scandir(path: str) -> object:
        if path.endswith("shut"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(UsageError, match="shut cannot be searched: Permission denied"):
        expanded(tmp_path)


def test_a_folder_that_a_glob_meets_is_searched(tmp_path: Path) -> None:
    paths = [put(tmp_path / "a" / "bom.json"), put(tmp_path / "b.json"), put(tmp_path / "c.txt", "")]
    assert expanded(tmp_path / "*") == (paths, [])
    assert expanded(tmp_path / "**") == (paths, [])
    put(tmp_path / "a" / "README.md", "")
    assert expanded(tmp_path / "*") == (paths, [str(tmp_path / "a" / "README.md")])


def test_a_glob_that_meets_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for pattern in ("*.json", "empty/**", "*"):
        with pytest.raises(UsageError):
            expanded(tmp_path / pattern)


@pytest.mark.parametrize("target", ["pipe", "/dev/zero", "/dev/null"])
def test_what_is_no_regular_file_is_refused_at_once(target: str, tmp_path: Path) -> None:
    """Nobody writes into the pipe, and the device has no end."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "bom.json").symlink_to(tmp_path / target)
    code = "import sys; from gate.files import bytes_of; bytes_of(sys.argv[1])"
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "bom.json")],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=10, preexec_fn=modest,
    )  # fmt: skip
    assert "It is no regular file" in run.stderr


def modest() -> None:
    """Leave a process 1 GiB, so that a failing test does not take the machine's."""
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


def test_a_file_whose_size_the_system_does_not_say_is_read_wholly() -> None:
    """proc(5): most files in /proc appear with a size of zero."""
    assert Path("/proc/self/limits").stat().st_size == 0
    assert bytes_of("/proc/self/limits").endswith(b"\n")


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gate.files.LIMIT", 1 << 20)
    (tmp_path / "bom.json").write_bytes(b" " * ((1 << 20) + 1))
    with pytest.raises(ReadError, match="more than 1 MiB"):
        bytes_of(str(tmp_path / "bom.json"))
    (tmp_path / "bom.json").write_bytes(b" " * (1 << 20))
    assert len(bytes_of(str(tmp_path / "bom.json"))) == 1 << 20


def test_what_a_shell_hands_over_open_is_read(tmp_path: Path) -> None:
    path = tmp_path / "bom.json"
    path.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": "x"}]}))
    script = f'"{sys.executable}" -m gate check --profile us-company <(cat "{path}")'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, timeout=60)  # noqa: S607
    assert done.returncode == 0, done.stderr
