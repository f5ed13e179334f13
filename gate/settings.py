"""Settings: a flag, else `GATE_*` in the environment, else `gate.toml` or `[tool.gate]` of pyproject.toml.

Only the current folder is looked at. When something is done, and what was known then, are flags alone: a file that says
so for every run would evade every later ban.
"""

import argparse
import os
from pathlib import Path
from typing import Any

import msgspec

from gate.errors import UsageError
from policy.roles import Role
from policy.spelling import meant
from policy.vocabulary import Act

FILES = ("gate.toml", "pyproject.toml")
"""Where settings stand, all of the first file, and of the second the table `[tool.gate]`."""


class Settings(msgspec.Struct, forbid_unknown_fields=True, rename="kebab"):
    """What a file may set; each is the flag of the same name."""

    profile: str | None = None
    role: list[str] = []
    act: list[str] = []
    policy: list[str] = []
    only_policy: list[str] = []
    policy_key: list[str] = []
    waivers: list[str] = []
    findings: list[str] = []
    format: list[str] = []
    baseline: list[str] = []
    on_review: str | None = None
    fail_on: str | None = None
    validate: bool = False
    warn_only: bool = False
    exit_zero: bool = False


FLAGS = tuple(name for name in Settings.__struct_fields__ if name != "policy_key")
"""The settings that a flag or the environment simply replaces. Whom to trust `cli.arguments.trusted_keys` decides."""

ROLES = tuple(role.value for role in Role if role is not Role.ANYONE)
ACTS = tuple(act.value for act in Act)

MILDER = ("warn_only", "exit_zero")
"""Settings that let a deny pass; a flag that says what fails a build is not undone by what stands in a file."""

CLOSED = {
    "role": ROLES,
    "act": ACTS,
    "on_review": ("deny", "allow"),
    "fail_on": ("deny", "review", "warn", "new"),
}
"""Settings with closed words, wherever they are said."""


def settle(arguments: argparse.Namespace) -> None:
    """Fill in what no flag said, of what the command has a flag for. Raises UsageError."""
    found = _from_files()
    is_strict = getattr(arguments, "fail_on", None) is not None
    for name in FLAGS:
        if getattr(arguments, name, "none such") not in (None, [], False):  # an empty word was said, and is refused
            continue
        if is_strict and name in MILDER:
            continue
        value = _from_environment(name)
        if value is None:
            value = getattr(found, name)
        for word in value if isinstance(value, list) else [value]:
            if name in CLOSED and word is not None and word not in CLOSED[name]:
                raise UsageError(
                    f"{name.replace('_', '-')} is {str(word)[:40]!r}", remedy=meant(str(word), CLOSED[name])
                )
        setattr(arguments, name, value)


def policy_keys() -> list[str]:
    """The keys that a file names: whom to trust, unless a flag or the environment says so. Raises UsageError."""
    return _from_files().policy_key


def places() -> list[str]:
    """The files of the current folder in which settings stand."""
    return [file for file in FILES if _table(file) is not None]


def _from_environment(name: str) -> Any:
    text = os.environ.get(f"GATE_{name.upper()}")
    if not text:
        return None
    kind = type(getattr(Settings(), name))
    if kind is list:
        parts = text.replace(os.pathsep, "\n").replace(",", "\n").split("\n")
        return [part.strip() for part in parts if part.strip()]
    if kind is bool:
        if text.lower() not in ("true", "false", "1", "0"):
            raise UsageError(f"GATE_{name.upper()} is {text[:40]!r}", remedy="Write true or false.")
        return text.lower() in ("true", "1")
    return text


def _from_files() -> Settings:
    tables = {file: table for file in FILES if (table := _table(file)) is not None}
    if len(tables) > 1:
        raise UsageError("Settings stand in gate.toml and in pyproject.toml", remedy="Keep one of the two.")
    for file, table in tables.items():
        try:
            return msgspec.convert(table, Settings)
        except msgspec.ValidationError as error:
            known = ", ".join(field.replace("_", "-") for field in Settings.__struct_fields__)
            raise UsageError(f"{error}".replace("`", "'"), file=file, remedy=f"Known are {known}.") from error
    return Settings()


def _table(file: str) -> dict[str, Any] | None:
    path = Path(file)
    if not path.is_file():
        return None
    import tomllib

    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"It cannot be read: {error}", file=file) from error
    if file == FILES[0]:
        return table
    tools = table.get("tool", {})
    own = tools.get("gate") if isinstance(tools, dict) else None
    if own is not None and not isinstance(own, dict):
        raise UsageError("tool.gate is no table", file=file)
    return own
