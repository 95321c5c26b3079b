"""What stands in an archive, as a JSON schema made from the models themselves."""

from functools import cache
from typing import Any

from django.db import models
from wagtail.fields import StreamField
from wagtail.models import PageViewRestriction

from archives.contents import archived_models, drafted_relations, exported_fields, is_page

NAME = {"type": "string", "pattern": r"^[A-Za-z.]+:\d+$"}
# Who may read a page and what is below it. Groups are known again by their names.
RESTRICTION = {
    "type": "object",
    "required": ["type", "password", "groups"],
    "properties": {
        "type": {"enum": [PageViewRestriction.PASSWORD, PageViewRestriction.LOGIN, PageViewRestriction.GROUPS]},
        "password": {"type": "string"},
        "groups": {"type": "array", "items": {"type": "string"}},
    },
}


@cache
def schema() -> dict[str, Any]:
    """The schema of `event.json`. Fields that a later version adds are allowed, those of this version are needed."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An event of Summit",
        "type": "object",
        "required": ["format", "version", "event", "rows"],
        "properties": {
            "format": {"const": "summit-event"},
            "version": {"const": 2},
            "event": NAME,
            "rows": {
                "type": "object",
                "properties": {
                    label: {"type": "array", "items": _row(model)} for label, model in archived_models().items()
                },
            },
        },
    }


def _row(model: type[models.Model]) -> dict[str, Any]:
    properties: dict[str, Any] = {"ref": NAME}
    if is_page(model):
        properties["parent"] = NAME
        properties["restrictions"] = {"type": "array", "items": RESTRICTION}
        properties["draft"] = _draft(model)
    if model._meta.label == "discussion.Comment":
        properties["answers"] = {"anyOf": [NAME, {"type": "null"}]}
    if model._meta.label in ("content.SummitImage", "wagtaildocs.Document"):
        properties["media"] = {"type": ["string", "null"], "pattern": "^media/[^/]+/[^/]+$"}
    required = ["ref"]
    for field in exported_fields(model):
        properties[field.name] = _type(field)
        required.append(field.name)
    return {"type": "object", "required": required, "properties": properties}


def _draft(model: type[models.Model]) -> dict[str, Any]:
    """What of a page is not published yet: all of its fields, and the rows that belong to it."""
    properties = {field.name: _type(field) for field in exported_fields(model)}
    for relation, (_, fields) in drafted_relations(model).items():
        inside = {field.name: _type(field) for field in fields}
        properties[relation] = {"type": "array", "items": {"type": "object", "properties": inside}}
    return {"type": "object", "properties": properties}


def _type(field: Any) -> dict[str, Any]:
    if field.many_to_many:
        return {"type": "array", "items": NAME}
    if field.is_relation:
        return {"anyOf": [NAME, {"type": "null"}]}
    if isinstance(field, StreamField):
        return {"type": "array", "items": {"type": "object", "required": ["type", "value"]}}
    if isinstance(field, models.JSONField):
        return {}
    kind: dict[str, Any] = {"type": "string"}
    if isinstance(field, models.BooleanField):
        kind = {"type": "boolean"}
    elif isinstance(field, models.IntegerField):
        kind = {"type": "integer"}
    elif isinstance(field, models.FloatField):
        kind = {"type": "number"}
    elif isinstance(field, models.DateTimeField):
        kind = {"type": "string", "format": "date-time"}
    elif isinstance(field, models.DateField):
        kind = {"type": "string", "format": "date"}
    elif isinstance(field, models.UUIDField):
        kind = {"type": "string", "format": "uuid"}
    elif isinstance(field, models.CharField | models.TextField) and field.choices and not field.blank:
        kind = {"enum": [value for value, _ in field.flatchoices]}
    return {"anyOf": [kind, {"type": "null"}]} if field.null else kind
