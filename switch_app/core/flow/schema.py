"""The form of a flow's file as a JSON schema (draft 7, which editors know best), made from the models.

It knows fields, types and limits; what names lead to, and whether a flow makes sense, is found by the check.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema

from .model import FlowHead
from .steps import STEP_TYPES
from .steps.base import END, NAME

DRAFT = "http://json-schema.org/draft-07/schema#"
Schema = dict[str, Any]


class _Form(GenerateJsonSchema):
    """Without titles that only repeat names, and with what a document may say instead of a text."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def str_schema(self, schema: Any) -> JsonSchemaValue:
        """A number may stand for a text, where the text may begin as one."""
        found = super().str_schema(schema)
        return {**found, "type": ["string", "number"]} if re.match(found.get("pattern", ""), "5") else found

    def dict_schema(self, schema: Any) -> JsonSchemaValue:
        """Keys are of the form asked for, and no others."""
        found = super().dict_schema(schema)
        return {**found, "additionalProperties": False} if "patternProperties" in found else found

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        """Only defaults that stand in a document so: words and numbers."""
        found = self.generate_inner(schema["schema"])
        default = schema.get("default")
        plain = isinstance(default, str | int | float) and default != ""
        return {**found, "default": default} if plain and "$ref" not in found else found


def flow_schema() -> Schema:
    """The schema of one flow's document."""
    models = [(model, "validation") for model in (FlowHead, *STEP_TYPES.values())]
    _, found = models_json_schema(models, schema_generator=_Form)  # type: ignore[arg-type]
    defs: dict[str, Schema] = found["$defs"]
    for each in defs.values():
        each.pop("title", None)
    head = defs.pop("FlowHead")
    say = defs["PlayStep"]["properties"]["say"]
    defs = {name: _referring(each, say, "Say") for name, each in defs.items()}
    defs |= {"Say": say, "Step": _step()}
    steps = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": NAME, "not": {"const": END}},
        "additionalProperties": {"$ref": "#/$defs/Step"},
    }
    return {
        "$schema": DRAFT,
        "title": "Hotline flow",
        **head,
        "description": "What a caller hears and where the call goes.",
        "properties": {**head["properties"], "steps": steps},
        "required": [*head["required"], "steps"],
        "$defs": defs,
    }


def _referring(node: Any, part: Schema, name: str) -> Any:
    """The schema with a reference in place of each such part."""
    if node == part:
        return {"$ref": f"#/$defs/{name}"}
    if isinstance(node, dict):
        return {key: _referring(each, part, name) for key, each in node.items()}
    return [_referring(each, part, name) for each in node] if isinstance(node, list) else node


def _step() -> Schema:
    """By its type: an editor then offers the fields of that type alone."""
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": list(STEP_TYPES)}},
        "allOf": [
            {
                "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
                "then": {"$ref": f"#/$defs/{model.__name__}"},
            }
            for name, model in STEP_TYPES.items()
        ],
    }
