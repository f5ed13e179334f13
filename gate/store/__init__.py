"""The record: decisions, what they were made on and who asked; append-only and chained, in SQLite or PostgreSQL."""

from gate.store.decisions import Filter, Stored, Summary
from gate.store.entry import Answered, Conflict, Delivery, Document, Entry, Outdated, Who, decided, event
from gate.store.page import Page
from gate.store.store import Store, open_store

__all__ = [
    "Answered",
    "Conflict",
    "Delivery",
    "Document",
    "Entry",
    "Filter",
    "Outdated",
    "Page",
    "Store",
    "Stored",
    "Summary",
    "Who",
    "decided",
    "event",
    "open_store",
]
