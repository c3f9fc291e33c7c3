"""What everybody may know of a demonstration: how to sign in to it.

Demonstration accounts exist only in an installation whose mode is demo; a live one refuses to start with any.
"""


def demo_password(username: str) -> str:
    """The password of a demonstration account, made from its username so that it can be told in one line."""
    return f"demo-only-{username}"
