"""The texts of a page as its revisions keep them, and what in them may have been injected."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

from content.injected import Finding, find_injected_text, without

# What is kept with a page and nobody wrote, or nobody reads.
_NOT_TEXTS = {
    "pk",
    "path",
    "url_path",
    "slug",
    "translation_key",
    "id",
    "type",
    "content_type",
    "text_hash",
    "expire_at",
    "go_live_at",
}
Key = tuple[str, str]


@dataclass
class Suspicion:
    """The same odd words in one page: where they stand first, and how often."""

    finding: Finding
    field: str
    times: int = 1


class Looker:
    """Looks through texts, each once: most of a page's revisions say the same."""

    def __init__(self, own_hosts: set[str]) -> None:
        self.own_hosts = own_hosts
        self.seen: dict[str, list[Finding]] = {}

    def findings(self, source: str) -> list[Finding]:
        if source not in self.seen:
            self.seen[source] = find_injected_text(source, is_html="<" in source, own_hosts=self.own_hosts)
        return self.seen[source]

    def suspicions(self, content: dict[str, Any], model: type[Page]) -> dict[Key, Suspicion]:
        """What is odd in a page's content, by kind and words."""
        found: dict[Key, Suspicion] = {}
        for field, source in texts_of(content, model):
            for finding in self.findings(source):
                key = (finding.kind.value, finding.quote)
                if key in found:
                    found[key].times += 1
                else:
                    found[key] = Suspicion(finding, field)
        return found

    def without_suspicion(self, content: dict[str, Any], model: type[Page], key: Key) -> tuple[dict[str, Any], int]:
        """The content with these words taken out wherever they stand, and from how many places."""
        count = 0

        def clean(source: str) -> str:
            nonlocal count
            for finding in reversed(self.findings(source)):
                if (finding.kind.value, finding.quote) == key:
                    source = without(source, finding)
                    count += 1
            return source

        return _changed(content, model, clean), count


def content_of(page: Page) -> dict[str, Any]:
    """A page's content as it stands in the database, in the form of revisions."""
    found: dict[str, Any] = json.loads(json.dumps(page.specific.serializable_data(), default=str))
    return found


def texts_of(content: dict[str, Any], model: type[Page]) -> Iterator[tuple[str, str]]:
    """Every text in a page's content, with the name of the field it stands in."""
    found: list[tuple[str, str]] = []
    for name in content:
        _field_changed(content, model, name, lambda source, name=name: found.append((name, source)) or source)
    for name, source in found:
        yield _label(model, name), source


def _changed(content: dict[str, Any], model: type[Page], change: Callable[[str], str]) -> dict[str, Any]:
    return {name: _field_changed(content, model, name, change) for name in content}


def _field_changed(content: dict[str, Any], model: type[Page], name: str, change: Callable[[str], str]) -> Any:
    value = content[name]
    if name in _NOT_TEXTS:
        return value
    field = _field(model, name)
    if isinstance(field, StreamField):
        blocks = json.loads(value) if isinstance(value, str) and value else value
        changed = _walked(blocks, change)
        return json.dumps(changed) if isinstance(value, str) and value else changed
    if isinstance(value, str):
        is_text = field is None or isinstance(field, RichTextField | models.TextField | models.CharField)
        return change(value) if is_text else value
    if isinstance(value, list):
        # Rows of an inline panel, such as resources.
        return _walked(value, change)
    return value


def _walked(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: inner if key in _NOT_TEXTS else _walked(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [_walked(inner, change) for inner in value]
    return value


def _field(model: type[Page], name: str) -> Any:
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def _label(model: type[Page], name: str) -> str:
    return str(getattr(_field(model, name), "verbose_name", name)).replace("_", " ")[:200]
