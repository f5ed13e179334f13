"""Decisions over HTTP: a thin edge around the same `check` as on the command line. Start with `app.create`."""
