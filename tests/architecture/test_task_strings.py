"""Tasks are queued by dotted string, which nothing would check before a worker tries it; so they are checked
here."""

import ast
from collections.abc import Iterator

from django.utils.module_loading import import_string

from tests.architecture.source_tree import Module, modules

QUEUEING = {"async_task", "schedule"}


def queued_functions(module: Module) -> Iterator[str]:
    """Yield what `module` hands to the queue: each as a dotted string, or as source text where it is none."""
    constants = {
        target.id: node.value.value
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in (node for node in ast.walk(module.tree) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        given = [call.args[0]] if name in QUEUEING and call.args else []
        # Schedule.objects.update_or_create(defaults={"func": ...}) and Schedule(func=...)
        if "Schedule" in ast.unparse(call.func):
            given += [keyword.value for keyword in call.keywords if keyword.arg == "func"]
            given += [
                value
                for keyword in call.keywords
                if isinstance(keyword.value, ast.Dict)
                for key, value in zip(keyword.value.keys, keyword.value.values, strict=True)
                if isinstance(key, ast.Constant) and key.value == "func"
            ]
        for argument in given:
            if isinstance(argument, ast.Constant):
                yield str(argument.value)
            else:
                yield str(constants.get(ast.unparse(argument), ast.unparse(argument)))


def test_every_queued_string_leads_to_a_function() -> None:
    queued = {name for module in modules().values() for name in queued_functions(module)}
    assert any(name.startswith("restoration.tasks.") for name in queued)
    for name in sorted(queued):
        assert callable(import_string(name)), name
