"""One's own account: choices that hold in every browser, a forgotten password, and leaving everywhere."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from archive.access import email_proofs
from archive.access.profiles import profile_of
from archive.queue.mail_tasks import mail_email_changed, mail_email_proof, mail_password_reset
from archive.services import change_profile
from tests.factories import PASSWORD, make_user
from tests.html_page import get_page, page_of

pytestmark = pytest.mark.django_db

NEW = "another long walk home"


@pytest.fixture
def sri():
    cache.clear()
    return make_user("sri", email="sri@example.org")


@pytest.fixture
def signed_in(client, sri):
    client.force_login(sri)
    return client


def theme_of(client, address="/account/"):
    return get_page(client, address).one("html").attributes.get("data-theme", "")


def test_choices_are_saved_and_shown(signed_in, sri):
    address = reverse("archive:account")
    wanted = {"first_name": "Sri", "last_name": "Wahyuni", "language": "id", "theme": "dark"}
    assert signed_in.post(address, wanted)["Location"] == address
    sri.refresh_from_db()
    profile = profile_of(sri)
    assert (sri.get_full_name(), profile.language, profile.theme) == ("Sri Wahyuni", "id", "dark")
    assert not profile.mail_when_finished
    page = get_page(signed_in, address)
    assert (page.one("html")["lang"], page.one("html")["data-theme"]) == ("id", "dark")
    assert signed_in.post(address, {"theme": "purple"}).status_code == 400


def test_the_profile_beats_the_cookies_of_a_browser(client, sri):
    client.post(reverse("set_language"), {"language": "id"})
    client.post(reverse("archive:theme_choice"), {"theme": "light"})
    page = get_page(client, reverse("sign_in"))
    assert (page.one("html")["lang"], page.one("html")["data-theme"]) == ("id", "light")
    change_profile(user=sri, language="en", theme="dark")
    client.force_login(sri)
    page = get_page(client, "/account/")
    assert (page.one("html")["lang"], page.one("html")["data-theme"]) == ("en", "dark")


def test_what_is_chosen_in_the_footer_goes_along_to_other_browsers(signed_in, sri):
    signed_in.post(reverse("set_language"), {"language": "id"})
    signed_in.post(reverse("archive:theme_choice"), {"theme": "dark", "next": "/search/"})
    other = Client()
    other.force_login(sri)
    assert theme_of(other) == "dark"
    assert get_page(other, "/account/").one("html")["lang"] == "id"


def test_a_theme_leads_back_but_not_away(client):
    choose = reverse("archive:theme_choice")
    assert client.post(choose, {"theme": "dark", "next": "/public/?page=2"})["Location"] == "/public/?page=2"
    assert client.post(choose, {"theme": "dark", "next": "https://elsewhere.example/"})["Location"] == "/"
    client.post(choose, {"theme": "nonsense"})
    assert theme_of(client, "/public/") == ""


def test_a_profile_costs_no_query_of_its_own(signed_in, sri, django_assert_num_queries):
    change_profile(user=sri, theme="dark")
    with django_assert_num_queries(2):  # the session, and the person with the profile
        signed_in.get(reverse("archive:password_change"))


def test_an_address_takes_the_password(signed_in, sri, django_capture_on_commit_callbacks):
    address = reverse("archive:email_change")
    refused = signed_in.post(address, {"email": "new@example.org", "password": "wrong"})
    assert refused.status_code == 400
    assert "not your present password" in page_of(refused).one("div", class_="field__errors").text
    sri.refresh_from_db()
    assert sri.email == "sri@example.org"
    with django_capture_on_commit_callbacks(execute=True):
        signed_in.post(address, {"email": "new@example.org", "password": PASSWORD})
    sri.refresh_from_db()
    assert sri.email == "sri@example.org", "nobody has said yes at the new address"


def link_in_the_mail():
    """The queue's one mail of proof is sent; the path that it leads to."""
    (queued,) = OrmQ.objects.all()
    assert queued.func() == "archive.queue.mail_tasks.mail_email_proof"
    assert mail_email_proof(*queued.args()) == "sent"
    OrmQ.objects.all().delete()
    return re.search(r"http://testserver(/\S+)", mail.outbox[-1].body)[1]


def ask_for(browser, email, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(reverse("archive:email_change"), {"email": email, "password": PASSWORD})
    return link_in_the_mail()


def test_a_new_address_counts_when_its_mail_was_opened(
    signed_in, sri, client, django_capture_on_commit_callbacks
):
    link = ask_for(signed_in, "new@example.org", django_capture_on_commit_callbacks)
    assert mail.outbox[-1].to == ["new@example.org"]
    anywhere = Client()  # most likely the mail is read in another browser
    assert "new@example.org" in get_page(anywhere, link).one("main").text
    sri.refresh_from_db()
    assert sri.email == "sri@example.org", "programs open the addresses in mails, too"
    with django_capture_on_commit_callbacks(execute=True):
        assert anywhere.post(link)["Location"] == reverse("archive:account")
    sri.refresh_from_db()
    assert sri.email == "new@example.org"
    assert anywhere.post(link).status_code == 400, "it works once"
    (queued,) = OrmQ.objects.all()
    assert mail_email_changed(*queued.args()) == "sent"
    assert mail.outbox[-1].to == ["sri@example.org"]
    assert "new@example.org" in mail.outbox[-1].body


def test_a_proof_ends_with_time_password_and_another_address(
    signed_in, sri, monkeypatch, django_capture_on_commit_callbacks
):
    link = ask_for(signed_in, "new@example.org", django_capture_on_commit_callbacks)
    other = link[:-2] + ("a" if link[-2] != "a" else "b") + "/"
    assert Client().post(other).status_code == 400
    with monkeypatch.context() as later:
        later.setattr(email_proofs, "LIFETIME", -1)
        assert Client().get(link).status_code == 400
    assert Client().get(link).status_code == 200
    sri.set_password(NEW)
    sri.save()
    assert Client().get(link).status_code == 400


def test_no_address_needs_no_proof(signed_in, sri):
    signed_in.post(reverse("archive:email_change"), {"email": "", "password": PASSWORD})
    sri.refresh_from_db()
    assert sri.email == ""


def test_the_same_over_rest(signed_in, sri, django_capture_on_commit_callbacks):
    address = reverse("api:me-email")
    wanted = {"email": "new@example.org", "password": PASSWORD}
    with django_capture_on_commit_callbacks(execute=True):
        asked = signed_in.put(address, wanted, content_type="application/json")
    assert (asked.status_code, asked.json()["email"]) == (202, "sri@example.org")
    proof = link_in_the_mail().rstrip("/").rpartition("/")[2]
    confirm = reverse("api:me-email-confirmation")
    done = signed_in.post(confirm, {"proof": proof}, content_type="application/json")
    assert (done.status_code, done.json()["email"]) == (200, "new@example.org")
    again = signed_in.post(confirm, {"proof": proof}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (400, "archive:account:email-proof")


def test_another_password_signs_out_elsewhere_and_not_here(signed_in, sri):
    other = Client()
    other.force_login(sri)
    address = reverse("archive:password_change")
    weak = {"old_password": PASSWORD, "new_password1": "short", "new_password2": "short"}
    assert page_of(signed_in.post(address, weak)).all("ul", class_="errorlist")
    signed_in.post(address, weak | {"new_password1": NEW, "new_password2": NEW})
    sri.refresh_from_db()
    assert sri.check_password(NEW)
    assert signed_in.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302


def test_signing_out_everywhere(signed_in, sri):
    other = Client()
    other.force_login(sri)
    assert signed_in.post(reverse("archive:sessions_end"))["Location"] == reverse("sign_in")
    for browser in (signed_in, other):
        assert browser.get("/account/").status_code == 302
    other.force_login(type(sri).objects.get(pk=sri.pk))
    assert other.get("/account/").status_code == 200


def test_a_forgotten_password(client, sri, settings):
    change_profile(user=sri, language="id")
    asked = client.post(reverse("archive:password_reset"), {"email": "SRI@example.org"})
    assert asked["Location"] == reverse("archive:password_reset_sent")
    get_page(client, asked["Location"])
    (queued,) = OrmQ.objects.all()
    assert queued.func() == "archive.queue.mail_tasks.mail_password_reset"
    assert mail_password_reset(*queued.args()) == "sent"
    (sent,) = mail.outbox
    assert sent.subject == "Kata sandi baru untuk Pulih"
    address = re.search(r"http://testserver(/\S+)", sent.body).group(1)
    form = client.get(address, follow=True)
    page_of(form)
    set_at = form.redirect_chain[-1][0]
    assert "set-password" in set_at  # the key has left the address
    done = client.post(set_at, {"new_password1": NEW, "new_password2": NEW})
    assert done["Location"] == reverse("sign_in")
    sri.refresh_from_db()
    assert sri.check_password(NEW)
    assert "tidak berlaku" in client.get(address, headers={"Accept-Language": "id"}).content.decode()


def test_nobody_learns_which_addresses_have_accounts_nor_fills_a_mailbox(client, sri):
    known = client.post(reverse("archive:password_reset"), {"email": "sri@example.org"})
    unknown = client.post(reverse("archive:password_reset"), {"email": "nobody@example.org"})
    assert known["Location"] == unknown["Location"]
    client.post(reverse("archive:password_reset"), {"email": "sri@example.org"})
    told = [mail_password_reset(*queued.args()) for queued in OrmQ.objects.order_by("pk")]
    assert told == ["sent", "nobody to write to"]


def test_over_rest(signed_in, sri):
    me = reverse("api:me")
    assert signed_in.get(me).json() == {
        "username": "sri",
        "email": "sri@example.org",
        "first_name": "",
        "last_name": "",
        "language": "",
        "theme": "",
        "mail_when_finished": True,
    }
    changed = signed_in.patch(me, {"theme": "dark", "first_name": "Sri"}, content_type="application/json")
    assert (changed.json()["theme"], changed.json()["first_name"]) == ("dark", "Sri")
    refused = signed_in.patch(me, {"theme": "purple"}, content_type="application/json")
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["theme"])
    email = {"email": "new@example.org", "password": "wrong"}
    wrong = signed_in.put(reverse("api:me-email"), email, content_type="application/json")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "archive:account:wrong-password")
    password = {"old_password": PASSWORD, "new_password": "12345"}
    weak = signed_in.put(reverse("api:me-password"), password, content_type="application/json")
    assert list(weak.json()["fields"]) == ["new_password"]
    password["new_password"] = NEW
    assert (
        signed_in.put(reverse("api:me-password"), password, content_type="application/json").status_code
        == 204
    )
    assert signed_in.get(me).status_code == 200
    assert signed_in.delete(reverse("api:me-sessions")).status_code == 204
    assert signed_in.get(me).status_code == 401
