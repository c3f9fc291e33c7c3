"""Reading a form's definition: strict YAML, handed on as the tables of config/reading.py."""

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import yaml

from config.errors import ConfigError
from config.reading import Table, file_name
from config.words import Words, read_words

_TEXT_TAG = "tag:yaml.org,2002:str"


def read_yaml(path: Path) -> tuple[Table, str]:
    """Return the definition as a table, and the SHA-256 of the file.

    Raises ConfigError for a file that can't be read, isn't YAML, names a key twice, or has a key that YAML
    doesn't take for text (yes, no, on, off and numbers need quotes).
    """
    file = file_name(path)
    try:
        content = path.read_bytes()
        loader = yaml.SafeLoader(content.decode("utf-8"))
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise ConfigError(file, "", "a mapping with the keys service, version, title, pages")
        _check_keys(node, file, "", set())
        values = loader.construct_document(node)
    except OSError as error:
        raise ConfigError(file, "", "a file that can be read", error.strerror or "none") from error
    except UnicodeDecodeError as error:
        raise ConfigError(file, "", "text in UTF-8", f"another byte at position {error.start}") from error
    except yaml.YAMLError as error:
        raise ConfigError(file, "", "YAML (texts with ? : or , in quotes)", _told(error)) from error
    return Table(file, "", values), sha256(content).hexdigest()


def _told(error: yaml.YAMLError) -> str:
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    if mark is None:
        return " ".join(str(error).split())
    return f"a mistake in line {mark.line + 1}, column {mark.column + 1}"


def _check_keys(node: yaml.Node, file: str, key: str, seen: set[int]) -> None:
    """Raise ConfigError for the first key that is there twice or isn't text, and for aliases."""
    if isinstance(node, yaml.ScalarNode):
        return
    if id(node) in seen:
        raise ConfigError(file, key, "everything written out", "a YAML alias")
    seen.add(id(node))
    for name, child in _children(node, file, key):
        _check_keys(child, file, f"{key}.{name}" if key else name, seen)


def _children(node: yaml.Node, file: str, key: str) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.SequenceNode):
        yield from ((str(number), child) for number, child in enumerate(node.value, start=1))
    elif isinstance(node, yaml.MappingNode):
        names: set[str] = set()
        for name, child in node.value:
            line = f"line {name.start_mark.line + 1}"
            if not isinstance(name, yaml.ScalarNode) or name.tag != _TEXT_TAG:
                found = f"{name.value!r} in {line}, which YAML doesn't take for text"
                raise ConfigError(file, key, "keys that are text (in quotes where needed)", found)
            if name.value in names:
                raise ConfigError(file, f"{key}.{name.value}", "each key once", f"it again in {line}")
            names.add(name.value)
            yield name.value, child


def named_rows(table: Table, name: str, pattern: str) -> list[tuple[str, Table]]:
    """Return the rows of a list by their ids, as tables whose keys name the id instead of a number.

    Raises ConfigError for an empty list, an id that the pattern doesn't take, and one that is there twice.
    """
    rows = table.rows(name)
    if not rows:
        raise ConfigError(table.file, table.at(name), "a list with at least one entry", "nothing")
    named: dict[str, Table] = {}
    for row in rows:
        row_id = row.text("id")
        if not re.fullmatch(pattern, row_id):
            raise row.wrong("id", "an id in small letters and digits, of the form " + pattern)
        if row_id in named:
            raise row.wrong("id", "an id of its own", f"{row_id!r} again")
        named[row_id] = Table(table.file, table.at(f"{name}.{row_id}"), row.values)
    return list(named.items())


def read_filled_words(
    table: Table, name: str, languages: tuple[str, ...], filling: dict[str, str] | None = None
) -> Words:
    """Return the words under `name`, by language, with placeholders such as {max} filled in.

    Raises ConfigError as `read_words` does, and for an example that isn't the placeholder {example}: one that
    is written out can't be checked against the field's own rule.
    """
    filling = filling or {}
    words = read_words(table, name, languages, filling)
    if "for example" in words["en"].lower() and "{example}" not in words["en"]:
        section = table.table(name)
        raise section.wrong("en", "the placeholder {example} after “for example”, so that it is checked")
    return {language: fill(content, filling) for language, content in words.items()}


def fill(text: str, filling: dict[str, str]) -> str:
    """Return the text with its placeholders filled in; those without a filling stay."""
    for placeholder, value in filling.items():
        text = text.replace(f"{{{placeholder}}}", value)
    return text
