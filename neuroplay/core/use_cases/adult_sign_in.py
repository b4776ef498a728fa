"""Accept an invitation, sign in with a passphrase, and change it.

A passphrase is slow to check on purpose, so whoever may ask for it often could keep the server
busy, or guess. Wrong ones are therefore counted by name, for browsers that are not known, and by
browser for those in which the adult was signed in before. While a name has to wait because of
strangers, the adult's own browser does not, and a new link always works: it costs nothing to refuse
a wrong one.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from neuroplay.core.entities.adult import Adult, AdultLink
from neuroplay.core.errors import NotFound, Refused, TransientError
from neuroplay.core.interfaces.services import AttemptLimiter, Clock, Passphrases, Secrets
from neuroplay.core.interfaces.unit_of_work import UnitOfWork, UnitOfWorkFactory
from neuroplay.core.rules.adult_names import adult_name_key
from neuroplay.core.rules.passphrases import LONGEST, checked_passphrase, plain_passphrase
from neuroplay.core.use_cases.adult_session import (
    LONGEST_ADULT_TOKEN,
    AdultSession,
    new_session,
    signed_out,
)

LONGEST_TYPED_NAME = 200
FAILURES_NOTED_EVERY = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True, slots=True)
class AdultSignedIn:
    """A new sign-in. Only the hash of `token` is stored. `browser` makes the browser known for this
    adult's later sign-ins."""

    token: str
    browser: str
    session: AdultSession


class OpenInvitation:
    """Shows what a link is for. This does not use it up: programs that preview links open them,
    too."""

    def __init__(self, *, uow: UnitOfWorkFactory, secrets: Secrets) -> None:
        self._uow = uow
        self._secrets = secrets

    def execute(self, token: str) -> tuple[AdultLink, list[tuple[int, str]]]:
        """The link, and number and name of the teacher's classes. Raises NotFound(`link_unknown`),
        Refused(`link_used`, `link_late`)."""
        with self._uow(in_steps=True) as uow:
            link = working_link(uow, self._secrets, token)
            own = link.adult.principal.class_ids
            found = [
                (one.class_id, one.name) for one, _ in uow.classes.all() if one.class_id in own
            ]
        return link, found


class JoinAdult:
    """Sets the passphrase by a link, which is used up, and signs in. Other sign-ins and all
    passkeys end: whoever had access before has none."""

    def __init__(
        self, *, uow: UnitOfWorkFactory, clock: Clock, secrets: Secrets, passphrases: Passphrases
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._secrets = secrets
        self._passphrases = passphrases

    def execute(self, token: str, passphrase: str) -> AdultSignedIn:
        """Raises as OpenInvitation, and Refused with `weak_passphrase` or `too_many_attempts`."""
        with self._uow(in_steps=True) as uow:
            link = working_link(uow, self._secrets, token)
        checked = checked_passphrase(passphrase, name=link.adult.name)
        hashed = self._passphrases.hash(checked)
        with self._uow() as uow:
            adult = uow.adults.use_link(_link_hashes(self._secrets, token))
            if adult is None:  # used in between, or replaced
                raise _no_link(working_link(uow, self._secrets, token))
            uow.adults.set_passphrase(adult.adult_id, hashed)
            gone = uow.passkeys.remove_all(adult.adult_id)
            uow.adults.end_sign_ins(adult.adult_id)
            what = "passphrase reset" if link.adult.passphrase else "adult joined"
            ended = {"passkeys": [one.passkey_id for one in gone]} if gone else {}
            made = sign_in(uow, adult, self._secrets, self._clock, what, **ended)
            uow.commit()
        return made


class SignInAdult:
    """Exchanges a name and a passphrase for a sign-in."""

    def __init__(
        self,
        *,
        uow: UnitOfWorkFactory,
        clock: Clock,
        secrets: Secrets,
        passphrases: Passphrases,
        adult_attempts: AttemptLimiter,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._secrets = secrets
        self._passphrases = passphrases
        self._attempts = adult_attempts

    def execute(self, name: str, passphrase: str, *, browser: str = "") -> AdultSignedIn:
        """`browser` is what an earlier sign-in in this browser made known. Raises Refused with
        `wrong_passphrase`, or with `too_many_attempts` and `retry_after_s`."""
        key = adult_name_key(name) if len(name) <= LONGEST_TYPED_NAME else ""
        known = _is_known(self._secrets, key, browser)
        # A name that somebody tried may be a real one, or a passphrase in the wrong field.
        attempts = browser if known else self._secrets.adult_hash("attempt", key).hex()
        wait_s = self._attempts.waits(attempts, shared=not known)
        if wait_s:
            raise _too_many(wait_s)
        with self._uow(in_steps=True) as uow:
            adult = uow.adults.named(key)
        stored = adult.passphrase if adult else None
        plain = plain_passphrase(passphrase[: LONGEST + 1])
        if not self._passphrases.verify(stored, plain, known=known) or adult is None:
            self._attempts.failed(attempts)
            note_failure(self._uow, self._clock, adult, "wrong passphrase")
            raise _wrong()
        renewed = None
        if self._passphrases.is_outdated(str(stored)):
            renewed = self._passphrases.hash(plain)
        with self._uow() as uow:
            now = uow.adults.get(adult.adult_id)
            if now is None or now.passphrase != stored:  # replaced, or ended, during the check
                raise _wrong()
            if renewed is not None:
                uow.adults.set_passphrase(adult.adult_id, renewed)
            made = sign_in(uow, adult, self._secrets, self._clock, "adult signed in")
            uow.commit()
        self._attempts.succeeded(attempts)
        return made


class ConfirmPassphrase:
    """Asks for the own passphrase again, before something that outlasts the sign-in."""

    def __init__(
        self, *, uow: UnitOfWorkFactory, passphrases: Passphrases, adult_attempts: AttemptLimiter
    ) -> None:
        self._uow = uow
        self._passphrases = passphrases
        self._attempts = adult_attempts

    def execute(self, session: AdultSession, passphrase: str) -> Adult:
        """The adult. Raises Refused with `wrong_old_passphrase` or `too_many_attempts`."""
        attempts = session.token_hash.hex()
        wait_s = self._attempts.waits(attempts, shared=False)
        if wait_s:
            raise _too_many(wait_s)
        with self._uow(in_steps=True) as uow:
            adult = uow.adults.get(session.principal.adult_id)
        stored = adult.passphrase if adult else None
        plain = plain_passphrase(passphrase[: LONGEST + 1])
        if not self._passphrases.verify(stored, plain, known=True) or adult is None:
            self._attempts.failed(attempts)
            raise Refused("Your passphrase is another one.", code="wrong_old_passphrase")
        return adult


class ChangePassphrase:
    """Replaces the own passphrase. All sign-ins and open links end, and a new sign-in replaces this
    one, so that a copy of its cookie is of no use. Passkeys stay."""

    def __init__(
        self,
        *,
        uow: UnitOfWorkFactory,
        clock: Clock,
        secrets: Secrets,
        passphrases: Passphrases,
        confirm_passphrase: ConfirmPassphrase,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._secrets = secrets
        self._passphrases = passphrases
        self._confirm = confirm_passphrase

    def execute(self, session: AdultSession, old: str, new: str) -> AdultSignedIn:
        """Raises Refused with `wrong_old_passphrase`, `weak_passphrase`, `too_many_attempts`, or
        with `unauthorized` if somebody else replaces it, or ends this sign-in, at the same time."""
        adult_id = session.principal.adult_id
        checked = checked_passphrase(new, name=session.principal.name)
        stored = self._confirm.execute(session, old)
        hashed = self._passphrases.hash(checked)
        with self._uow() as uow:
            now = uow.adults.lock(adult_id)
            if now is None or now.passphrase != stored.passphrase:  # replaced during the check
                raise signed_out()
            if uow.adults.sign_in([session.token_hash]) is None:
                raise signed_out()
            uow.adults.set_passphrase(adult_id, hashed)
            uow.adults.end_sign_ins(adult_id)
            uow.adults.end_links(adult_id)
            made = sign_in(uow, now, self._secrets, self._clock, "passphrase changed")
            uow.commit()
        return made


def working_link(uow: UnitOfWork, secrets: Secrets, token: str) -> AdultLink:
    """The invitation with this token. Raises as OpenInvitation."""
    link = uow.adults.link(_link_hashes(secrets, token))
    if link is None:
        raise NotFound(
            "This is no invitation. Copy the whole link, or ask for a new one.",
            code="link_unknown",
        )
    if link.used_at is not None or link.is_late:
        raise _no_link(link)
    return link


def _no_link(link: AdultLink) -> Refused:
    if link.used_at is not None:
        return Refused(
            "This invitation was used already. Sign in with your passphrase. If it was not you "
            "who used it, tell the person who sent it, and ask for a new one.",
            code="link_used",
        )
    return Refused(
        "This invitation is too old, or a newer one replaced it. Ask for a new one.",
        code="link_late",
    )


def _link_hashes(secrets: Secrets, token: str) -> list[bytes]:
    if not token.isascii() or len(token) > LONGEST_ADULT_TOKEN:
        return []
    return [one.adult_hash("link", token) for one in secrets.accepted]


def sign_in(
    uow: UnitOfWork,
    adult: Adult,
    secrets: Secrets,
    clock: Clock,
    what: str,
    **details: object,
) -> AdultSignedIn:
    """Add a sign-in and its line of the audit to the unit of work."""
    token, session = new_session(uow, adult, secrets)
    uow.audit.add(
        who=session.principal.who,
        what=what,
        target=f"adult {adult.adult_id}",
        details=details,
        now=clock(),
    )
    browser = secrets.new_token()
    return AdultSignedIn(
        token=token,
        browser=f"{browser}.{_browser_seal(secrets, adult_name_key(adult.name), browser)}",
        session=session,
    )


def note_failure(uow: UnitOfWorkFactory, clock: Clock, adult: Adult | None, what: str) -> None:
    """In the audit, once in a while for each adult, and for all whom nobody knows: guesses must not
    fill it, nor show by their time who exists."""
    with suppress(TransientError), uow() as open_uow:
        if open_uow.audit.look(
            who="sign-in",
            what=what,
            target=f"adult {adult.adult_id if adult else 'unknown'}",
            now=clock(),
            within=FAILURES_NOTED_EVERY,
        ):
            open_uow.commit()


def _is_known(secrets: Secrets, name_key: str, browser: str) -> bool:
    if not browser.isascii() or len(browser) > 2 * LONGEST_ADULT_TOKEN:
        return False
    number, dot, seal = browser.rpartition(".")
    return dot == "." and seal in [_browser_seal(one, name_key, number) for one in secrets.accepted]


def _browser_seal(secrets: Secrets, name_key: str, browser: str) -> str:
    return secrets.adult_hash("browser", f"{browser} {name_key}").hex()


def _wrong() -> Refused:
    return Refused("This name and passphrase do not belong together.", code="wrong_passphrase")


def _too_many(wait_s: float) -> Refused:
    return Refused(
        "Too many wrong passphrases. Wait a moment, or ask for a new link.",
        code="too_many_attempts",
        retry_after_s=wait_s,
    )
