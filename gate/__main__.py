"""`python -m gate`."""

from gate.cli import command

command()
