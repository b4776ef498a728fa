"""The certificates that this process trusts."""

from __future__ import annotations

import gevent.ssl


class Trust:
    """The system's certificates, or others instead."""

    def __init__(self) -> None:
        self.believe("")

    def believe(self, cacert: str, *, any_name: bool = False) -> None:
        """Trust the system's certificates or, if given, those in the PEM file `cacert` instead.
        `any_name`: do not check host names, as for 127.0.0.1. Raises OSError if the file cannot be
        read or contains no certificate."""
        self.context = gevent.ssl.create_default_context(cafile=cacert or None)
        """Shared by all students, since loading the CAs for each takes seconds."""

        if cacert:
            # It may be the server's certificate rather than a CA's.
            self.context.verify_flags |= gevent.ssl.VERIFY_X509_PARTIAL_CHAIN
        self.context.check_hostname = not any_name


TRUST = Trust()
"""The trust of this process."""
