"""What everybody may know of a demonstration: the password of all its accounts.

Demonstration accounts exist only in an installation whose mode is demo; a live one refuses to start with any.
"""

DEMO_PASSWORD = "start-to-finish"
