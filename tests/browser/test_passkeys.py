"""A passkey in a real Chromium, with the authenticator that it brings for tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.browser.conftest import RunningSystem
from tests.browser.play import new_class, watch_console

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSPHRASE = "seven lanterns over the river"


@dataclass
class Phone:
    """The authenticator of a browser. It waits unless it is touched."""

    session: CDPSession
    number: str = field(init=False)

    def __post_init__(self) -> None:
        self.session.send("WebAuthn.enable")
        made = self.session.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "ctap2Version": "ctap2_1",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                }
            },
        )
        self.number = made["authenticatorId"]
        self.touched(is_touched=True)

    def touched(self, *, is_touched: bool) -> None:
        self._send("WebAuthn.setAutomaticPresenceSimulation", enabled=is_touched)

    def verified(self, *, is_verified: bool) -> None:
        self._send("WebAuthn.setUserVerified", isUserVerified=is_verified)

    def passkeys(self) -> list[Any]:
        found: list[Any] = self._send("WebAuthn.getCredentials")["credentials"]
        return found

    def _send(self, method: str, **parts: Any) -> Any:
        return self.session.send(method, {"authenticatorId": self.number} | parts)


@dataclass
class Teacher:
    page: Page
    phone: Phone
    name: str
    home: str
    complaints: list[str]

    def sees(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1, name=heading)).to_be_visible()

    def says(self, words: str) -> None:
        expect(self.page.get_by_role("status").filter(has_text=words)).to_be_visible()

    def fills(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)

    def presses(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    def opens(self, path: str, heading: str) -> None:
        self.page.goto(f"{self.home}{path}")
        self.sees(heading)

    def adds(self, device: str) -> None:
        form = self.page.get_by_role("form", name="Add a passkey")
        form.get_by_label("Name of the device").fill(device)
        form.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
        self.presses("Add a passkey")

    def signs_out(self) -> None:
        self.opens("/teacher/account", self.name)
        self.presses("Sign out")
        self.sees("Sign in")


IN_FIELD = "in the field"
NOT_IN_FIELD = "PublicKeyCredential.isConditionalMediationAvailable = async () => false"


@pytest.fixture
def teacher(
    browser: Browser, system: RunningSystem, request: pytest.FixtureRequest
) -> Iterator[Teacher]:
    """Has joined at the address at which passkeys work on this machine. With IN_FIELD the browser
    offers them in the name's field, where the authenticator chooses one as soon as it is asked."""
    own = new_class(system, students=1)["class"]["name"]
    name = f"Rosa {own}"
    link = system.neuroplay("adult", "invite", name, "--class", own)["link"]
    home = system.url.replace("127.0.0.1", "localhost")
    context = browser.new_context(locale="en")
    page = context.new_page()
    if getattr(request, "param", "") != IN_FIELD:
        page.add_init_script(NOT_IN_FIELD)
    phone = Phone(context.new_cdp_session(page))
    teacher = Teacher(page, phone, name, home, watch_console(page))
    page.goto(link.replace("127.0.0.1", "localhost"))
    teacher.sees(f"Welcome, {name}")
    teacher.fills("New passphrase", PASSPHRASE)
    teacher.fills("The same once more", PASSPHRASE)
    teacher.presses("Save and begin")
    teacher.sees("Overview")
    yield teacher
    context.close()


def test_a_passkey_from_its_first_to_its_last_day(teacher: Teacher) -> None:
    page, phone = teacher.page, teacher.phone
    teacher.opens("/teacher/account", teacher.name)

    # Nobody is verified: nothing is added.
    phone.verified(is_verified=False)
    teacher.adds("Phone")
    teacher.says("No passkey was used.")
    assert phone.passkeys() == []
    phone.verified(is_verified=True)
    teacher.presses("Add a passkey")
    teacher.says("The passkey “Phone” is there.")
    own = page.get_by_role("listitem").filter(has_text="Phone")
    expect(own).to_contain_text("Not used yet.")
    (made,) = phone.passkeys()
    assert (made["rpId"], made["isResidentCredential"]) == ("localhost", True)
    assert made["userName"] == teacher.name

    # The same device once more.
    teacher.adds("Phone again")
    teacher.says("This device has a passkey for your account already.")

    # By the button.
    teacher.signs_out()
    teacher.presses("Sign in with a passkey")
    teacher.sees("Overview")
    teacher.opens("/teacher/account", teacher.name)
    expect(own).to_contain_text("Last used on")

    # Removed.
    own.get_by_role("button", name="Remove").click()
    teacher.says("does not sign in any more")
    expect(own).to_have_count(0)
    teacher.signs_out()
    assert len(phone.passkeys()) == 1, "the device still offers it"
    teacher.presses("Sign in with a passkey")
    teacher.says("This passkey does not sign in here.")
    teacher.fills("Name", teacher.name)
    teacher.fills("Passphrase", PASSPHRASE)
    teacher.presses("Sign in")
    teacher.sees("Overview")


@pytest.mark.parametrize("teacher", [IN_FIELD], indirect=True)
def test_a_passkey_is_chosen_in_the_list_of_the_field(teacher: Teacher) -> None:
    teacher.opens("/teacher/account", teacher.name)
    teacher.adds("Phone")
    teacher.says("The passkey “Phone” is there.")
    teacher.phone.touched(is_touched=False)
    teacher.signs_out()
    teacher.phone.touched(is_touched=True)
    teacher.page.goto(f"{teacher.home}/teacher")
    teacher.sees("Overview")
    assert [one for one in teacher.complaints if "401" not in one] == []


def test_an_operator_ends_the_passkeys_of_a_lost_device(
    teacher: Teacher, system: RunningSystem
) -> None:
    teacher.opens("/teacher/account", teacher.name)
    teacher.adds("Lost phone")
    teacher.says("The passkey “Lost phone” is there.")
    (known,) = system.neuroplay("adult", "show", teacher.name)["passkeys"]
    assert known["name"] == "Lost phone"
    gone = system.neuroplay("adult", "remove-passkeys", teacher.name)["removed"]
    assert [one["id"] for one in gone] == [known["id"]]
    teacher.signs_out()
    teacher.presses("Sign in with a passkey")
    teacher.says("This passkey does not sign in here.")


def test_where_passkeys_do_not_work_the_page_does_not_speak_of_them(
    teacher: Teacher, browser: Browser, system: RunningSystem
) -> None:
    """At an address in numbers."""
    context = browser.new_context(locale="en")
    page = context.new_page()
    complaints = watch_console(page)
    page.goto(f"{system.url}/teacher")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Name", exact=True).fill(teacher.name)
    page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
    expect(page.locator("main")).not_to_contain_text("passkey", ignore_case=True)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.get_by_role("link", name="My account").click()
    expect(page.get_by_role("heading", name="Change the passphrase")).to_be_visible()
    expect(page.get_by_role("heading", name="Passkeys")).to_have_count(0)
    context.close()
    assert [one for one in complaints if "401" not in one] == []
