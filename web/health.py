"""Whether this web process can serve: asked by a supervisor or a load balancer."""

from __future__ import annotations

from flask import Blueprint
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from web.access import public
from web.platform import platform

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@public
def health() -> tuple[dict[str, str], int]:
    """Answer 200 if the database answers, else 503."""
    try:
        with platform().database.read() as connection:
            connection.execute(text("SELECT 1"))
    except DBAPIError:
        return {"database": "away"}, 503
    return {"database": "ok"}, 200
