"""How posts are written in the admin."""

from typing import Any

from wagtail.admin.forms import WagtailAdminPageForm


class PostPageForm(WagtailAdminPageForm):
    """Names the writer as the author of a new post, who may take the name out again or name somebody else."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        person = getattr(self.for_user, "person", None)
        if person and self.instance.pk is None and "author" in self.fields:
            self.initial["author"] = self.initial.get("author") or person.pk
