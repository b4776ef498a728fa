"""The repositories on PostgreSQL, with written SQL: each statement is one round trip.
Imports core and its sibling modules of `infra.db`; `infra.db.unit_of_work` imports it."""
