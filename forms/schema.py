"""A form's answers as JSON Schema, for those who build imports and other clients."""

from collections.abc import Iterable
from typing import Any, TypeAlias

from forms.model import Field, FieldType

Schema: TypeAlias = dict[str, Any]


def json_schema(service: str, version: int, title: str, fields: Iterable[Field]) -> Schema:
    """Return the JSON Schema (2020-12) of checked answers.

    It says less than the form checks: conditions and rules between answers are the form's own.
    """
    fields = list(fields)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "description": f"Answers of {service}, version {version} of the form",
        "type": "object",
        "properties": {field.id: _property(field) for field in fields},
        "required": [field.id for field in fields if field.required and field.show_if is None],
        "additionalProperties": False,
    }


def _property(field: Field) -> Schema:
    schema: Schema = {"title": field.label["en"], "description": field.purpose["en"], **_value(field)}
    if field.type is not FieldType.CHOICES and not (field.required and field.show_if is None):
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
        case FieldType.CHOICES:
            return {"type": "array", "items": {"type": "string", "enum": values}, "uniqueItems": True}
        case _:
            return _text(field)


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
