"""The hosts of a DATABASE_URL, tried one after the other.

libpq would try all of them within one deadline. A first host that does not answer at all, such as
one without power, would use it up. So libpq gets one host at a time, each with a deadline of its
own, and decides as ever whether that host is wanted (`target_session_attrs`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from random import sample
from typing import Any, cast

import psycopg2

from neuroplay.core.errors import SettingsError
from neuroplay.infra.db.connection import AnswerTimeout, ServerConnection

HOST_TIMEOUT_S = 4.0
"""Longest deadline for each of several hosts. A single host may take longer."""

PLACE = ("host", "hostaddr", "port")
"""The parameters of which libpq takes a list."""


class Hosts:
    """`choices` are the arguments of psycopg2.connect for each host. `on_late` is called if no
    host accepted the connection and at least one did not answer."""

    def __init__(
        self, choices: Sequence[Mapping[str, Any]], *, on_late: Callable[[], None]
    ) -> None:
        self._choices, self._on_late = tuple(choices), on_late

    def connect(self) -> ServerConnection:
        """A connection to the first host that accepts it, which the next call tries first.

        Raises AnswerTimeout if one of them did not answer, SettingsError if libpq refuses a value
        of DATABASE_URL, otherwise psycopg2.OperationalError.
        """
        failures: list[tuple[str, psycopg2.OperationalError]] = []
        for choice in self._choices:
            try:
                found = cast("ServerConnection", psycopg2.connect(**choice))
            except psycopg2.OperationalError as error:
                _refuse_value(error)
                failures.append((choice.get("host") or choice.get("hostaddr") or "", error))
                if isinstance(error, AnswerTimeout):
                    self._choices = (*self._without(choice), choice)
            else:
                self._choices = (choice, *self._without(choice))
                return found
        raise self._failure(failures)

    def _without(self, choice: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        return [other for other in self._choices if other is not choice]

    def _failure(
        self, failures: Sequence[tuple[str, psycopg2.OperationalError]]
    ) -> psycopg2.OperationalError:
        is_late = any(isinstance(error, AnswerTimeout) for _, error in failures)
        if is_late:
            self._on_late()
        if len(failures) == 1:
            return failures[0][1]
        kind = AnswerTimeout if is_late else psycopg2.OperationalError
        reasons = [f"{host}: {_first_line(error)}" for host, error in failures]
        return kind("; ".join(reasons))


def _refuse_value(error: BaseException) -> None:
    """libpq checks some values only when it connects, before it asks any server. Such an error is
    no outage: trying again does not help."""
    if re.match(r"invalid \w+ value", reason := _first_line(error)):
        raise SettingsError(f"DATABASE_URL: {reason}") from None


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]


def host_timeout_s(answer_timeout_s: float, hosts: int) -> float:
    """The deadline for connecting to one of so many hosts: an equal share, so that all together
    take no longer than a response may."""
    return answer_timeout_s if hosts == 1 else min(HOST_TIMEOUT_S, answer_timeout_s / hosts)


def check_hosts(parameters: Mapping[str, str]) -> None:
    """Refuse several hosts that libpq would not read as they were meant. Raises SettingsError."""
    lists = {name: parameters[name].split(",") for name in PLACE if name in parameters}
    count = max(len(lists.get(name, ())) for name in ("host", "hostaddr"))
    if any(len(found) not in (1, count) for found in lists.values()):
        lengths = ", ".join(f"{name} {len(found)}" for name, found in lists.items())
        raise SettingsError(
            f"DATABASE_URL: its lists are not of the same length: {lengths}",
            hint="Write one port for all hosts, or one for each",
        )
    # libpq would look for a host without a name on this machine.
    if count > 1 and not all(re.fullmatch(r"/.*|\S+", host) for host in lists.get("host", ())):
        raise SettingsError(
            "DATABASE_URL: one of its hosts is empty or contains a space",
            hint="Write several hosts as postgresql://user:password@one:5432,two:5432/name",
        )


def split_hosts(parameters: Mapping[str, str]) -> list[dict[str, str]]:
    """For each host the parameters of PLACE, in the order in which to try them.

    They have passed `check_hosts`. One port holds for all hosts, as in libpq. With
    `load_balance_hosts=random` each process has an order of its own.
    """
    lists = [parameters[name].split(",") for name in PLACE if name in parameters]
    names = [name for name in PLACE if name in parameters]
    count = max(map(len, lists), default=1)
    lists = [found * count if len(found) == 1 else found for found in lists]
    if count == 1:
        return [{}]
    places = [dict(zip(names, place, strict=True)) for place in zip(*lists, strict=True)]
    is_random = parameters.get("load_balance_hosts") == "random"
    return sample(places, count) if is_random else places
