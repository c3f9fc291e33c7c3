"""What everybody may know of a demonstration: who is in it, and how to sign in.

Demonstration accounts exist only in an installation whose mode is demo; a live one refuses to start with any.
"""

from config.roles import DemoAccount, load_roles


def accounts() -> list[DemoAccount]:
    """The accounts of a demonstration, as the files of the roles name them."""
    return [account for role in load_roles().values() for account in role.demo]


def demo_password(username: str) -> str:
    """The password of a demonstration account, made from its username so that it can be told in one line."""
    return f"demo-only-{username}"
