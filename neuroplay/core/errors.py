"""Every error that NeuroPlay raises on purpose.

    NeuroPlayError
    ├── TransientError            trying again later may help
    │   └── StoreUnavailable      PostgreSQL or Redis cannot be reached, or did not answer in time
    └── PermanentError            trying again will not help
        ├── InvalidSession        a session record that cannot be true (field, message)
        ├── NotFound              no such student, class or inbox item
        ├── Refused               the request is understood and denied (sign-in, wrong state)
        └── SettingsError         a setting is missing or contradicts another

`code` is stable: clients, tests and dashboards may rely on it.
"""

from __future__ import annotations


class NeuroPlayError(Exception):
    """Base of all errors; `code` is a stable snake_case word, `hint` says what to do."""

    code = "internal"

    def __init__(self, message: str, *, code: str | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code is not None:
            self.code = code


class TransientError(NeuroPlayError):
    code = "try_again"


class StoreUnavailable(TransientError):
    code = "store_unavailable"


class PermanentError(NeuroPlayError):
    code = "permanent"


class InvalidSession(PermanentError):
    """A session record that cannot be true; `field` names the wire field at fault."""

    code = "invalid_session"

    def __init__(self, code: str, field: str, message: str) -> None:
        super().__init__(message, code=code)
        self.field = field


class NotFound(PermanentError):
    code = "not_found"


class Refused(PermanentError):
    code = "refused"


class SettingsError(PermanentError):
    code = "settings"
