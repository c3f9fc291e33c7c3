"""The rules of replay, as far as they can be read off a procedure's source.

A procedure is run again from the top whenever something happens to its case, so it must come to the same
steps each time. What would make it do otherwise is refused here: the outside world, clocks and chance, a
step key with two call sites, a loop that counts, an ending that isn't returned.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections import Counter
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

from tests.conventions.sources import ROOT, tree

FLOWS = ROOT / "flows"
ALLOWED_IMPORTS = (
    "__future__",
    "typing",
    "collections.abc",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "cases.journal",
    "cases.vocabulary",
    "config.budget",
    "config.rates",
    "config.words",
    "flows.engine.service_flow",
    "tasks",
)
OUTSIDE = ("open", "print", "input", "eval", "exec", "compile", "globals", "setattr", "delattr")
CLOCKS_AND_CHANCE = ("now", "utcnow", "today", "time", "urandom", "random")
FORBIDDEN_CALLS = frozenset({*OUTSIDE, *CLOCKS_AND_CHANCE})


def broken_rules(tree: ast.Module, own: str = "", flows: Path = FLOWS) -> list[str]:
    """Return a sentence, with its line, for each rule that a procedure's module breaks.

    own: the module's name; it may keep its criteria in a module of their own, flows/<own>_criteria.py, and
    use parts. Keys and endings are those of the module and its parts together.
    """
    checks = (partial(_imports, own=own, flows=flows), _calls, _loops, _statements)
    broken = [(node, words) for check in checks for node, words in check(tree)]
    together = _with_parts(tree, flows)
    broken += [(node, words) for check in (_keys, _endings) for node, words in check(together)]
    return [f"line {node.lineno}: {words}" for node, words in broken]  # type: ignore[attr-defined]


@cache
def procedure(stem: str, flows: Path = FLOWS) -> ast.Module:
    """Return the tree of flows/<stem>.py with all that its parts add to it."""
    return _with_parts(tree(flows / f"{stem}.py"), flows)


@cache
def is_part(stem: str, flows: Path = FLOWS) -> bool:
    """Whether flows/<stem>.py is a part: it registers no service, so that several may take steps from it."""
    path = flows / f"{stem}.py"
    if stem.endswith("_criteria") or not path.exists():
        return False
    return not first_words(tree(path), "service_flow")


def _with_parts(own: ast.Module, flows: Path) -> ast.Module:
    """Return a module's tree with the trees of its parts, and of theirs, behind it."""
    bodies, seen, todo = [own.body], set(), [own]
    while todo:
        for stem in _parts_of(todo.pop(), flows) - seen:
            seen.add(stem)
            todo.append(tree(flows / f"{stem}.py"))
            bodies.append(todo[-1].body)
    return ast.Module(body=[node for body in bodies for node in body], type_ignores=[])


def _parts_of(tree: ast.Module, flows: Path) -> set[str]:
    modules = {node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)}
    stems = {module.removeprefix("flows.") for module in modules if module.startswith("flows.")}
    return {stem for stem in stems if is_part(stem, flows)}


def step_calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str, ast.expr]]:
    """Yield (call, name of the step function, its key argument) for each call of a step of `tasks/`."""
    functions = _step_functions(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
            position = functions[node.func.id]
            named = [keyword.value for keyword in node.keywords if keyword.arg == "key"]
            yield node, node.func.id, named[0] if named else node.args[position]


def choices(tree: ast.Module) -> set[str]:
    """Return the keys of the outcomes that the module offers: `Choice("register")`."""
    return first_words(tree, "Choice")


def forms_of_choices(tree: ast.Module) -> set[tuple[str, str | None]]:
    """Return what officers fill in with an outcome: each form's name, and its field that names a case."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Choice":
            named = {word.arg: ast.literal_eval(word.value) for word in node.keywords}
            if "form" in named:
                found.add((named["form"], named.get("refers_to")))
    return found


def needs_of_choices(tree: ast.Module) -> set[tuple[str, str]]:
    """Return what must come with each outcome, by its key: `Choice("refuse", needs="reasons")`."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Choice":
            named = {word.arg: ast.literal_eval(word.value) for word in node.keywords}
            found.add((ast.literal_eval(node.args[0]), named.get("needs", "nothing")))
    return found


def rates_named(tree: ast.Module) -> set[str]:
    """Return the rates that a module names as plain texts: `rate_in_force(case, "late-fee", day)`."""
    return {
        node.args[1].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "rate_in_force"
        and isinstance(node.args[1], ast.Constant)
        and isinstance(node.args[1].value, str)
    }


def first_words(tree: ast.Module, *calls: str) -> set[str]:
    """Return the first arguments, plain texts, of all calls of these names: `Criterion("vkb", ...)`."""
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in calls
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def endings(tree: ast.Module) -> set[str]:
    """Return the outcomes that public functions return as plain text: `return "registered"`."""
    return {
        node.value.value
        for function in _public_functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Return)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def _step_functions(tree: ast.Module) -> dict[str, int]:
    """Return the functions imported from `tasks` that take a key, and the position of it."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tasks"):
            for alias in node.names:
                thing: Any = getattr(importlib.import_module(node.module or ""), alias.name)
                if inspect.isfunction(thing) and "key" in (
                    names := list(inspect.signature(thing).parameters)
                ):
                    found[alias.asname or alias.name] = names.index("key")
    return found


def _imports(tree: ast.Module, own: str, flows: Path) -> Iterator[tuple[ast.stmt, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield node, "import names from a module: `from ... import ...`"
        elif isinstance(node, ast.ImportFrom) and not _is_allowed(node.module or "", own, flows):
            yield node, f"a procedure may not use {node.module}"


def _is_allowed(module: str, own: str, flows: Path) -> bool:
    if module.startswith("flows.") and is_part(module.removeprefix("flows."), flows):
        return True
    return module == f"flows.{own}_criteria" or any(
        module == allowed or module.startswith(f"{allowed}.") for allowed in ALLOWED_IMPORTS
    )


def _calls(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            if name in FORBIDDEN_CALLS:
                yield node, f"a procedure may not call {name}(): it would find something else next time"


def _keys(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    sites: Counter[str] = Counter()
    for call, function, key in step_calls(tree):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            yield call, f"the key of {function}() must be a plain text"
            continue
        sites[key.value] += 1
        if sites[key.value] == 2:
            yield call, f"the step {key.value!r} has two call sites; use `while True`, or another key"


def _loops(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    calls = {id(call) for call, _, _ in step_calls(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.While) and not (
            isinstance(node.test, ast.Constant) and node.test.value is True
        ):
            yield node, "loop with `while True` and leave with `break`"
        counting = (ast.For, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
        if isinstance(node, counting) and any(id(child) in calls for child in ast.walk(node)):
            yield node, "no steps in a loop that counts; use `while True`, or `together`"


def _endings(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    names = {function.name for function in _public_functions(tree)}
    returned = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Return)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in names
            and id(node) not in returned
        ):
            yield node, f"{node.func.id}() ends the case: `return {node.func.id}(...)`"


def _public_functions(tree: ast.Module) -> list[ast.FunctionDef]:
    """Return the public functions that end a case: they return its outcome, a text."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [node for node in functions if not node.name.startswith("_") and _returns_text(node)]


def _returns_text(function: ast.FunctionDef) -> bool:
    told = function.returns
    return told is None or (isinstance(told, ast.Name) and told.id == "str")


def _statements(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    refused = (ast.Global, ast.Nonlocal, ast.Try, ast.With, ast.AsyncFunctionDef, ast.Await, ast.Yield)
    for node in ast.walk(tree):
        if isinstance(node, refused):
            yield node, f"no {type(node).__name__.lower()} in a procedure"
