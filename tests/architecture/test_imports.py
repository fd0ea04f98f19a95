"""Who may import whom: the rules that keep the rooms apart (see CONTRIBUTING.md)."""

import pytest

from tests.architecture.source_tree import circle, imported_names, modules, package_of

FORBIDDEN = {
    "archive": {"config", "restoration", "mlcore"},
    "restoration": {"config"},
    "mlcore": {"config", "archive", "restoration", "django", "rest_framework", "django_q", "environ"},
}


@pytest.mark.parametrize("package", FORBIDDEN)
def test_package_imports_only_what_lies_below_it(package: str) -> None:
    wrong = [
        f"{module.name} imports {imported}"
        for module in modules().values()
        if package_of(module.name) == package
        for imported in sorted(module.imports)
        if package_of(imported) in FORBIDDEN[package]
    ]
    assert wrong == []


def test_nothing_imports_in_a_circle() -> None:
    known = modules()
    graph = {
        name: {imported for imported in module.imports if imported in known} for name, module in known.items()
    }
    assert circle(graph) is None


def test_reading_finds_every_way_to_import() -> None:
    source = (
        "import a.b\n"
        "from a import c, unknown\n"
        "from . import beside\n"
        "from .deeper import thing\n"
        "from .. import above\n"
        "if TYPE_CHECKING:\n    import only_for_types\nelse:\n    import otherwise\n"
        "def later():\n    import lazily\n"
    )
    known = frozenset({"a.b", "a.c", "p.q.beside", "p.q.deeper", "p.above"})
    found = imported_names(source, module="p.q.r", is_package=False, known=known)
    assert found == {"a.b", "a.c", "a", "p.q.beside", "p.q.deeper", "p.above", "otherwise", "lazily"}
    assert "p.q.beside" in imported_names("from . import beside", module="p.q", is_package=True, known=known)


def test_circle_is_found_and_named() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) is None
