"""The reference: `orjson.loads` over every file below a folder, one after the other."""

import sys
from pathlib import Path

import orjson

for path in sorted(Path(sys.argv[1]).rglob("*.json")):
    orjson.loads(path.read_bytes())
