"""The shape of the program: who imports whom, what the core may touch, one table per family, sizes and names."""

import ast
import inspect
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import gate
from gate.almanac import DRAWINGS
from gate.cli import COMMANDS
from gate.cli.policy import SUBCOMMANDS
from gate.portfolio.forecast import FORECASTS
from gate.portfolio.summary import PAGES
from gate.problems import LISTINGS
from gate.proof import ACCOUNTS
from gate.read import READERS
from gate.report import FORMATS
from policy.load import FAMILIES

ROOT = Path(__file__).parents[1]
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in ("gate", "policy")
    for path in sorted((ROOT / package).rglob("*.py"))
}
"""Name of every module of the program -> its file."""

TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in MODULES.items()}

CORE = [
    f"gate.{name}"
    for name in [
        *(
            "subject",
            "identity",
            "letters",
            "names",
            "purl",
            "match",
            "screen",
            "law",
            "decide",
            "category",
            "question",
        ),
        *("asking", "acts", "decision", "timeline", "reasons", "own", "check"),
        *("truth", "facts", "ownership", "family", "waiver", "stranger", "find"),
        *("lookup", "companies", "spelling", "answer", "memory", "repacked"),
    ]
]
"""What decides. It knows no document's format, no disk and no clock."""

EDGES = (
    *("gate.read", "gate.report", "gate.almanac", "gate.cli", "gate.portfolio"),
    *("gate.files", "gate.compiled", "gate.bundle", "gate.signature", "gate.compile"),
)

IMPURE = {"os", "io", "pathlib", "socket", "subprocess", "random", "secrets", "time", "tempfile", "shutil", "glob"} | {
    "http",
    "urllib.request",
    "uuid",
    "threading",
    "asyncio",
    "sys",
}
"""Modules through which the world comes in."""

CLOCKS = {"now", "today", "utcnow", "fromtimestamp"}

DATES = {"starts", "ends", "as_of", "known_at", "published", "ordered", "delivered", "until", "now"}
"""Names that hold a moment. Comparing two such is policy/dates.py's business alone."""

FORBIDDEN = {"utils", "util", "helpers", "common", "manager", "services", "misc"}


def imports(name: str) -> Iterator[str]:
    """Every module that a module imports, at its top or inside a function."""
    package = name if MODULES[name].name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield inner if inner in MODULES else base


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def place(name: str, node: ast.expr | ast.stmt) -> str:
    return f"{MODULES[name].relative_to(ROOT)}:{node.lineno}"


def test_the_law_never_imports_the_engine() -> None:
    guilty = [(name, one) for name in MODULES if is_within(name, "policy") for one in imports(name)]
    assert [pair for pair in guilty if is_within(pair[1], "gate")] == []


def test_every_module_of_the_core_is_there() -> None:
    assert [name for name in CORE if name not in MODULES] == []


@pytest.mark.parametrize("name", CORE)
def test_the_core_reaches_no_edge_by_any_path_of_imports(name: str) -> None:
    paths: dict[str, tuple[str, ...]] = {name: (name,)}
    waiting = [name]
    while waiting:
        here = waiting.pop()
        for there in imports(here):
            if there in MODULES and there not in paths:
                paths[there] = (*paths[here], there)
                waiting.append(there)
    guilty = [" -> ".join(path) for one, path in paths.items() if any(is_within(one, edge) for edge in EDGES)]
    assert guilty == []


def test_only_the_store_and_the_index_touch_sql() -> None:
    drivers = ("sqlalchemy", "alembic", "sqlite3", "psycopg")
    guilty = {name for name in MODULES for one in imports(name) if any(is_within(one, driver) for driver in drivers)}
    assert [
        name for name in sorted(guilty) if not is_within(name, "gate.store") and not is_within(name, "gate.portfolio")
    ] == []


def test_the_store_knows_nothing_of_those_who_use_it() -> None:
    above = ("gate.api", "gate.guard", "gate.workflow", "gate.cli")
    guilty = [(name, one) for name in MODULES if is_within(name, "gate.store") for one in imports(name)]
    assert [pair for pair in guilty if any(is_within(pair[1], edge) for edge in above)] == []


def test_no_reader_imports_another_reader() -> None:
    readers = {f"gate.read.{name}" for name in READERS}
    assert [(name, one) for name in readers for one in imports(name) if one in readers] == []


def test_no_report_imports_another_report() -> None:
    reports = {f"gate.report.{name.replace('-', '_')}" for name in FORMATS}
    assert [(name, one) for name in reports for one in imports(name) if one in reports] == []


def test_no_drawing_of_the_law_imports_another() -> None:
    drawings = {f"gate.almanac.{name}" for name in DRAWINGS}
    assert [(name, one) for name in drawings for one in imports(name) if one in drawings] == []


@pytest.mark.parametrize("name", CORE)
def test_the_core_imports_nothing_through_which_the_world_comes_in(name: str) -> None:
    assert IMPURE.isdisjoint(imports(name))


@pytest.mark.parametrize("name", CORE)
def test_the_core_reads_no_clock_and_opens_no_file(name: str) -> None:
    guilty = []
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name) and called.id in {"open", "input", "print"}:
                guilty.append((place(name, node), called.id))
            if isinstance(called, ast.Attribute) and called.attr in CLOCKS:
                guilty.append((place(name, node), called.attr))
    assert guilty == []


def test_dates_are_compared_in_one_module_alone() -> None:
    guilty = [
        f"{place(name, node)}: {ast.unparse(node)}"
        for name, tree in TREES.items()
        if name != "policy.dates"
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and _compares_dates(node)
    ]
    assert guilty == []


def _compares_dates(node: ast.Compare) -> bool:
    sides = [node.left, *node.comparators]
    pairs = zip(sides, node.ops, sides[1:], strict=False)
    return any(
        isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE | ast.Eq | ast.NotEq)
        and not any(isinstance(side, ast.Constant) and side.value is None for side in (left, right))
        and (_is_dated(left) or _is_dated(right))
        for left, op, right in pairs
    )


def _is_dated(side: ast.expr) -> bool:
    if isinstance(side, ast.Name):
        return side.id in DATES
    if isinstance(side, ast.Attribute):
        return side.attr in DATES
    if isinstance(side, ast.BinOp):
        return _is_dated(side.left) or _is_dated(side.right)
    if isinstance(side, ast.Call):  # `ends.date() < ...` compares dates as well
        return isinstance(side.func, ast.Attribute) and _is_dated(side.func.value)
    return False


def test_the_table_of_readers_holds_every_reader() -> None:
    assert set(READERS) == {path.stem for path in (ROOT / "gate/read").glob("*.py") if _defines(path, "read")} - {
        "__init__"
    }


def test_the_table_of_formats_holds_every_report() -> None:
    assert {name.replace("-", "_") for name in FORMATS} == {
        path.stem for path in (ROOT / "gate/report").glob("*.py")
    } - {"__init__"}


def test_the_table_of_drawings_holds_every_drawing_of_the_law() -> None:
    assert set(DRAWINGS) == {path.stem for path in (ROOT / "gate/almanac").glob("*.py") if _defines(path, "render")}


def test_the_table_of_commands_holds_every_command() -> None:
    within = {name: path for name, path in MODULES.items() if name.startswith("gate.cli.") and name.count(".") == 2}
    modules = {name.rpartition(".")[2] for name, path in within.items() if _defines(path, "run")}
    assert {name.replace("-", "_") for name in COMMANDS} == modules


def test_the_tables_of_other_families_hold_every_member() -> None:
    for folder, table, function in (
        ("problems", LISTINGS, "render"),
        ("proof", ACCOUNTS, "render"),
        ("cli/policy", SUBCOMMANDS, "run"),
        ("portfolio/summary", PAGES, "render"),
        ("portfolio/forecast", FORECASTS, "render"),
    ):
        modules = {path.stem for path in (ROOT / "gate" / folder).glob("*.py") if _defines(path, function)}
        assert set(table) == modules - {"__init__"}, folder


def test_the_table_of_policy_families_holds_every_folder() -> None:
    folders = {path.name for path in (ROOT / "policy").iterdir() if path.is_dir()}
    assert set(FAMILIES) == folders - {"template", "__pycache__"}


def _defines(path: Path, function: str) -> bool:
    return any(isinstance(node, ast.FunctionDef) and node.name == function for node in ast.parse(path.read_text()).body)


def test_no_file_has_more_than_300_lines() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in MODULES.values()}
    assert {path: length for path, length in lengths.items() if length > 300} == {}


def test_no_module_or_folder_is_named_after_nothing() -> None:
    assert [name for name in MODULES if not FORBIDDEN.isdisjoint(name.split("."))] == []
    tests = {part for path in (ROOT / "tests").rglob("*.py") for part in path.relative_to(ROOT).with_suffix("").parts}
    assert FORBIDDEN.isdisjoint(tests)


def test_every_module_says_in_its_first_line_what_it_is_for() -> None:
    assert [name for name, tree in TREES.items() if not ast.get_docstring(tree)] == []


def test_everything_public_has_a_docstring() -> None:
    assert [where for name, tree in TREES.items() for where in _mute(name, tree)] == []


def _mute(name: str, holder: ast.Module | ast.ClassDef) -> Iterator[str]:
    for node in holder.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        if not ast.get_docstring(node):
            yield f"{place(name, node)} {node.name}"
        if isinstance(node, ast.ClassDef):
            yield from _mute(name, node)


def test_the_public_names_read_load_and_check_together_decide() -> None:
    from gate import Asking, Decision, check, load, read

    law = load()
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    subject = read(ROOT / "sboms" / "pyapp.cyclonedx-py.cdx.json", now=now)
    decision = check(subject, law, Asking(now=now, profile=law.profiles["us-company"]))
    assert isinstance(decision, Decision)
    assert decision.outcome == "allow"


def test_every_public_name_exists_and_is_typed() -> None:
    for package in ("gate", "policy"):
        assert (ROOT / package / "py.typed").is_file()
    for name in gate.__all__:
        public = getattr(gate, name)
        if inspect.isfunction(public):
            hints = inspect.signature(public)
            assert hints.return_annotation is not inspect.Signature.empty, name
            untyped = [p.name for p in hints.parameters.values() if p.annotation is inspect.Parameter.empty]
            assert untyped == [], name


def test_a_decision_of_the_public_interface_can_be_written_as_json() -> None:
    import msgspec

    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    decision = gate.check(
        gate.read(ROOT / "sboms" / "pyapp.cyclonedx-py.cdx.xml", now=now), gate.load(), gate.Asking(now=now)
    )
    assert json.loads(msgspec.json.encode(decision))["schema"] == 1
