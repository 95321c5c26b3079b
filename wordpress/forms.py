"""What an organiser is asked: for the file, and then how to bring it in."""

import re
import zipfile
from typing import Any

from django import forms

from events.models import EventPage
from people.consent import Consent
from people.models import Person
from wordpress.actions import Choices
from wordpress.models import Batch
from wordpress.reader import WHAT_TO_GIVE
from wordpress.uploads import LARGEST_UPLOAD


class UploadForm(forms.Form):
    file = forms.FileField(
        label="The export",
        help_text="The .xml file that WordPress writes under Tools → Export, “All content”.",
        error_messages={"required": f"Which file? {WHAT_TO_GIVE}", "empty": f"The file is empty. {WHAT_TO_GIVE}"},
        widget=forms.FileInput(attrs={"accept": ".xml,text/xml,application/xml"}),
    )
    media = forms.FileField(
        label="The pictures",
        required=False,
        help_text="A .zip of the folder wp-content/uploads. Without it pictures become links; they can come later.",
        error_messages={"empty": "The file is empty. Pack the folder wp-content/uploads again, or leave it out."},
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in ("file", "media"):
            file = cleaned.get(name)
            if file and file.size > LARGEST_UPLOAD:
                self.add_error(
                    name,
                    f"This is larger than {LARGEST_UPLOAD // 1024 // 1024} MB. Put it on the server and use "
                    "manage.py import_wordpress there.",
                )
        media = cleaned.get("media")
        if media and not self.has_error("media") and not zipfile.is_zipfile(media):
            self.add_error("media", "This is no zip file. Pack the folder wp-content/uploads as a .zip and give that.")
        return cleaned


class ChoicesForm(forms.Form):
    """One field a category and an author, named by their place: slugs may hold anything."""

    def __init__(self, *args: Any, batch: Batch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.batch = batch
        self.summary: dict[str, Any] = batch.summary
        given = Choices.of(batch.options)
        events = EventPage.objects.order_by("-starts_on")
        earlier = next((event.slug for event in events if event.slug == self.summary.get("event")), "")
        self.fields["event"] = forms.ChoiceField(
            label="Event",
            required=False,
            choices=[
                # What came in before goes on where it stands.
                *([] if earlier else [("", "A new one, named as the blog is")]),
                *((event.slug, event.title) for event in events),
            ],
            initial=given.event or earlier,
            help_text="Where propositions stand. Posts that belong to none stand under News.",
        )
        self.fields["consent"] = forms.ChoiceField(
            label="May commenters be quoted?",
            choices=Consent.choices,
            initial=given.consent,
            help_text="Nobody asked them then. Choose something else only if you know that they agree.",
        )
        self.fields["is_fetching"] = forms.BooleanField(
            label="Fetch missing pictures from the old site",
            required=False,
            initial=given.is_fetching,
            help_text="This asks the old site for each of them, and may take long.",
        )
        for place, category in enumerate(self.summary.get("categories", [])):
            self.fields[f"category_{place}"] = forms.ChoiceField(
                label=category["name"] or category["slug"],
                choices=self._category_choices(category),
                initial=given.categories.get(category["slug"]) or category["suggested"],
            )
        people = [(person.slug, str(person)) for person in Person.objects.order_by("name")]
        for place, author in enumerate(self.summary.get("authors", [])):
            self.fields[f"author_{place}"] = forms.ChoiceField(
                label=author["name"],
                required=False,
                choices=[("", "Whoever has this name here, else a new person"), ("-", "Nobody"), *people],
                initial=given.authors.get(author["login"], ""),
            )
        for place, kind in enumerate(self.summary.get("unknown", [])):
            self.fields[f"kind_{place}"] = forms.ChoiceField(
                label=kind,
                choices=[("skip", "Left out"), ("post", "Posts"), ("page", "Pages of text")],
                initial=given.kinds.get(kind, "skip"),
            )

    def _category_choices(self, category: dict[str, Any]) -> list[tuple[str, str]]:
        suggested = re.match(r"proposition:(\d+)", category["suggested"])
        numbers = list(range(1, 21))
        if suggested and int(suggested.group(1)) not in numbers:
            numbers.append(int(suggested.group(1)))
        return [
            ("post", "News"),
            *((f"proposition:{number}", f"Proposition {number}") for number in numbers),
            ("skip", "Left out"),
        ]

    def rows(self, kind: str) -> list[tuple[forms.BoundField, dict[str, Any]]]:
        """The fields of one kind, each beside what it is about."""
        things = self.summary.get({"category": "categories", "author": "authors"}[kind], [])
        return [(self[f"{kind}_{place}"], thing) for place, thing in enumerate(things)]

    @property
    def category_rows(self) -> list[tuple[forms.BoundField, dict[str, Any]]]:
        return self.rows("category")

    @property
    def author_rows(self) -> list[tuple[forms.BoundField, dict[str, Any]]]:
        return self.rows("author")

    @property
    def kind_rows(self) -> list[forms.BoundField]:
        return [self[f"kind_{place}"] for place, _ in enumerate(self.summary.get("unknown", []))]

    def choices(self) -> Choices:
        cleaned = self.cleaned_data
        return Choices(
            event=cleaned["event"],
            consent=cleaned["consent"],
            is_fetching=cleaned["is_fetching"],
            categories={
                category["slug"]: cleaned[f"category_{place}"]
                for place, category in enumerate(self.summary.get("categories", []))
                # What is suggested anyway is not a choice: a repeated import may suggest something better.
                if cleaned[f"category_{place}"] != category["suggested"]
            },
            authors={
                author["login"]: cleaned[f"author_{place}"]
                for place, author in enumerate(self.summary.get("authors", []))
                if cleaned[f"author_{place}"]
            },
            kinds={kind: cleaned[f"kind_{place}"] for place, kind in enumerate(self.summary.get("unknown", []))},
            media=self.batch.options.get("media", ""),
        )
