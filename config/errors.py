"""The one error of the configuration: which file, which key, what was expected there."""


class ConfigError(Exception):
    """A setting or a configuration file is wrong; nothing may start until it is put right.

    `file` is the file as an operator would name it ("environment" for settings), `key` the dotted way to
    the value (rows of a list count from 1; empty when the whole file is meant), `expected` what should
    stand there, and `found` what does (None when nothing more can usefully or safely be said).
    """

    def __init__(self, file: str, key: str, expected: str, found: str | None = None) -> None:
        super().__init__(file, key, expected, found)  # all four, so that the error survives pickling
        self.file = file
        self.key = key
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        place = f"{self.file}: {self.key}" if self.key else self.file
        found = "" if self.found is None else f", found {self.found}"
        return f"{place}: expected {self.expected}{found}"
