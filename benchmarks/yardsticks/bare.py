"""A minimal sync: granian, Flask, JSON, one INSERT and a commit.

Without tokens, validation, hashes, duplicates, metrics and logs. The sync route is compared with
it. python -m benchmarks.yardsticks.bare PORT DATABASE_URL
"""

from __future__ import annotations

import sys
from typing import Any

from flask import Flask, request
from sqlalchemy import create_engine

_PORT, _URL = (*sys.argv[1:], "", "")[:2]

TABLE = """
CREATE TABLE IF NOT EXISTS bare (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, session_id uuid NOT NULL UNIQUE,
    payload jsonb NOT NULL)
"""
INSERT = """
INSERT INTO bare (session_id, payload)
SELECT * FROM unnest(%s::uuid[], %s::jsonb[])
"""


def application() -> Flask:
    """The application. Its engine connects in the worker process."""
    import json

    app = Flask(__name__)
    engine = create_engine(_URL, pool_size=8, max_overflow=0)

    @app.post("/sync")
    def sync() -> tuple[dict[str, Any], int]:
        sessions = request.get_json()["sessions"]
        with engine.begin() as connection:
            connection.exec_driver_sql(
                INSERT,
                (
                    [session["session_id"] for session in sessions],
                    [json.dumps(session) for session in sessions],
                ),
            )
        receipts = [{"session_id": one["session_id"], "status": "accepted"} for one in sessions]
        return {"receipts": receipts}, 202

    return app


if __name__ == "__main__":
    from granian.constants import HTTPModes, Interfaces
    from granian.server import Server

    Server(
        "benchmarks.yardsticks.bare:application",
        factory=True,
        interface=Interfaces.WSGI,
        address="127.0.0.1",
        port=int(_PORT),
        workers=1,
        blocking_threads=8,
        backlog=4096,
        backpressure=2048,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
    ).serve()
