"""A webhook leads nowhere but to the public internet, whatever its address says or its name means."""

import socket
from ipaddress import ip_address

import pytest

from archive.errors import InputError
from archive.webhooks.addresses import is_outside, resolved, target_of
from archive.webhooks.sending import post

OUTSIDE = ["93.184.215.14", "1.1.1.1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::101:101"]
INSIDE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",  # metadata of a cloud
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",  # and of another
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.1.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::7f00:1",  # the old way to write an IPv4 address in one of IPv6
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # a tunnel (Teredo)
    "2001:db8::1",
    "2002:7f00:1::1",  # another (6to4)
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", OUTSIDE)
def test_machines_of_the_public_internet_are_outside(address: str) -> None:
    assert is_outside(ip_address(address))


@pytest.mark.parametrize("address", INSIDE)
def test_whatever_else_there_is_lies_inside(address: str) -> None:
    assert not is_outside(ip_address(address))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.org/", "https"),
        ("ftp://example.org/", "url"),
        ("file:///etc/passwd", "url"),
        ("example.org", "url"),
        ("", "url"),
        ("https://", "url"),
        ("https://user:key@example.org/", "url"),
        ("https://example.org/#there", "url"),
        ("https://example.org/\r\nX-Header: 1", "url"),
        ("https://example.org/ a", "url"),
        (f"https://example.org/{'a' * 2000}", "url"),
        ("https://example.org:99999/", "url"),
        ("https://example.org:25/", "port"),
        ("https://example.org:80/", "port"),
        ("https://127.0.0.1/", "inside"),
        ("https://169.254.169.254/latest/meta-data/", "inside"),
        ("https://[::1]/", "inside"),
        ("https://[::ffff:10.0.0.1]/", "inside"),
    ],
)
def test_addresses_that_are_refused_at_once(url: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        target_of(url)
    assert refused.value.code == f"archive:webhook:{code}"


def test_an_address_taken_apart() -> None:
    target = target_of("https://Arsip.Example.ORG/kabar/é?a=1&b=ü")
    assert (target.scheme, target.host, target.port) == ("https", "arsip.example.org", 443)
    assert target.path == "/kabar/%C3%A9?a=1&b=%C3%BC"
    assert target_of("https://münchen.example:8443").host == "xn--mnchen-3ya.example"
    assert target_of("https://example.org").path == "/"


def test_what_the_operator_trusts_may_lie_inside(settings) -> None:
    settings.PULIH_WEBHOOK_HOSTS = ["Reader.example.org", "127.0.0.1:8080", "[::1]:8080"]
    assert target_of("http://reader.example.org:81/").is_trusted
    assert target_of("http://127.0.0.1:8080/").is_trusted
    assert target_of("http://[::1]:8080/").is_trusted
    for other in ("http://127.0.0.1:8081/", "http://127.0.0.1/", "http://other.example.org/"):
        with pytest.raises(InputError):
            target_of(other)


@pytest.mark.parametrize(
    "answers",
    [["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["::ffff:192.168.0.1"], ["fe80::1%eth0"]],
)
def test_a_name_that_means_something_inside_is_not_followed(monkeypatch, answers: list[str]) -> None:
    mean(monkeypatch, answers)
    with pytest.raises(InputError) as refused:
        resolved(target_of("https://rebind.example.org/"), seconds=5)
    assert refused.value.code == "archive:webhook:inside"


def test_names_that_nobody_knows_and_ways_to_write_this_machine(monkeypatch) -> None:
    mean(monkeypatch, [])
    answer = post(url="https://nobody.example.org/", body="{}", headers={})
    assert answer.error_code == "archive:webhook:unknown-host"
    monkeypatch.undo()
    # The system's resolver takes these for 127.0.0.1, if it takes them for anything.
    for url in ("https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://localhost/"):
        answer = post(url=url, body="{}", headers={})
        assert answer.status is None, url
        assert answer.error_code.removeprefix("archive:webhook:") in {"inside", "url", "unknown-host"}, url


def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch) -> None:
    """The name means something else at every question (DNS rebinding); it is asked once."""
    asked = []

    def rebinding(host: str, port: int, **_: object) -> list:
        asked.append(host)
        return lines(["93.184.215.14"] if len(asked) == 1 else ["127.0.0.1"], port)

    connected = []

    def connect(address, timeout):
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket, "create_connection", connect)
    answer = post(url="https://rebind.example.org/", body="{}", headers={})
    assert answer.error_code == "archive:webhook:no-connection"
    assert asked == ["rebind.example.org"]
    assert connected == [("93.184.215.14", 443)]


def mean(monkeypatch, addresses: list[str]) -> None:
    """Every name means these addresses."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **_: lines(addresses, port))


def lines(addresses: list[str], port: int) -> list:
    """As getaddrinfo answers."""
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]
