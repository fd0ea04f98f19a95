"""What browsers fetch of our static files: few sheets, modules that may be kept, compressed pages."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.test import Client
from django.urls import reverse

from config.module_files import ModuleFilesStorage

SHEETS = {
    "css/tokens.css": ":root { --ink: black; }",
    "css/base.css": "body { color: var(--ink); }",
    "css/site.css": '/* Both. */\n\n@import "tokens.css";\n@import "base.css";\n',
    "css/pages/photo.css": '@import "../site.css";\n',
}
MODULES = {
    "js/one.js": 'import "./two.js";\nimport { three } from "./three.js";\nawait import("./two.js");\n',
    "js/two.js": 'export { three } from "./three.js";\n',
    "js/three.js": "export const three = 3; // from three.js\n",
    "vendor/other.js": 'import x from "./nowhere.js";\n',
}


@pytest.fixture
def collected(tmp_path: Path) -> tuple[Path, ModuleFilesStorage]:
    """SHEETS and MODULES as collectstatic leaves them."""
    source, target = tmp_path / "source", tmp_path / "target"
    for folder in (source, target):
        for name, text in (SHEETS | MODULES).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
    storage = ModuleFilesStorage(location=str(target), base_url="/static/")
    paths = {name: (FileSystemStorage(location=str(source)), name) for name in SHEETS | MODULES}
    assert [error for _name, _new, error in storage.post_process(paths) if isinstance(error, Exception)] == []
    return target, storage


def test_a_sheet_takes_in_what_it_imports(collected: tuple[Path, ModuleFilesStorage]) -> None:
    target, storage = collected
    for name in ("css/site.css", "css/pages/photo.css"):
        text = (target / storage.stored_name(name)).read_text()
        assert "@import" not in text
        assert text.index("--ink: black") < text.index("body {"), "in their order"


def test_modules_lead_to_names_that_never_change_content(collected: tuple[Path, ModuleFilesStorage]) -> None:
    target, storage = collected
    text = (target / storage.stored_name("js/one.js")).read_text()
    named = re.findall(r'"\./([^"]+)"', text)
    assert [f"js/{name}" for name in named] == [
        storage.stored_name(f"js/{name}.js") for name in ("two", "three", "two")
    ]
    # Libraries of others are left as they are, and nothing that happens to be installed makes it slow.
    assert '"./nowhere.js"' in (target / storage.stored_name("vendor/other.js")).read_text()
    assert list(target.rglob("*.br")) == []


def test_pages_travel_compressed_and_files_as_they_are(client: Client, db: None) -> None:
    page = client.get(reverse("sign_in"), headers={"Accept-Encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
    assert b"<!doctype html>" in gzip.decompress(page.content)
    schema = client.get(reverse("api:schema"), headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in schema
