"""Which certificates this process trusts, for every server."""

from __future__ import annotations

import gevent.ssl


class Trust:
    """The system's certificates, unless others are named."""

    def __init__(self) -> None:
        self.believe("")

    def believe(self, cacert: str, *, any_name: bool = False) -> None:
        """Trust what the system does, or the certificates and CAs in the file `cacert` instead.
        `any_name`: do not check host names, as for 127.0.0.1. Raises OSError where the file cannot
        be read or holds none."""
        self._context = gevent.ssl.create_default_context(cafile=cacert or None)
        if cacert:
            # It may be the server's own.
            self._context.verify_flags |= gevent.ssl.VERIFY_X509_PARTIAL_CHAIN
        self.any_name = any_name
        self._context.check_hostname = not any_name

    def context(self, cafile: str | None = None) -> gevent.ssl.SSLContext:
        """One for all: reading the CAs again for each student takes seconds. The client passes a
        `cafile` of its own, which is ignored."""
        del cafile
        return self._context


TRUST = Trust()
"""Of this process."""
