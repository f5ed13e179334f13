"""The gate: judges what is about to be bought or shipped against the law in `policy`.

from gate import Asking, check, load, read

law = load()
decision = check(read("bom.json"), law, Asking(now=datetime.now(UTC), profile=law.profiles["us-company"]))
"""

from gate.asking import Asking
from gate.check import check
from gate.compiled import load
from gate.decision import Decision
from gate.errors import GateError, LawError, ReadError, UsageError
from gate.files import read
from gate.subject import Subject

__all__ = ["Asking", "Decision", "GateError", "LawError", "ReadError", "Subject", "UsageError", "check", "load", "read"]
