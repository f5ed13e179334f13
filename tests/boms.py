"""A small CycloneDX document, and components that it may have under the built-in law and the template's."""

from typing import Any

Json = dict[str, Any]

BANNED = {"type": "library", "name": "hexa-ui", "version": "6.1.0", "purl": "pkg:npm/%40kaspersky/hexa-ui@6.1.0"}
OURS = {"type": "library", "name": "icons", "version": "2", "purl": "pkg:npm/%40kaspersky/icons@2"}
CLEAN = {"type": "library", "name": "left-pad", "version": "1.3.0", "purl": "pkg:npm/left-pad@1.3.0"}
UNSETTLED = {"type": "library", "name": "part", "version": "1", "purl": "pkg:npm/%40template-vendor/part@1"}


def sbom(*components: Json, **more: Any) -> Json:
    """The document."""
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": list(components), **more}
