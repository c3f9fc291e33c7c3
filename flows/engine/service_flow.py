"""The register of public services: what `@service_flow` puts a procedure into.

Loads without Prefect; `deployments.py` builds the Prefect flow of the same name.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import cases.journal
import tasks
from cases.journal import CaseFile

Procedure = Callable[[CaseFile], str]


@dataclass(frozen=True)
class ServiceFlow:
    """A public service as it is run.

    key: as in `config/services/`, e.g. "birth-registration".
    version: raised by the author when the procedure changes what it does.
    code: digest of all source that decides how a case replays: the procedure's module with its criteria and
        parts, the step kinds, the journal.
    """

    key: str
    version: int
    procedure: Procedure
    code: str


_registered: dict[str, ServiceFlow] = {}


def service_flow(key: str, *, version: int) -> Callable[[Procedure], Procedure]:
    """Register the decorated procedure as the public service `key`.

    Returns the function unchanged. Raises ValueError when another procedure has the key.
    """

    def register(procedure: Procedure) -> Procedure:
        known = _registered.get(key)
        if known and known.procedure.__module__ != procedure.__module__:
            raise ValueError(f"two procedures for service {key!r}")
        _registered[key] = ServiceFlow(key, version, procedure, _code_digest(procedure, version))
        return procedure

    return register


def load_services() -> dict[str, ServiceFlow]:
    """Import every module of `flows/` and return the registered services by key."""
    import flows

    for module in pkgutil.iter_modules(flows.__path__):
        if not module.ispkg:
            importlib.import_module(f"flows.{module.name}")
    return dict(_registered)


def _code_digest(procedure: Procedure, version: int) -> str:
    sources = [*own_sources(procedure.__module__).values(), _source(cases.journal)]
    sources += [path.read_bytes() for path in sorted(Path(tasks.__path__[0]).glob("*.py"))]
    whole = hashlib.sha256(str(version).encode())
    for source in sources:
        whole.update(hashlib.sha256(source).digest())
    return whole.hexdigest()[:16]


def own_sources(name: str) -> dict[str, bytes]:
    """Return the source of a procedure's module and of what it imports of `flows`: its criteria and parts."""
    found: dict[str, bytes] = {}
    todo = [name]
    while todo:
        name = todo.pop()
        found[name] = _source(importlib.import_module(name))
        imports = (node for node in ast.walk(ast.parse(found[name])) if isinstance(node, ast.ImportFrom))
        todo += [
            node.module
            for node in imports
            if node.module and _is_of_a_service(node.module) and node.module not in found
        ]
    return {name: found[name] for name in sorted(found)}


def _is_of_a_service(module: str) -> bool:
    return module.startswith("flows.") and not module.startswith(("flows.engine", "flows.platform"))


def _source(module: ModuleType) -> bytes:
    return Path(module.__file__).read_bytes() if module.__file__ else b""
