"""The register of public services: what `@service_flow` puts a procedure into.

Loads without Prefect; `deployments.py` builds the Prefect flow of the same name.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
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
    code: digest of all source that decides how a case replays: the procedure's module and its criteria,
        the step kinds, the journal.
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
    own = importlib.import_module(procedure.__module__)
    sources = [_source(own), _source(cases.journal)]
    if importlib.util.find_spec(f"{procedure.__module__}_criteria"):
        sources.append(_source(importlib.import_module(f"{procedure.__module__}_criteria")))
    sources += [path.read_bytes() for path in sorted(Path(tasks.__path__[0]).glob("*.py"))]
    whole = hashlib.sha256(str(version).encode())
    for source in sources:
        whole.update(hashlib.sha256(source).digest())
    return whole.hexdigest()[:16]


def _source(module: ModuleType) -> bytes:
    return Path(module.__file__).read_bytes() if module.__file__ else b""
