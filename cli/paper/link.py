"""An adult's invitation: its link, and the QR code of it for a terminal."""

from __future__ import annotations

import io


def invitation_link(public_url: str, token: str) -> str:
    """Browsers do not send the part after # to a server, so no log has it."""
    return f"{public_url.rstrip('/')}/teacher#join={token}"


def qr_lines(content: str) -> str:
    """A QR code of half blocks. Terminals need Unicode and a dark or light background."""
    import segno

    drawn = io.StringIO()
    segno.make_qr(content, error="l").terminal(drawn, compact=True, border=2)
    return drawn.getvalue().rstrip("\n")
