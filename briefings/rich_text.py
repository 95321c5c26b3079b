"""The rich-text feature "citation": how Wagtail's editor, database and reference index see it."""

from collections.abc import Iterator
from typing import Any

from django.utils.html import format_html
from draftjs_exporter.dom import DOM
from wagtail.admin.rich_text.converters.html_to_contentstate import InlineEntityElementHandler
from wagtail.admin.rich_text.editors.draftail.features import EntityFeature
from wagtail.rich_text import LinkHandler
from wagtail.rich_text.feature_registry import FeatureRegistry

from briefings.citations import PLACEHOLDER, as_uuid
from gathering.models import Excerpt

FEATURE = "citation"
ENTITY = "CITATION"


class CitationLinkHandler(LinkHandler):
    """Citations outside a briefing's own page, where there are no codes: a mark without an address."""

    identifier = FEATURE

    @staticmethod
    def get_model() -> type[Excerpt]:
        return Excerpt

    @classmethod
    def expand_db_attributes(cls, attrs: dict[str, Any]) -> str:
        return format_html('<a class="citation" data-excerpt="{}">', attrs.get("excerpt", ""))

    @classmethod
    def extract_references(cls, attrs: dict[str, Any]) -> Iterator[tuple[type[Excerpt], str, str, str]]:
        if excerpt := as_uuid(attrs.get("excerpt")):
            yield Excerpt, str(excerpt), "", ""


class CitationElementHandler(InlineEntityElementHandler):
    """From the database to the editor. A reference that leads nowhere stays, so that the editor can see it."""

    mutability = "IMMUTABLE"

    def get_attribute_data(self, attrs: dict[str, Any]) -> dict[str, str]:
        return {"excerpt": attrs.get("excerpt", "")}


def citation_to_database(props: dict[str, Any]) -> Any:
    """From the editor to the database. Only the reference is kept, whatever text the editor showed."""
    return DOM.create_element("a", {"linktype": FEATURE, "excerpt": str(props.get("excerpt", ""))}, PLACEHOLDER)


def register(features: FeatureRegistry) -> None:
    features.register_editor_plugin(
        "draftail",
        FEATURE,
        EntityFeature(
            {"type": ENTITY, "icon": "openquote", "label": "Cite", "description": "Cite what somebody said"},
            js=["js/admin/citation.js", "js/admin/evidence.js"],
            css={"all": ["css/admin/citation.css"]},
        ),
    )
    features.register_converter_rule(
        "contentstate",
        FEATURE,
        {
            "from_database_format": {'a[linktype="citation"]': CitationElementHandler(ENTITY)},
            "to_database_format": {"entity_decorators": {ENTITY: citation_to_database}},
        },
    )
    features.register_link_type(CitationLinkHandler)
