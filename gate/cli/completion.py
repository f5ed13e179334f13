"""Print a completion script for bash, zsh or tcsh: `eval "$(gate completion bash)"`."""

import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"))


def run(arguments: argparse.Namespace) -> int:
    """Print it."""
    import shtab

    from gate.cli import parser

    print(shtab.complete(parser(), arguments.shell))
    return 0
