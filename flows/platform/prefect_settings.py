"""The environment that Prefect's server and our workers run with. Loads without Prefect.

Nothing phones home: analytics and notices are off. Our own settings come first, but whoever sets one of
these variables for themselves keeps it, except for that.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

from config.settings import Settings

KEPT_DAYS = 14
PRIVATE = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
NOISY = (  # would fill the log with traces while the server is away; the relay says it in one line
    "prefect.FlowRunSuspendingObserver",
    "prefect.events.clients",
    "prefect._internal.concurrency",
    "asyncio",
)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def api_url(settings: Settings) -> str:
    """Return the address of the Prefect server: an existing one, or the embedded one."""
    return settings.prefect_api_url or f"http://127.0.0.1:{settings.prefect_port}/api"


def server_command(settings: Settings) -> list[str]:
    """Return the command that starts the embedded server; run it with `server_environment`."""
    where = ["--host", "127.0.0.1", "--port", str(settings.prefect_port)]
    return [sys.executable, "-m", "flows.platform.prefect_server", *where]


def server_environment(settings: Settings, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the whole environment of the embedded server, which forgets runs and events after 14 days."""
    ours = {
        "PREFECT_HOME": str(settings.home / "prefect"),
        "PREFECT_LOGGING_SERVER_LEVEL": "WARNING",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(KEPT_DAYS * 24 * 3600),
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": f"P{KEPT_DAYS}D",
        # Few runs ahead of their time, so that few are late when the machine was off.
        "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME": "PT2M",
    }
    return {**ours, **environ, **PRIVATE}


def worker_environment(settings: Settings, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the whole environment of a worker. Prefect reads it when it is imported, and never again."""
    address = urlsplit(api_url(settings))
    ours = {
        "PREFECT_HOME": str(settings.home / "prefect"),
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",  # a log line could hold personal data
        "PREFECT_API_REQUEST_TIMEOUT": "10",
        "PREFECT_CLIENT_MAX_RETRIES": "2",
        "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",  # a worker starts while the server is away
    }
    if address.scheme == "http" and address.hostname in LOOPBACK:
        ours["PREFECT_API_TLS_INSECURE_SKIP_VERIFY"] = "true"  # there is no TLS; spares reading CA files
    return {**ours, **environ, **PRIVATE, "PREFECT_API_URL": api_url(settings)}


def quieten() -> None:
    """Keep Prefect's own words about a server that is away out of a worker's log."""
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL)
