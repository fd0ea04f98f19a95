"""What deploy/ gives to operators, as far as it can be tried without systemd and without containers."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands
from django.test import Client
from pytest_django import Settings

from tests.processes import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
COMPOSE = yaml.safe_load((DEPLOY / "container" / "compose.yaml").read_text())
CONTAINERFILE = DEPLOY / "container" / "Containerfile"
GUIDE = ROOT / "docs" / "operation.md"

_READ_HERE = re.compile(r"""(?:env\.\w+|environ\.get|getenv)\(\s*["'](\w+)["']""")
# The worst that systemd's own audit may say of a unit: 10 is no protection at all.
MOST_EXPOSED = 2.0


def known_variables() -> set[str]:
    """The names of environment variables that Pulih reads."""
    sources = "".join(path.read_text() for path in (ROOT / "config").rglob("*.py"))
    return set(_READ_HERE.findall(sources)) | {"DJANGO_SETTINGS_MODULE"}


def variables_in(text: str) -> set[str]:
    return set(re.findall(r"\b(?:PULIH_[A-Z_]*[A-Z]|DATABASE_URL|DJANGO_SETTINGS_MODULE)\b", text))


def directives(unit: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def installed(folder: Path) -> list[str]:
    """The units as they would lie on a machine where Pulih lies here."""
    for unit in UNITS:
        (folder / unit.name).write_text(
            unit.read_text()
            .replace("/opt/pulih/.venv/bin/python", "/bin/true")
            .replace("/opt/pulih", str(ROOT))
        )
    return [str(folder / unit.name) for unit in UNITS]


def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *installed(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "pulih" in line]
    assert (done.returncode, ours) == (0, [])


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_systemd_finds_a_service_well_locked_in(unit: Path, tmp_path: Path) -> None:
    installed(tmp_path)
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(tmp_path / unit.name)],
        capture_output=True,
        text=True,
        check=False,
    )
    level = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert level is not None, done.stdout + done.stderr
    assert float(level[1]) <= MOST_EXPOSED
    given = directives(unit)
    assert given["NoNewPrivileges"] == ["yes"]
    assert given["ProtectSystem"] == ["strict"]
    assert given["User"] == ["pulih"]


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_a_service_starts_what_there_is(unit: Path) -> None:
    (start,) = directives(unit)["ExecStart"]
    refuse_unknown(re.sub(r"/opt/pulih/\.venv/bin/python", "python", start))


@pytest.mark.parametrize("service", ["migrate", "web", "worker"])
def test_a_container_starts_what_there_is(service: str) -> None:
    entry = COMPOSE["services"][service]
    image = re.search(r"^CMD (\[.*\])$", CONTAINERFILE.read_text(), re.M)
    assert image is not None
    refuse_unknown(shlex.join(entry.get("command") or yaml.safe_load(image[1])))
    if "healthcheck" in entry:
        assert entry["healthcheck"]["test"][:4] == ["CMD", "python", "-m", "config.probe"]
        assert (ROOT / "config" / "probe.py").is_file()


def refuse_unknown(command: str) -> None:
    """Fail for a command of ours or a file that is not there."""
    for name in re.findall(r"manage\.py (\w+)", command):
        assert name in get_commands(), command
    if "gunicorn" in command:
        assert (ROOT / re.findall(r"--config (\S+)", command)[0]).is_file()
        assert "config.wsgi:application" in command
    else:
        assert "manage.py " in command, command


def test_compose_is_of_one_piece() -> None:
    services, volumes = COMPOSE["services"], set(COMPOSE["volumes"])
    assert set(services) == {"database", "migrate", "web", "worker"}
    for name, entry in services.items():
        for volume in entry["volumes"]:
            assert volume.split(":")[0] in volumes, name
        for other, how in entry.get("depends_on", {}).items():
            condition = how["condition"]
            assert other in services
            assert condition != "service_healthy" or "healthcheck" in services[other]
    folder = (DEPLOY / "container" / services["migrate"]["build"]["context"]).resolve()
    assert folder == ROOT
    assert folder / services["migrate"]["build"]["dockerfile"] == CONTAINERFILE
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"], "only the server in front may reach it"
    assert (DEPLOY / "container" / "Containerfile.dockerignore").is_file()


def test_the_image_is_made_of_what_there_is() -> None:
    lines = CONTAINERFILE.read_text().replace("\\\n", " ").splitlines()
    instructions = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    known = {"ARG", "CMD", "COPY", "ENV", "EXPOSE", "FROM", "RUN", "USER", "VOLUME", "WORKDIR"}
    assert {name for name, _rest in instructions} <= known
    assert instructions[-1][0] == "CMD"
    users = [rest for name, rest in instructions if name == "USER"]
    assert users, "nothing in it runs as root"
    ignored = CONTAINERFILE.with_name("Containerfile.dockerignore").read_text().split("\n")
    for name, rest in instructions:
        if name == "COPY" and not rest.startswith("--from"):
            *sources, _target = rest.split()
            for source in sources:
                assert (ROOT / source).exists(), source
                assert source not in ignored, source
    # Everything that a process imports or reads is in it.
    copied = " ".join(rest for name, rest in instructions if name == "COPY")
    for needed in (
        "archive",
        "config",
        "mlcore",
        "restoration",
        "templates",
        "locale",
        "static",
        "manage.py",
    ):
        assert f" {needed}" in f" {copied}", needed


@pytest.mark.parametrize(
    "path",
    [DEPLOY / "pulih.env.example", CONTAINERFILE, DEPLOY / "container" / "compose.yaml", GUIDE],
    ids=lambda path: path.name,
)
def test_only_settings_that_exist_are_named(path: Path) -> None:
    named = variables_in(path.read_text())
    assert len(named) >= 2
    assert named - known_variables() == set()


def test_the_example_of_settings_can_be_used_as_it_is(tmp_path: Path) -> None:
    lines = (DEPLOY / "pulih.env.example").read_text().splitlines()
    given = [line for line in lines if line and not line.startswith("#")]
    for line in given:
        assert re.fullmatch(r"[A-Z_]+=[^\s\"'#]*", line), line
    must = {line.split("=")[0]: line.split("=")[1] for line in given}
    assert must["DJANGO_SETTINGS_MODULE"] == "config.settings.production"
    assert must["PULIH_SECRET_KEY"] == "", "everybody makes one of his own"
    # What is commented out is in form, too.
    for line in lines:
        if line.startswith("#") and "=" in line and not line.startswith("# "):
            assert re.fullmatch(r"#[A-Z_]+=.*", line), line


def test_alerts_speak_of_figures_that_there_are(client: Client, settings: Settings, db: None) -> None:
    rules = yaml.safe_load((DEPLOY / "prometheus" / "pulih-rules.yaml").read_text())
    expressions = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    named = {name for each in expressions for name in re.findall(r"pulih_\w+", each)}
    settings.PULIH_MONITORING_TOKEN = "meter"
    text = client.get("/metrics", headers={"Authorization": "Bearer meter"}).text
    exposed = set(re.findall(r"^# TYPE (\w+) ", text, re.M))
    # It comes with the first check of all files.
    exposed.add("pulih_fixity_last_run_timestamp_seconds")
    exposed.add("pulih_http_requests_total")
    assert len(named) >= 8
    assert named - exposed == set()


def test_the_guide_names_commands_and_files_that_exist() -> None:
    text = GUIDE.read_text()
    for name in re.findall(r"manage\.py (\w+)", text):
        assert name in get_commands(), name
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (GUIDE.parent / link).exists(), link
    for name in re.findall(r"deploy/[\w./*-]*[\w*]", text):
        assert list(ROOT.glob(name)), name
