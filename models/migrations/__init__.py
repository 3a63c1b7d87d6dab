"""The migrations (Alembic), from the first day."""
