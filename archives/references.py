"""Numbers of rows inside texts and blocks, turned into an archive's references and back."""

import re
from collections.abc import Callable
from typing import Any

from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.fields import StreamField
from wagtail.images.blocks import ImageChooserBlock

# A kind of thing and its number, turned into what stands in its place; None where there is nothing to point to.
Turn = Callable[[str, Any], Any]

_link = re.compile(r"<(a|embed)\b[^>]*>")
_attribute = re.compile(r'\b(linktype|embedtype|id)="([^"]*)"')
KINDS = {"page": "page", "document": "wagtaildocs.Document", "image": "content.SummitImage"}


def in_rich_text(html: str, turn: Turn) -> str:
    """Rich text with each link to a page, a document or a picture turned."""

    def turned(match: re.Match[str]) -> str:
        attributes = dict(_attribute.findall(match.group()))
        kind = KINDS.get(attributes.get("linktype") or attributes.get("embedtype") or "")
        if kind is None or "id" not in attributes:
            return match.group()
        number = turn(kind, attributes["id"])
        if number is None:
            return re.sub(r'\s(?:linktype|id)="[^"]*"', "", match.group())
        return re.sub(r'\bid="[^"]*"', f'id="{number}"', match.group(), count=1)

    return _link.sub(turned, html)


def in_stream(field: StreamField, raw: list[Any], turn: Turn) -> list[Any]:
    """A StreamField's stored blocks, with whatever they choose turned."""
    found: list[Any] = _in_block(field.stream_block, raw, turn)
    return found


def _in_block(block: Any, value: Any, turn: Turn) -> Any:
    if value is None:
        return value
    match block:
        case blocks.StreamBlock():
            return [
                {**child, "value": _in_block(block.child_blocks[child["type"]], child["value"], turn)}
                if child.get("type") in block.child_blocks
                else child
                for child in value
            ]
        case blocks.ListBlock():
            return [
                {**child, "value": _in_block(block.child_block, child["value"], turn)}
                if isinstance(child, dict) and "value" in child
                else _in_block(block.child_block, child, turn)
                for child in value
            ]
        case blocks.StructBlock():
            return {
                name: _in_block(block.child_blocks[name], inner, turn) if name in block.child_blocks else inner
                for name, inner in value.items()
            }
        case ImageChooserBlock():
            return turn("content.SummitImage", value)
        case DocumentChooserBlock():
            return turn("wagtaildocs.Document", value)
        case blocks.PageChooserBlock():
            return turn("page", value)
        case blocks.RichTextBlock():
            return in_rich_text(str(value), turn)
    return value
