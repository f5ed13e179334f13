# The question the gate answers, as far as a short Rego policy asks it: which components name, by namespace, publisher,
# CPE vendor or supplier, somebody on a list that says from when on. `data.banned` and `data.today` come with the list.
package bench

import rego.v1

found contains number if {
	some number, component in input.components
	some key in keys(component)
	data.banned[key] <= data.today
}

keys(component) := ((namespace(component) | publisher(component)) | vendor(component)) | supplier(component)

namespace(component) := {concat("/", array.slice(parts, 0, count(parts) - 1)) |
	path := trim_prefix(split(component.purl, "?")[0], "pkg:")
	parts := split(replace(path, "%40", "@"), "/")
}

publisher(component) := {lower(component.publisher) | component.publisher}

vendor(component) := {concat(":", ["cpe", split(component.cpe, ":")[3]]) | component.cpe}

supplier(component) := {lower(component.supplier.name) | component.supplier.name}
