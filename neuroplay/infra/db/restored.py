"""What a restore does in its own transaction, after the data is back."""

from __future__ import annotations

_DONE = """
UPDATE {schema}.sync_inbox SET leased_until = NULL WHERE leased_until IS NOT NULL;
DO $$
BEGIN
    IF to_regclass('{literal}.adults') IS NOT NULL THEN
        DELETE FROM {schema}.adult_sign_ins;
        DELETE FROM {schema}.adult_links;
    END IF;
END $$;
{erasing}
COMMIT;
ANALYZE;
"""
# Claims in the backup belong to workers that no longer process them. Adults' sign-ins and links may
# have been ended, used or replaced since.


def completing(schema: str, erasing: str) -> str:
    """A script for psql that ends what belongs to the time of the backup, runs `erasing`, and
    commits. `schema` is quoted."""
    return _DONE.format(schema=schema, literal=schema.replace("'", "''"), erasing=erasing)
