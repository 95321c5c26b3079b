"""Looking through a file, and saying how it is to be brought in."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from people.consent import Consent
from people.keys import author_keys_of_address, author_keys_of_name
from people.models import Person, User
from people.permissions import is_organiser
from people.personal import Erased, erased_keys
from wordpress.actions.standing import Standing
from wordpress.choices import BatchState
from wordpress.exceptions import ImportBusy, ImportRefused
from wordpress.models import Batch
from wordpress.reader import Author, UnreadableExport
from wordpress.survey import Survey, survey

NOT_BEGUN = (BatchState.READY, BatchState.TRYING, BatchState.WAITING)
NAMED_AT_MOST = 12


@dataclass
class Choices:
    """What somebody decided about an import. Empty: as the file suggests."""

    event: str = ""
    # By slug: "proposition:4", "post" (with that category) or "skip".
    categories: dict[str, str] = field(default_factory=dict)
    # By login: the slug of a person, or "-" for nobody.
    authors: dict[str, str] = field(default_factory=dict)
    # By WordPress' name of the kind: "post", "page" or "skip".
    kinds: dict[str, str] = field(default_factory=dict)
    consent: str = Consent.NONE
    media: str = ""
    is_fetching: bool = False

    @classmethod
    def of(cls, options: dict[str, Any]) -> "Choices":
        return cls(**{name: value for name, value in options.items() if name in cls.__dataclass_fields__})


def prepare_import(*, actor: User, path: Path, file_name: str = "", choices: Choices | None = None) -> Batch:
    """Look through the whole file and keep what was found as a batch that can be run. Nothing else is made."""
    check_actor(actor)
    found = surveyed(path)
    check_choices(found, choices or Choices())
    check_alone(Batch.objects.filter(source=found.source[:255]), source=found.source[:255])
    return Batch.objects.create(
        source=found.source[:255],
        title=found.blog.title[:255],
        file_name=file_name or path.name,
        options=asdict(choices or Choices()),
        summary=_summary(found),
        total=found.items,
        notes=found.notes(),
        actor=actor,
    )


def choose(*, actor: User, batch: Batch, choices: Choices, state: BatchState = BatchState.READY) -> Batch:
    """Say how a file that was looked at is to be brought in: now, once it is its turn, or first to be tried."""
    check_actor(actor)
    changed = Batch.objects.filter(pk=batch.pk, state__in=NOT_BEGUN).update(
        options=asdict(choices), state=state, trial={}
    )
    if not changed:
        raise ImportRefused("This import is running or has run.")
    batch.refresh_from_db()
    return batch


def forget_import(*, actor: User, batch: Batch) -> None:
    """Throw away a file that was looked at and not brought in."""
    check_actor(actor)
    Batch.objects.filter(pk=batch.pk, state__in=NOT_BEGUN).delete()


def check_actor(actor: User) -> None:
    if not is_organiser(actor):
        raise ImportRefused("Only organisers can import.")


def check_alone(others: Iterable[Batch], *, source: str) -> None:
    """Refuse to begin while another import runs: neither would know what the other has made.

    Those of two blogs meet too, in an event, its propositions, in people and in addresses.
    """
    running = next((other for other in others if other.state == BatchState.RUNNING), None)
    if running:
        blog = "this blog" if running.source == source else f"“{running}”"
        raise ImportBusy(
            f"Import {running.pk} of {blog} is running, or was broken off. Wait until it is done, or undo it first: "
            "that stops it and takes back what it has made."
        )


def check_choices(found: Survey, choices: Choices) -> None:
    """Refuse what is chosen for things that the file does not hold, and people who are not here."""
    held = {
        "category": ("categories", [slug for kind, slug in found.terms if kind == "category"], choices.categories),
        "author": ("authors", [*dict.fromkeys([*found.authors, *found.creators])], choices.authors),
        "kind": ("kinds of posts", [*dict.fromkeys(sketch.kind for sketch in found.texts.values())], choices.kinds),
    }
    for kind, (many, names, chosen) in held.items():
        unknown = [name for name in chosen if name not in names]
        if unknown:
            raise ImportRefused(
                f"The file holds no {kind} “{'”, “'.join(unknown[:NAMED_AT_MOST])}”. "
                + (f"Its {many}: {_listed(names)}." if names else f"It has no {many} at all.")
            )
    for login, slug in choices.authors.items():
        if slug != "-" and not Person.objects.filter(slug=slug).exists():
            raise ImportRefused(f"There is no person with the address “{slug}” for the author “{login}”.")


def _listed(names: list[str]) -> str:
    names = sorted(names)
    more = len(names) - NAMED_AT_MOST
    return ", ".join(names[:NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")


def surveyed(path: Path) -> Survey:
    try:
        return survey(path)
    except UnreadableExport as error:
        raise ImportRefused(str(error)) from error


def _summary(found: Survey) -> dict[str, Any]:
    """What the file holds, and what is suggested for it: all that somebody who chooses needs to see."""
    days = found.days()
    erased = erased_keys()
    standing = Standing(found.source)
    return {
        "counts": dict(sorted(found.counts.items())),
        "days": [day.isoformat() for day in days] if days else [],
        "categories": [
            {
                "slug": slug,
                "name": term.name,
                "suggested": standing.use_of(slug, term.name),
                "texts": sum(slug in sketch.categories for sketch in found.texts.values()),
            }
            for (kind, slug), term in found.terms.items()
            if kind == "category"
        ],
        "authors": [
            {"login": author.login, "name": author.name, "texts": number}
            for author, number in _authors(found)
            if not _is_erased(author, erased)
        ],
        "unknown": sorted({sketch.kind for sketch in found.texts.values()} - {"post", "page"}),
        "attachments": len(found.attachments),
        "event": standing.event.slug if standing.event else "",
    }


def _authors(found: Survey) -> list[tuple[Author, int]]:
    """Who wrote something, with how much, those who wrote most first."""
    return [
        (found.authors.get(login) or Author(login=login, name=login), number)
        for login, number in found.creators.most_common()
    ]


def _is_erased(author: Author, erased: Erased) -> bool:
    """Whether somebody was erased here: then nobody is asked who they are."""
    if author.email and erased.remains(author_keys_of_address(author.email)):
        return True
    is_named = erased.remains(author_keys_of_name(author.name))
    return bool(is_named) and not Person.objects.filter(name__iexact=author.name).exists()
