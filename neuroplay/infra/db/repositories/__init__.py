"""The repositories on PostgreSQL, in plain SQL: each statement is one round trip.
Imports core and its sibling modules of `infra.db`; `infra.db.unit_of_work` imports it."""
