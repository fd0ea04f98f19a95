"""Guessing passwords does not pay: counted by name and address at every door, before any password is looked
at, in the database that all processes share; and nothing tells whether a name has an account.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import global_settings
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_q.models import OrmQ

from archive.access.attempts import RESETS, SIGN_IN_ADDRESS, SIGN_IN_NAME
from archive.access.client_address import client_address
from archive.models import ApiToken, Attempts
from archive.queue.keeping_tasks import sweep_answers
from archive.queue.mail_tasks import mail_password_reset
from archive.services import change_account, create_account
from tests.at_once import at_once
from tests.factories import PASSWORD, make_user
from tests.html_page import page_of

pytestmark = pytest.mark.django_db

HOME, ELSEWHERE = "203.0.113.7", "198.51.100.9"
SIGN_IN_PAGE = "/sign-in/"
ADMIN = "/admin/login/"
TOKEN = "/api/v1/token/"
DOORS = (SIGN_IN_PAGE, ADMIN, TOKEN)
MOST = 10
WITHIN = timedelta(minutes=15)


@pytest.fixture(autouse=True)
def sri() -> Any:
    return make_user("sri", email="sri@example.org", is_staff=True)


def knock(name: str, password: str = "wrong", *, door: str = SIGN_IN_PAGE, come_from: str = HOME) -> Any:
    return Client(REMOTE_ADDR=come_from).post(door, {"username": name, "password": password})


def is_in(answer: Any) -> bool:
    """By the page, which leads on."""
    return bool(answer.status_code == 302)


def exhaust(name: str, *, door: str = SIGN_IN_PAGE, come_from: str = HOME) -> None:
    for number in range(1, MOST + 1):
        told = knock(name, door=door, come_from=come_from).status_code
        assert (told == 429) == (number == MOST)


def count_as_failed(limit: Any, name: str = "", place: str = "") -> None:
    """As many failures as `limit` allows, made by hand: the real way takes a hundred requests."""
    row = Attempts.objects.get(limit=limit.name)
    row.count = limit.most
    row.save()


def later(by: timedelta) -> None:
    """So much time goes by."""
    Attempts.objects.update(ends_at=F("ends_at") - by)
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - by)


@pytest.mark.parametrize("door", DOORS)
def test_after_ten_failures_not_even_the_right_password_opens(door: str) -> None:
    exhaust("sri", door=door)
    for each in DOORS:  # what was tried at one door counts at all
        answer = knock("sri", PASSWORD, door=each)
        assert answer.status_code == 429
        assert 0 < int(answer["Retry-After"]) <= WITHIN.total_seconds()
    assert answer.json() == {
        "code": "throttled",
        "message": "Too many attempts. Please try again in 15 minutes.",
        "fields": {},
    }
    assert ApiToken.objects.count() == 0


def test_the_page_says_when_to_come_back() -> None:
    exhaust("sri")
    page = page_of(knock("sri", PASSWORD))
    assert page.one("div", role="alert").text == "Too many attempts. Please try again in 15 minutes."


def test_others_at_the_address_and_the_person_elsewhere_get_in() -> None:
    make_user("budi")
    exhaust("sri")
    assert is_in(knock("budi", PASSWORD))
    assert is_in(knock("sri", PASSWORD, come_from=ELSEWHERE))
    assert knock(" SRI ", PASSWORD).status_code == 429  # the same name, however it is written


def test_success_begins_anew_and_time_unlocks() -> None:
    for _ in range(2):
        for _ in range(MOST - 1):
            knock("sri")
        assert is_in(knock("sri", PASSWORD))
    exhaust("sri")
    later(WITHIN - timedelta(minutes=1))
    assert knock("sri", PASSWORD)["Retry-After"] <= "60"
    later(timedelta(minutes=1))
    assert is_in(knock("sri", PASSWORD))


def test_refused_attempts_do_not_prolong_the_wait() -> None:
    exhaust("sri")
    (before,) = AccessAttempt.objects.values_list("failures_since_start", "attempt_time")
    for _ in range(3):
        knock("sri")
    assert AccessAttempt.objects.values_list("failures_since_start", "attempt_time").get() == before


def test_an_operator_unlocks_by_name_or_by_address(capsys: pytest.CaptureFixture[str]) -> None:
    exhaust("sri")
    call_command("unlock_sign_in", "Sri")
    assert is_in(knock("sri", PASSWORD))
    knock("nobody")
    count_as_failed(SIGN_IN_ADDRESS)
    assert knock("somebody").status_code == 429
    call_command("unlock_sign_in", "--address", HOME)
    assert knock("somebody").status_code == 200
    with pytest.raises(CommandError, match="no IP address"):
        call_command("unlock_sign_in", "--address", "at home")
    assert "counts of failed attempts were removed" in capsys.readouterr().out


def test_many_machines_that_guess_one_name_together_meet_a_wall_and_its_person_does_not() -> None:
    assert is_in(knock("sri", PASSWORD))  # at home, as every day
    knock("sri", come_from=ELSEWHERE)
    count_as_failed(SIGN_IN_NAME)
    assert knock("sri", come_from="192.0.2.1").status_code == 429
    assert is_in(knock("sri", PASSWORD))


def test_one_machine_that_tries_all_names_does_not_lock_its_archive_out() -> None:
    make_user("newcomer")
    assert is_in(knock("sri", PASSWORD))
    for number in range(SIGN_IN_ADDRESS.most):
        assert knock(f"user-{number}").status_code == 200
    assert knock("newcomer", PASSWORD).status_code == 429
    assert is_in(knock("sri", PASSWORD))
    assert knock("newcomer", PASSWORD).status_code == 429, "her success is nobody else's"


def test_an_account_of_ones_own_is_no_means_to_go_on_guessing() -> None:
    make_user("guesser")
    for number in range(SIGN_IN_ADDRESS.most - 1):
        knock(f"user-{number}")
    assert is_in(knock("guesser", PASSWORD))
    knock("another")
    assert knock("yet-another").status_code == 429


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_nothing_tells_whether_there_is_such_an_account(password: str, sri: Any) -> None:
    def said(name: str, door: str) -> tuple[int, str]:
        answer = knock(name, password, door=door)
        text = answer.content.decode().replace(name, "NAME")
        token = answer.wsgi_request.META.get("CSRF_COOKIE", "")
        return answer.status_code, "".join(line for line in text.splitlines() if "csrf" not in line and token)

    closed = make_user("closed", password=PASSWORD)
    closed.is_active = False
    closed.save()
    for door in DOORS:
        told = {said(name, door) for name in ("closed", "nobody")}
        told |= {said("sri", door)} if password == "wrong" else set()
        assert len(told) == 1, door
    for name in ("sri", "nobody"):
        exhaust(name, come_from=ELSEWHERE)
    locked = {knock(name, come_from=ELSEWHERE).status_code for name in ("sri", "nobody")}
    assert locked == {429}


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that is looked at."""
    passwords: list[str] = []
    encode = MD5PasswordHasher.encode

    def keeping(self: Any, password: str, salt: str) -> str:
        passwords.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", keeping)
    return passwords


def test_an_unknown_name_takes_as_long_as_a_known_one(hashed: list[str]) -> None:
    """One password is hashed for either, and the database is asked the same."""
    seen = []
    knock("somebody")  # which makes the count of the address
    for name in ("sri", "nobody"):
        hashed.clear()
        with CaptureQueriesContext(connection) as asked:
            knock(name)
        seen.append((len(hashed), [re.sub(r"\d+", "", query["sql"])[:40] for query in asked]))
    assert seen[0] == seen[1]
    assert seen[0][0] > 0


@pytest.mark.django_db(transaction=True)
def test_attempts_at_the_same_moment_are_all_counted(hashed: list[str]) -> None:
    """None gets a look at the password uncounted, however many come between the count and its limit."""
    hashed.clear()
    answers = at_once(*[lambda: knock("sri").status_code] * 24)
    assert set(answers) <= {200, 429}
    counted = AccessAttempt.objects.get().failures_since_start
    assert len(hashed) == counted >= MOST
    # Whoever is counted is told by what has been counted when he is answered, which may be more than himself.
    assert answers.count(200) < MOST
    assert knock("sri", PASSWORD).status_code == 429
    assert PASSWORD not in hashed


def test_what_was_tried_is_not_kept_for_long_and_passwords_never() -> None:
    knock("somebody", "a long secret")
    knock("somebody", "a long secret", door=TOKEN)
    rows = f"{list(AccessAttempt.objects.values_list())} {list(Attempts.objects.values_list())}"
    assert "secret" not in rows
    assert HOME not in str(list(Attempts.objects.values_list()))
    later(timedelta(days=1))
    assert "2 counts" in sweep_answers()
    knock("another")
    assert AccessAttempt.objects.get().username == "another"


class TestBehindProxies:
    @pytest.mark.parametrize(
        ("proxies", "forwarded", "address"),
        [
            (0, "", "10.0.0.1"),
            (0, "1.1.1.1", "10.0.0.1"),  # whoever asks can write that
            (1, "1.1.1.1, 203.0.113.7", "203.0.113.7"),
            (1, "203.0.113.7", "203.0.113.7"),
            (1, "", "10.0.0.1"),
            (2, "1.1.1.1, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
            (2, "203.0.113.7", "203.0.113.7"),
            (1, "<script>", ""),
            (1, "::ffff:203.0.113.7", "203.0.113.7"),
            (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),  # a household has them all
        ],
    )
    def test_only_what_ours_have_added_is_believed(
        self, settings: Any, rf: Any, proxies: int, forwarded: str, address: str
    ) -> None:
        settings.PULIH_PROXIES = proxies
        headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
        assert client_address(rf.get("/", REMOTE_ADDR="10.0.0.1", **headers)) == address

    def test_each_is_counted_by_his_own_address_and_cannot_choose_it(self, settings: Any) -> None:
        settings.PULIH_PROXIES = 1

        def knock_through(forwarded: str, password: str = "wrong") -> int:
            asked = {"username": "sri", "password": password}
            return int(Client().post(SIGN_IN_PAGE, asked, HTTP_X_FORWARDED_FOR=forwarded).status_code)

        for number in range(MOST - 1):
            assert knock_through(f"192.0.2.{number}, {HOME}") == 200
        assert knock_through(f"192.0.2.66, {HOME}") == 429
        assert knock_through(f"192.0.2.77, {HOME}", PASSWORD) == 429
        assert knock_through(ELSEWHERE, PASSWORD) == 302


class TestForgottenPasswords:
    ADDRESS = "/forgotten-password/"

    def ask(self, email: str) -> Any:
        return Client(REMOTE_ADDR=HOME).post(self.ADDRESS, {"email": email})

    def test_the_request_does_the_same_for_all_addresses(self) -> None:
        self.ask("first@example.org")  # which makes the row of the address
        seen = []
        for email in ("sri@example.org", "nobody@example.org"):
            with CaptureQueriesContext(connection) as asked:
                assert self.ask(email)["Location"] == reverse("archive:password_reset_sent")
            seen.append(len(asked))
        assert seen[0] == seen[1]
        told = [mail_password_reset(*queued.args()) for queued in OrmQ.objects.order_by("pk")]
        assert told == ["nobody to write to", "sent", "nobody to write to"]

    def test_a_mailbox_gets_one_in_two_minutes(self) -> None:
        for email in ("sri@example.org", "SRI@example.org", "sri@example.org"):
            assert self.ask(email).status_code == 302
        assert OrmQ.objects.count() == 1
        later(timedelta(minutes=2))
        self.ask("sri@example.org")
        assert OrmQ.objects.count() == 2

    def test_an_address_that_asks_again_and_again_is_told_to_wait(self) -> None:
        for number in range(RESETS.most):
            assert self.ask(f"{number}@example.org").status_code == 302
        refused = self.ask("sri@example.org")
        assert refused.status_code == 429
        assert 3500 < int(refused["Retry-After"]) <= 3600
        assert "Too many attempts" in page_of(refused).one("div", role="alert").text
        assert OrmQ.objects.count() == RESETS.most

    def test_an_account_without_a_password_gets_its_first_by_mail(self, mailoutbox: list[Any]) -> None:
        operator = make_user("operator", is_superuser=True)
        create_account(username="new", email="new@example.org", actor=operator)
        assert mail_password_reset("NEW@example.org", "https://pulih.example.org", "en") == "sent"
        assert mailoutbox[0].to == ["new@example.org"]

    def test_a_closed_account_gets_none(self, sri: Any) -> None:
        change_account(account=sri, actor=make_user("operator", is_superuser=True), is_active=False)
        assert mail_password_reset("sri@example.org", "https://pulih.example.org", "en") != "sent"


class TestThePresentPassword:
    """Asked for again of whoever sits at a browser that was left open."""

    def test_page_and_api_count_together(self, sri: Any, client: Client) -> None:
        client.force_login(sri)
        asked = {"email": "other@example.org", "password": "wrong"}
        for _ in range(5):
            assert client.post(reverse("archive:email_change"), asked).status_code == 400
            told = client.put(reverse("api:me-email"), asked, content_type="application/json")
            assert told.status_code == 400
        asked["password"] = PASSWORD
        page = client.post(reverse("archive:email_change"), asked)
        assert (page.status_code, int(page["Retry-After"]) > 0) == (429, True)
        told = client.put(reverse("api:me-email"), asked, content_type="application/json")
        assert (told.status_code, told.json()["code"]) == (429, "throttled")
        change = {"old_password": PASSWORD, "new_password1": "x" * 20, "new_password2": "x" * 20}
        page = page_of(client.post(reverse("archive:password_change"), change))
        assert "Too many attempts" in page.one("div", class_="field__errors").text
        sri.refresh_from_db()
        assert (sri.email, sri.check_password(PASSWORD)) == ("sri@example.org", True)


def test_passwords_are_hashed_slowly_outside_of_tests(settings: Any) -> None:
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
    assert make_password("x").startswith("pbkdf2_sha256$")
