"""Erasing students, classes and adults inside the transaction of a restore.

It does what `SqlStudentRepository.erase` does, for many students at once and in the schema of any
release, since a backup may be older than this one: the tables with a student's rows are found by
their foreign keys. A test compares the results of the two.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine

from neuroplay.core.entities.erasure import Erasure

_TABLE = """
CREATE TEMP TABLE erased (kind text, number int, created_at timestamptz, erased_at timestamptz)
    ON COMMIT DROP;
COPY pg_temp.erased FROM stdin;
{rows}\\.
"""

_ERASE = """
DO $erase$
DECLARE
    step text;
BEGIN
    -- Ids are not given again: on tablets they stand for the child who had them.
    PERFORM setval(own, GREATEST(max(number), nextval(own)))
       FROM pg_temp.erased, pg_get_serial_sequence('{literal}.students', 'student_id') AS own
      WHERE kind = 'student' GROUP BY own;
    PERFORM setval(own, GREATEST(max(number), nextval(own)))
       FROM pg_temp.erased, pg_get_serial_sequence('{literal}.classes', 'class_id') AS own
      WHERE kind = 'class' GROUP BY own;

    IF to_regclass('{literal}.adults') IS NULL THEN
        DELETE FROM pg_temp.erased WHERE kind IN ('adult', 'leaver');
    ELSE
        PERFORM setval(own, GREATEST(max(number), nextval(own)))
           FROM pg_temp.erased, pg_get_serial_sequence('{literal}.adults', 'adult_id') AS own
          WHERE kind IN ('adult', 'leaver') GROUP BY own;
        DELETE FROM pg_temp.erased AS e WHERE kind IN ('adult', 'leaver') AND NOT EXISTS (
            SELECT FROM {schema}.adults AS a
             WHERE a.adult_id = e.number AND a.created_at = e.created_at
        );
        UPDATE {schema}.adults AS a
           SET passphrase = NULL, ended_at = COALESCE(a.ended_at, e.erased_at)
          FROM pg_temp.erased AS e WHERE e.kind = 'leaver' AND e.number = a.adult_id;
        FOREACH step IN ARRAY ARRAY[
            'adult_classes', 'adult_links', 'adult_passkeys', 'adult_sign_ins'
        ] LOOP
            CONTINUE WHEN to_regclass('{literal}.' || step) IS NULL;
            EXECUTE format('DELETE FROM %s WHERE adult_id IN (SELECT number FROM pg_temp.erased '
                           'WHERE kind IN (''adult'', ''leaver''))', '{literal}.' || step);
        END LOOP;
        DELETE FROM {schema}.adults AS a USING pg_temp.erased AS e
         WHERE e.kind = 'adult' AND e.number = a.adult_id;
    END IF;

    DELETE FROM pg_temp.erased AS e WHERE kind IN ('student', 'class') AND NOT EXISTS (
        SELECT FROM {schema}.students AS s
         WHERE e.kind = 'student' AND s.student_id = e.number AND s.created_at = e.created_at
    ) AND NOT EXISTS (
        SELECT FROM {schema}.classes AS c
         WHERE e.kind = 'class' AND c.class_id = e.number AND c.created_at = e.created_at
    );
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = '{literal}.tokens'::regclass
                  AND attname = 'erased_student_id') THEN
        UPDATE {schema}.tokens AS t SET erased_student_id = t.student_id
          FROM pg_temp.erased AS e WHERE e.kind = 'student' AND e.number = t.student_id;
    END IF;
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = '{literal}.tokens'::regclass
                  AND attname = 'merged_student_id') THEN
        UPDATE {schema}.tokens AS t
           SET erased_student_id = t.merged_student_id, merged_student_id = NULL
          FROM pg_temp.erased AS e WHERE e.kind = 'student' AND e.number = t.student_id
           AND t.merged_student_id IS NOT NULL;
    END IF;
    UPDATE {schema}.tokens AS t
       SET student_id = NULL, device_id = NULL, card_version = NULL, erased_at = e.erased_at
      FROM pg_temp.erased AS e WHERE e.kind = 'student' AND e.number = t.student_id;
    UPDATE {schema}.audit AS a SET details = '{{}}'
      FROM pg_temp.erased AS e WHERE a.target = e.kind || ' ' || e.number AND e.kind = 'student';

    FOR step IN
        SELECT format('DELETE FROM %s WHERE %I IN '
                      '(SELECT number FROM pg_temp.erased WHERE kind = ''student'')',
                      conrelid::regclass, attname)
          FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
         WHERE contype = 'f' AND confrelid = '{literal}.students'::regclass
           AND conrelid <> '{literal}.tokens'::regclass
    LOOP
        EXECUTE step;
    END LOOP;
    DELETE FROM {schema}.students AS s USING pg_temp.erased AS e
     WHERE e.kind = 'student' AND e.number = s.student_id;
    DELETE FROM {schema}.classes AS c USING pg_temp.erased AS e
     WHERE e.kind = 'class' AND e.number = c.class_id
       AND NOT EXISTS (SELECT FROM {schema}.students AS s WHERE s.class_id = c.class_id);

    INSERT INTO {schema}.audit (who, what, target, details, at)
    SELECT 'db restore', CASE kind WHEN 'leaver' THEN 'adult ended' ELSE kind || ' erased' END,
           CASE kind WHEN 'leaver' THEN 'adult' ELSE kind END || ' ' || number, '{{}}',
           min(erased_at)
      FROM pg_temp.erased GROUP BY kind, number ORDER BY min(erased_at), kind, number;
END;
$erase$;
"""

_COUNT = """
\\o
SELECT count(DISTINCT number) FROM pg_temp.erased WHERE kind = 'student';
\\o {nowhere}
"""


_RETURNED = """
SELECT count(*) FROM students
 WHERE (student_id, created_at) IN (SELECT * FROM unnest(%s::int[], %s::timestamptz[]))
"""


def returned(engine: Engine, erasures: Sequence[Erasure]) -> int:
    """How many of these erased students are in the database. Raises StoreUnavailable."""
    students = [one for one in erasures if one.kind == "student"]
    keys = [one.number for one in students], [one.created_at for one in students]
    with engine.connect() as connection:
        return int(connection.exec_driver_sql(_RETURNED, keys).scalar_one())


def erasing(schema: str, erasures: Sequence[Erasure], *, nowhere: str) -> str:
    """A script for psql that erases these in the quoted `schema`, and prints how many students
    of them it found there. Its other output goes to `nowhere`."""
    rows = "".join(
        f"{one.kind}\t{one.number}\t{one.created_at.isoformat()}\t{one.erased_at.isoformat()}\n"
        for one in erasures
    )
    return (
        _TABLE.format(rows=rows)
        + _ERASE.format(schema=schema, literal=schema.replace("'", "''"))
        + _COUNT.format(nowhere=nowhere)
    )
