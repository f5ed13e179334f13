"""Where a maker may stand to what is bought, one world each, in the tests of reading."""

PRODUCER = frozenset({"producer"})
SUPPLIER = frozenset({"supplier"})
PART = frozenset({"component"})
BOTH = PRODUCER | SUPPLIER
