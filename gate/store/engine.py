"""The database: an engine for SQLite or PostgreSQL, and transactions that read or write."""


class Database:
    """A database of the service."""

    def __init__(self, url: str) -> None:
        self.url = url
