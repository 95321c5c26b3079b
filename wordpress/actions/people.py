"""Who wrote and who facilitated: people who are here, or new ones. Whoever was erased here is not named again."""

from django.utils.text import slugify
from wagtail.log_actions import log

from content.text import clean_line
from people.keys import author_keys_of_address, author_keys_of_name
from people.models import Person
from people.personal import NAME_REMOVED
from wordpress.actions.records import ERASED, Run
from wordpress.choices import Outcome
from wordpress.exceptions import ImportRefused
from wordpress.markup import Facilitator


class People:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.by_login: dict[str, Person | None] = {}
        self.user_ids = {author.id: login for login, author in run.found.authors.items() if author.id}
        self.erased_logins: set[str] = set()

    def bring_authors(self) -> None:
        for login, author in self.run.found.authors.items():
            self._bring_author(login, author.name, author.email, [])
        for login in self.run.found.creators:
            if login not in self.by_login:
                # WXR 1.0 lists no authors; other exports forget some.
                note = "Not among the export's authors; known only by the name they sign in with"
                self._bring_author(login, login, "", [note])

    def facilitators(self, number: int, named: list[Facilitator], notes: list[str]) -> list[Person]:
        people = []
        for one in named:
            person, is_made = self._named(one.name, role=one.role, organisation=one.organisation)
            if _is_erased(person):
                notes.append("Its facilitator was erased here and is not named again; name them if it is somebody else")
            if person is None:
                continue
            people.append(person)
            if is_made:
                self.run.record(
                    "facilitator", f"{number}:{person.slug}", person.name, Outcome.IMPORTED, person=person,
                    is_made=True, is_found=False,
                )  # fmt: skip
        return people

    def _bring_author(self, login: str, name: str, email: str, notes: list[str]) -> None:
        person, outcome, reason, is_made = self._person_for(login, name, email)
        self.by_login[login] = person
        if reason == ERASED:
            self.erased_logins.add(login)
            source_id = f"{self.run.batch.pk}:erased:{len(self.erased_logins)}"
            self.run.skip("author", source_id, NAME_REMOVED, ERASED, person=person)
            return
        self.run.record(
            "author", login or "unnamed", name, outcome, reason=reason, person=person, is_made=is_made, notes=notes
        )

    def _person_for(self, login: str, name: str, email: str) -> tuple[Person | None, str, str, bool]:
        remains = self.run.erased.remains(author_keys_of_address(email)) if email else ""
        if remains:
            return Person.objects.filter(slug=remains).first(), Outcome.SKIPPED, ERASED, False
        choice = self.run.choices.authors.get(login, "")
        if choice == "-":
            return None, Outcome.SKIPPED, "By choice", False
        if choice:
            person = Person.objects.filter(slug=choice).first()
            if person is None:
                raise ImportRefused(f"There is no person with the address “{choice}” for the author “{login}”.")
            return person, Outcome.IMPORTED, "", False
        if login not in self.run.found.creators:
            return None, Outcome.SKIPPED, "Wrote nothing that is imported", False
        before = self.run.before("author", login or "unnamed")
        if before and before.person:
            return before.person, Outcome.UNCHANGED, "", False
        person, is_made = self._named(name or login)
        if _is_erased(person):
            return person, Outcome.SKIPPED, ERASED, False
        return person, Outcome.IMPORTED, "", is_made

    def _named(self, name: str, *, role: str = "", organisation: str = "") -> tuple[Person | None, bool]:
        """Somebody of that name who is here, or somebody new; but what remains of whoever was erased under it."""
        name = clean_line(name)[:120].strip() or "Somebody unnamed"
        found = Person.objects.filter(name__iexact=name).order_by("pk").first()
        if found:
            return found, False
        remains = self.run.erased.remains(author_keys_of_name(name))
        if remains:
            return Person.objects.filter(slug=remains).first(), False
        base = slugify(name)[:130] or "person"
        slug, number = base, 2
        while Person.objects.filter(slug=slug).exists():
            slug, number = f"{base}-{number}", number + 1
        person = Person.objects.create(
            name=name, slug=slug, role=clean_line(role)[:160], organisation=clean_line(organisation)[:160]
        )
        log(instance=person, action="wagtail.create", user=self.run.actor)
        return person, True


def _is_erased(person: Person | None) -> bool:
    return person is None or person.name == NAME_REMOVED
