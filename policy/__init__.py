"""The law as data: prohibitions, vendors, profiles and cases in TOML, and the loader that refuses what is not exact."""

VERSION = "2026.11.28"
"""The edition of the built-in law: the day on which it was last changed."""
