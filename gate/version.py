"""The engine's version. The distribution takes its own from here, so that no start pays for looking it up."""

VERSION = "0.1.0"
