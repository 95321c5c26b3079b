"""`manage.py export_briefing SLUG --format pdf --output FILE`: a briefing as a file."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from briefings.exports import as_data
from briefings.models import BriefingPage
from briefings.printing import print_briefing, standalone_html
from briefings.word import as_document
from people.actions import record_export


class Command(BaseCommand):
    help = "Write a briefing to a file, as it is published; a draft as it stands."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="The briefing's slug, or its short address.")
        parser.add_argument("--format", choices=["pdf", "docx", "json", "html"], default="pdf")
        parser.add_argument("--output", help="The file to write. Without it the briefing goes to standard output.")

    def handle(self, *args: Any, slug: str, format: str, output: str | None, **options: Any) -> None:
        briefing = self._find(slug)
        is_draft = not briefing.live
        if is_draft:
            briefing = briefing.get_latest_revision_as_object()
        match format:
            case "json":
                content = (json.dumps(as_data(briefing), ensure_ascii=False, indent=2) + "\n").encode()
            case "docx":
                content = as_document(briefing)
            case "html":
                content = standalone_html(briefing).encode()
            case _:
                printed = print_briefing(briefing)
                content = printed.content
                if printed.warning:
                    self.stderr.write(self.style.WARNING(printed.warning))
        if output is None:
            sys.stdout.buffer.write(content)
        else:
            try:
                Path(output).write_bytes(content)
            except OSError as error:
                raise CommandError(f"{output} cannot be written: {error.strerror}.") from error
            self.stderr.write(f"{output}: {len(content):,} bytes")
        # What is published anybody may take.
        if is_draft:
            record_export(actor=None, about=briefing, what=f"A draft, as {format.upper()}")

    def _find(self, slug: str) -> BriefingPage:
        found = list(BriefingPage.objects.filter(short_address=slug)) or list(
            BriefingPage.objects.filter(slug=slug).order_by("-pk")
        )
        if not found:
            known = ", ".join(BriefingPage.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no briefing {slug!r}. There are: {known}.")
        if len(found) > 1:
            addresses = ", ".join(page.short_address for page in found)
            raise CommandError(f"Several briefings have the slug {slug!r}. Give the short address: {addresses}.")
        return found[0]
