"""Which certificates this process believes, of every server that it asks."""

from __future__ import annotations

import gevent.ssl


class Trust:
    """As a browser does, until it is told otherwise."""

    def __init__(self) -> None:
        self.believe("")

    def believe(self, cacert: str, *, any_name: bool = False) -> None:
        """Believe what the system does; with `cacert`, the certificates and authorities of that
        file instead. `any_name`: whatever name they are made out to, as of 127.0.0.1. Raises
        OSError where the file cannot be read or holds none."""
        self._context = gevent.ssl.create_default_context(cafile=cacert or None)
        if cacert:
            # It may be the server's own.
            self._context.verify_flags |= gevent.ssl.VERIFY_X509_PARTIAL_CHAIN
        self.any_name = any_name
        self._context.check_hostname = not any_name

    def context(self, cafile: str | None = None) -> gevent.ssl.SSLContext:
        """One for all: to read the authorities again for each student takes seconds. The client
        offers a `cafile` of its own, which is not wanted."""
        del cafile
        return self._context


TRUST = Trust()
"""Of this process."""
