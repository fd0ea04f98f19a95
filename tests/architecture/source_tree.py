"""Reads the project's own source: which modules there are, and which module imports which."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("archive", "config", "mlcore", "restoration")


@dataclass(frozen=True)
class Module:
    """One source file. `imports` names every module that it imports when it runs, at its top or later."""

    name: str
    path: Path
    tree: ast.Module
    imports: frozenset[str]


@cache
def modules() -> dict[str, Module]:
    """Return the modules of the project's packages by dotted name."""
    paths = {_dotted(path): path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))}
    return {name: _read(name, path, frozenset(paths)) for name, path in paths.items()}


def package_of(name: str) -> str:
    return name.partition(".")[0]


def circle(graph: dict[str, set[str]]) -> list[str] | None:
    """Return one circle of `graph` as a list of names that begins and ends alike, or None."""
    done: set[str] = set()

    def search(name: str, trail: list[str]) -> list[str] | None:
        if name in trail:
            return [*trail[trail.index(name) :], name]
        if name in done:
            return None
        for following in sorted(graph.get(name, ())):
            if found := search(following, [*trail, name]):
                return found
        done.add(name)
        return None

    return next((found for name in sorted(graph) if (found := search(name, []))), None)


def imported_names(source: str, *, module: str, is_package: bool, known: frozenset[str]) -> frozenset[str]:
    """Return the dotted names that `source` imports, leaving out what only type checkers read.

    `from package import name` means the module `package.name` where that is `known`, otherwise `package`.
    """
    return frozenset(_imports(ast.parse(source), module, is_package, known))


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _read(name: str, path: Path, known: frozenset[str]) -> Module:
    source = path.read_text()
    imports = imported_names(source, module=name, is_package=path.name == "__init__.py", known=known)
    return Module(name, path, ast.parse(source), imports)


def _imports(node: ast.AST, module: str, is_package: bool, known: frozenset[str]) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and _is_type_checking(child.test):
            yield from _imports(ast.Module(child.orelse, []), module, is_package, known)
        elif isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            base = _base(child, module, is_package)
            for alias in child.names:
                inner = f"{base}.{alias.name}"
                yield inner if inner in known else base
        else:
            yield from _imports(child, module, is_package, known)


def _base(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    """Return what stands between `from` and `import` as an absolute name."""
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    parts = parts[: len(parts) - node.level + is_package]
    return ".".join([*parts, node.module] if node.module else parts)


def _is_type_checking(test: ast.expr) -> bool:
    return ast.unparse(test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
