"""The local mailbox: what was "sent" while no gateway is set up."""

from __future__ import annotations

from flask import Blueprint, render_template
from sqlalchemy import select

from cases.audit import log_read
from cases.models import MailboxItem
from cases.permissions import Action, require
from web.access import permit
from web.platform import now, platform
from web.staff.sign_in import actor

blueprint = Blueprint("mailbox", __name__, url_prefix="/staff")
SHOWN = 50


@blueprint.get("/mailbox")
@permit(Action.READ_MAILBOX)
def mailbox() -> str:
    """Show the newest messages of the local mailbox."""
    officer = actor()
    require(officer, Action.READ_MAILBOX)
    with platform().database.write() as connection:
        log_read(connection, actor=officer.name, action="read-mailbox", now=now())
        items = connection.execute(
            select(MailboxItem.__table__).order_by(MailboxItem.id.desc()).limit(SHOWN)
        ).all()
    return render_template(
        "staff/mailbox.html", items=items, gateway=platform().settings.messages_url is not None
    )
