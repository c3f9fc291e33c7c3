"""A form's answers as JSON Schema, for those who build imports and other clients."""

from collections.abc import Collection, Iterable
from typing import Any, TypeAlias

from forms.model import Field, FieldType, OneOf

Schema: TypeAlias = dict[str, Any]
_FILE: Schema = {
    "type": "object",
    "properties": {"id": {"type": "integer", "minimum": 1}, "name": {"type": "string", "minLength": 1}},
    "required": ["id", "name"],
    "additionalProperties": False,
}


def json_schema(service: str, version: int, title: str, fields: Iterable[Field]) -> Schema:
    """Return the JSON Schema (2020-12) of checked answers.

    It says less than the form checks: conditions and rules between answers are the form's own.
    """
    fields = list(fields)
    one_ofs = {id(field.one_of): field.one_of for field in fields if field.one_of}.values()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "description": f"Answers of {service}, version {version} of the form",
        **_object(fields),
        **({"allOf": [_one_of(one_of) for one_of in one_ofs]} if one_ofs else {}),
    }


def _object(fields: Collection[Field]) -> Schema:
    return {
        "type": "object",
        "properties": {field.id: _property(field) for field in fields},
        "required": [field.id for field in fields if _always_required(field)],
        "additionalProperties": False,
    }


def _always_required(field: Field) -> bool:
    return field.required and field.show_if is None


def _one_of(one_of: OneOf) -> Schema:
    """Return that one of some fields is answered; nothing where that depends on which are asked."""
    if any(one_of.fields.values()):
        return {}
    answered = [
        {"required": [name], "properties": {name: {"not": {"enum": [None, []]}}}} for name in one_of.fields
    ]
    return {"anyOf" if one_of.too_many is None else "oneOf": answered}


def _property(field: Field) -> Schema:
    schema: Schema = {"title": field.label["en"], "description": field.purpose["en"], **_value(field)}
    if field.type not in (FieldType.CHOICES, FieldType.GROUP, FieldType.UPLOAD) and not _always_required(
        field
    ):
        schema = _or_null(schema)
    return schema


def _value(field: Field) -> Schema:
    values = [option.value for option in field.options]
    match field.type:
        case FieldType.INTEGER:
            return {"type": "integer", "minimum": field.smallest, "maximum": field.largest}
        case FieldType.YES_NO:
            return {"type": "boolean"}
        case FieldType.CHOICE:
            return {"type": "string", "enum": values}
        case FieldType.GROUP:
            return _items(field)
        case FieldType.UPLOAD:
            return {"type": "array", "items": _FILE, "maxItems": field.largest}
        case FieldType.CHOICES:
            return {"type": "array", "items": {"type": "string", "enum": values}, "uniqueItems": True}
        case _:
            return _text(field)


def _items(field: Field) -> Schema:
    assert field.group is not None, "a group's own"
    fewest = field.group.at_least if _always_required(field) else 0
    items = _object(field.group.fields)
    return {"type": "array", "items": items, "minItems": fewest, "maxItems": field.group.at_most}


def _text(field: Field) -> Schema:
    match field.type:
        case FieldType.DATE:
            return {"type": "string", "format": "date"}
        case FieldType.PHONE:
            return {"type": "string", "pattern": r"^\+[1-9][0-9]{6,14}$"}
        case FieldType.EMAIL:
            return {"type": "string", "format": "email", "maxLength": 254}
        case FieldType.REFERENCE:
            return {"type": "string", "pattern": "^" + (field.pattern or "").replace("9", "[0-9]") + "$"}
        case _:
            return {"type": "string", "minLength": 1, "maxLength": field.max_length}


def _or_null(schema: Schema) -> Schema:
    optional = {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        optional["enum"] = [*schema["enum"], None]
    return optional
