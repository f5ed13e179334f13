"""The OpenAPI document: schemas of structs, shapes of what others say, and an example of each answer."""
