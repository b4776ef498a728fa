"""Programs that crash near secrets: python -m tests.integration.api.crashing MODE SECRETS

Run by test_sentry_receiver. No secret stands in this text, since source lines are sent.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from typing import Any, NoReturn

SECRETS = json.loads(os.environ.get("PLANTED", "[]"))


def crash(nickname: str, token: str, **card: Any) -> NoReturn:
    """All of its arguments, its local variables and its message are secret."""
    import sentry_sdk

    local = {"nickname": nickname, "card": card}
    sentry_sdk.add_breadcrumb(category="note", message=f"{local}", data={"token": token})
    sentry_sdk.set_extra("student", local)
    sentry_sdk.set_user({"username": nickname})
    sentry_sdk.set_tag("card", token)
    logging.getLogger("somewhere").warning("about to fail for %s", nickname)
    raise ValueError(f"{nickname} {token} {card}")


def view() -> None:
    """A request whose view fails after it asked the database about a secret."""
    from neuroplay.api.app import create_app
    from neuroplay.api.request.caller import container

    app = create_app()

    def fail() -> NoReturn:
        with container().engine.connect() as connection:
            connection.exec_driver_sql("SELECT %s::text", (SECRETS[0],))
        container().redis.get(f"key of {SECRETS[1]}")
        crash(SECRETS[0], SECRETS[1], code=SECRETS[2])

    app.add_url_rule("/api/v1/fails", view_func=fail, methods=["POST"])
    client = app.test_client()
    answer = client.post(
        f"/api/v1/fails?card={SECRETS[2]}",
        json={"nickname": SECRETS[0], "card_code": SECRETS[2]},
        headers={
            "Authorization": f"Bearer {SECRETS[1]}",
            "Cookie": f"a={SECRETS[1]}",
            "X-Request-ID": "request-of-the-test",
            "User-Agent": SECRETS[0],
        },
    )
    assert answer.status_code == 500
    for _ in range(3):
        client.get("/health/live")
        client.get("/metrics")
    print("answered", flush=True)


def thread() -> None:
    from neuroplay.infra.monitoring.monitoring import init_sentry

    init_sentry()
    failing = threading.Thread(target=crash, args=(SECRETS[0], SECRETS[1]))
    failing.start()
    failing.join()


def cli() -> None:
    import cli.commands.health as command
    from cli.main import main

    def ask(host: str | None, *more: Any) -> NoReturn:
        raise ValueError(f"{SECRETS} {host} {more}")

    vars(command)["ask"] = ask
    sys.argv = ["neuroplay", "health", "--host", f"http://{SECRETS[1]}.example"]
    sys.exit(main())


def __getattr__(name: str) -> Any:
    """`celery -A tests.integration.api.crashing worker`: a worker with one task more."""
    if name != "app":
        raise AttributeError(name)
    from neuroplay.config import load_settings
    from neuroplay.infra.monitoring.monitoring import track_errors
    from neuroplay.worker.app import make_celery

    made = make_celery(load_settings())

    @made.task(name="fails")  # type: ignore[untyped-decorator, unused-ignore]
    @track_errors("worker")
    def fails(nickname: str, token: str) -> None:
        crash(nickname, token)

    globals()["app"] = made
    return made


if __name__ == "__main__":
    {"view": view, "thread": thread, "cli": cli}[sys.argv[1]]()
