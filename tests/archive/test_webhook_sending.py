"""One POST: what arrives, and how little the other side can do with whoever sends it."""

import socket
import time

import pytest

from archive.webhooks import sending
from archive.webhooks.sending import Answer, post
from tests.archive.certificates import certified
from tests.archive.hook_receiver import Receiver, wait_for


@pytest.fixture
def receiver(settings):
    with Receiver() as receiver:
        settings.PULIH_WEBHOOK_HOSTS = [receiver.host]
        yield receiver


def test_what_is_sent_arrives_as_it_was(receiver: Receiver) -> None:
    answer = post(url=receiver.url, body='{"type":"test"}', headers={"webhook-id": "msg_1"})
    assert answer == Answer(duration_ms=answer.duration_ms, status=200, beginning="thank you")
    assert answer.is_success
    (received,) = receiver.received
    assert (received.method, received.path, received.body) == ("POST", "/hook?to=us", '{"type":"test"}')
    assert received.headers["webhook-id"] == "msg_1"
    assert received.headers["content-type"] == "application/json"
    assert received.headers["host"] == receiver.host


@pytest.mark.parametrize("status", [204, 299])
def test_every_2xx_is_a_success(receiver: Receiver, status: int) -> None:
    receiver.status = status
    assert post(url=receiver.url, body="{}", headers={}).is_success


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 500])
def test_nothing_else_is_and_no_redirect_is_followed(receiver: Receiver, status: int) -> None:
    receiver.status, receiver.headers = status, {"Location": receiver.url}
    answer = post(url=receiver.url, body="{}", headers={})
    assert (answer.status, answer.is_success, answer.error_code) == (status, False, "")
    assert len(receiver.received) == 1


def test_no_proxy_of_the_environment_is_used(receiver: Receiver, monkeypatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert post(url=receiver.url, body="{}", headers={}).status == 200


def test_of_an_answer_only_the_beginning_is_read(receiver: Receiver) -> None:
    receiver.body = b"a\x00\xff" + b"b" * 5_000_000
    answer = post(url=receiver.url, body="{}", headers={})
    assert answer.beginning == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}" + "b" * 997
    receiver.headers = {"X-Long": "c" * 70_000}
    assert post(url=receiver.url, body="{}", headers={}).error_code == "archive:webhook:no-http"


def test_an_answer_that_drips_is_cut_off(receiver: Receiver, monkeypatch) -> None:
    monkeypatch.setattr(sending, "MOST_SECONDS", 0.5)
    receiver.drip = 0.1  # each byte comes long before a limit on reads would strike
    started = time.monotonic()
    answer = post(url=receiver.url, body="{}", headers={})
    assert answer.error_code == "archive:webhook:timeout"
    assert 0.4 < time.monotonic() - started < 2
    assert 400 < answer.duration_ms < 2000


def test_a_slow_resolver_is_left_behind(monkeypatch) -> None:
    monkeypatch.setattr(sending, "LOOK_UP_SECONDS", 0.1)
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: time.sleep(0.5) or [])
    started = time.monotonic()
    answer = post(url="https://slow.example.org/", body="{}", headers={})
    assert answer.error_code == "archive:webhook:unknown-host"
    assert time.monotonic() - started < 0.4


def test_nobody_there(receiver: Receiver) -> None:
    receiver.server.server_close()
    answer = post(url=receiver.url, body="{}", headers={})
    assert (answer.status, answer.error_code) == (None, "archive:webhook:no-connection")


def test_https_to_who_speaks_none(receiver: Receiver) -> None:
    url = receiver.url.replace("http:", "https:")
    assert post(url=url, body="{}", headers={}).error_code == "archive:webhook:no-tls"
    wait_for(lambda: receiver.received == [])


def test_https_goes_to_the_address_and_proves_the_name(settings, tmp_path, monkeypatch) -> None:
    context, certificate = certified(tmp_path, "reader.example.org")
    with Receiver(context=context) as receiver:
        settings.PULIH_WEBHOOK_HOSTS = ["reader.example.org", "other.example.org"]
        here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", receiver.port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: here)

        def sent(name: str) -> Answer:
            return post(url=f"https://{name}:{receiver.port}/", body="{}", headers={})

        # Nobody known has signed it.
        assert sent("reader.example.org").error_code == "archive:webhook:certificate"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert sent("reader.example.org").status == 200
        # It is another's.
        assert sent("other.example.org").error_code == "archive:webhook:certificate"
    (received,) = receiver.received
    assert received.headers["host"] == f"reader.example.org:{receiver.port}"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("120", 120), ("999999999999", 86400), ("soon", 0), ("-5", 0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0)],
)
def test_what_a_receiver_asks_us_to_wait(receiver: Receiver, said: str, seconds: int) -> None:
    receiver.status, receiver.headers = 429, {"Retry-After": said}
    assert post(url=receiver.url, body="{}", headers={}).wait_seconds == seconds
