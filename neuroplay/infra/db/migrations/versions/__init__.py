"""The revisions of the database, in their order. A released revision never changes.
Alembic alone imports them."""
