"""JSON schemas of the models, as OpenAPI has them."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from ..endpoint import Part
from ..schemas.base import Answer

_REFERENCE = "#/components/schemas/{model}"


def reference(model: type[BaseModel]) -> Part:
    """Refers to the component of a model."""
    return {"$ref": _REFERENCE.format(model=model.__name__)}


def components(models: Iterable[type[BaseModel]]) -> Part:
    """The schemas by name of the models and of all models in them."""
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (model, "serialization" if issubclass(model, Answer) else "validation")
        for model in sorted(models, key=lambda model: model.__name__)
    ]
    _, definitions = models_json_schema(wanted, ref_template=_REFERENCE, schema_generator=_Generator)
    schemas: Part = definitions["$defs"]
    return schemas


def parameters(model: type[BaseModel]) -> list[Part]:
    """The fields of a model as parameters of the query."""
    schema = model.model_json_schema(schema_generator=_Generator)
    required = schema.get("required", ())
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": of.pop("description", ""),
            "schema": of,
        }
        for name, of in schema["properties"].items()
    ]


class _Generator(GenerateJsonSchema):
    """Without titles, which repeat names, and without the default None of what may be left out."""

    def field_title_should_be_set(self, _: Any) -> bool:
        """Never."""
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Without its title."""
        described = super().model_schema(schema)
        described.pop("title", None)
        return described

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Without null as the default; what may be left out of a request is never null."""
        if schema.get("default") is not None:
            return super().default_schema(schema)
        inner = schema["schema"]
        if self.mode == "validation" and inner["type"] == "nullable":
            inner = inner["schema"]
        return self.generate_inner(inner)
