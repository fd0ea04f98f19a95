"""The first minutes of an account, its choices, a forgotten password, and leaving everywhere."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.browser import context
from tests.journeys.platform import Platform
from tests.processes import wait_until

pytestmark = pytest.mark.browser

NAME, FORGETFUL, PASSWORD, NEW = "newcomer", "forgetful", "a long walk home", "another long walk home"
DARK, LIGHT = "rgb(21, 18, 16)", "rgb(245, 242, 236)"

MAKE = f"""
from django.contrib.auth.models import User
for name in {(NAME, FORGETFUL)!r}:
    User.objects.create_user(name, f"{{name}}@example.org", {PASSWORD!r})
"""


@pytest.fixture(scope="module")
def newcomer(platform: Platform) -> Platform:
    platform.installation.manage("shell", "-c", MAKE)
    return platform


def enter(page: Page, password: str, name: str = NAME) -> None:
    page.goto("/sign-in/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", level=1, name=re.compile("Collections|Koleksi")).wait_for()


def test_a_forgotten_password_is_replaced_and_everybody_else_is_out(
    newcomer: Platform, browser: Browser
) -> None:
    """The first here: behind a sample's restorations the mail would wait."""
    with context(browser, newcomer.address) as (profile, complaints):
        inside = profile.new_page()
        enter(inside, PASSWORD, FORGETFUL)
        with context(browser, newcomer.address) as (other, other_complaints):
            page = other.new_page()
            page.goto("/sign-in/")
            page.get_by_role("link", name="Forgotten password?").click()
            page.get_by_label("E-mail address").fill("forgetful@example.org")
            page.get_by_role("button", name="Send the e-mail").click()
            expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")
            page.goto(mailed_address(newcomer))
            assert "set-password" in page.url
            for field in ("#id_new_password1", "#id_new_password2"):
                page.locator(field).fill(NEW)
            page.get_by_role("button", name="Set the password").click()
            expect(page.get_by_text("Your new password is set")).to_be_visible()
            enter(page, NEW, FORGETFUL)
            page.goto("/account/")
            page.get_by_role("button", name="Sign out everywhere").click()
            expect(page.get_by_text("You are signed out everywhere")).to_be_visible()
            assert other_complaints == []
        inside.goto("/account/")
        expect(inside).to_have_url(re.compile("/sign-in/"))
        assert complaints == []


def mailed_address(platform: Platform) -> str:
    """The address in the mail, which the worker writes to its log where no mail server is set."""

    def found() -> str:
        logs = platform.installation.folder.glob("process-*.log")
        text = "".join(log.read_text() for log in logs)
        addresses = re.findall(r"http://\S+/forgotten-password/\S+/\S+/", text)
        return addresses[-1] if addresses else ""

    address: str = wait_until(found, seconds=600, what="the mail")
    return address


def test_from_an_empty_account_to_a_sample_that_is_being_restored(
    newcomer: Platform, browser: Browser
) -> None:
    with context(browser, newcomer.address) as (profile, complaints):
        page = profile.new_page()
        enter(page, PASSWORD)
        expect(page.get_by_role("heading", name="Welcome to the darkroom")).to_be_visible()
        page.get_by_role("button", name="Make a sample collection").click()
        # The page leads on by itself once a worker has brought the first picture.
        page.wait_for_url(re.compile(r"/collections/[0-9a-f-]{36}/$"), timeout=600_000)
        expect(page.locator("#gallery > li").first).to_be_visible()
        assert complaints == []


def test_choices_go_along_to_other_browsers_and_nothing_flashes(newcomer: Platform, browser: Browser) -> None:
    with context(browser, newcomer.address, color_scheme="light") as (profile, complaints):
        page = profile.new_page()
        enter(page, PASSWORD)
        page.goto("/account/")
        page.locator("#id_theme").select_option("Dark")
        page.locator("#id_language").select_option("Indonesian")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Akun")
        assert complaints == []
    # Without script: the server alone says how the page looks.
    with context(browser, newcomer.address, color_scheme="light", java_script_enabled=False) as (other, _):
        page = other.new_page()
        enter(page, PASSWORD)
        expect(page.locator("html")).to_have_css("background-color", DARK)
        expect(page.locator("html")).to_have_attribute("lang", "id")
        page.get_by_role("button", name="English").click()
        page.locator("#theme-choice").select_option("Light")
        page.get_by_role("button", name="Apply").click()
        expect(page.locator("html")).to_have_css("background-color", LIGHT)
