"""How surely a piece of evidence names a vendor. Only `EXACT` is enough by itself."""

EXACT = "exact"
GUESSED = "guessed"  # a CPE that a tool made up from the package's name
LINKED = "linked"  # only a web or mail domain
NAMED = "named"  # only the name of a product
POSSIBLE = "possible"  # a close spelling, a name within another, or one that anybody may take

STRENGTHS = (EXACT, GUESSED, LINKED, NAMED, POSSIBLE)
"""Strongest first."""
