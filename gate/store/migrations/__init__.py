"""Alembic's migrations of the store; `gate store upgrade` runs them."""
