"""Who wrote and who facilitated: people who are here, or new ones."""

from django.utils.text import slugify
from wagtail.log_actions import log

from content.text import clean_line
from people.models import Person
from wordpress.actions.records import Run
from wordpress.choices import Outcome
from wordpress.exceptions import ImportRefused
from wordpress.markup import Facilitator


class People:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.by_login: dict[str, Person | None] = {}
        self.user_ids = {author.id: login for login, author in run.found.authors.items() if author.id}

    def bring_authors(self) -> None:
        for login, author in self.run.found.authors.items():
            person, outcome, reason, is_made = self._person_for(login, author.name)
            self.by_login[login] = person
            self.run.record(
                "author", login or "unnamed", author.name, outcome, reason=reason, person=person, is_made=is_made
            )
        for login in self.run.found.creators:
            if login not in self.by_login:
                # WXR 1.0 lists no authors; other exports forget some.
                person, outcome, reason, is_made = self._person_for(login, login)
                self.by_login[login] = person
                self.run.record(
                    "author", login, login, outcome, reason=reason, person=person, is_made=is_made,
                    notes=["Not among the export's authors; known only by the name they sign in with"],
                )  # fmt: skip

    def facilitators(self, number: int, named: list[Facilitator]) -> list[Person]:
        people = []
        for one in named:
            person, is_made = self._named(one.name, role=one.role, organisation=one.organisation)
            people.append(person)
            if is_made:
                self.run.record(
                    "facilitator", f"{number}:{person.slug}", person.name, Outcome.IMPORTED, person=person,
                    is_made=True, is_found=False,
                )  # fmt: skip
        return people

    def _person_for(self, login: str, name: str) -> tuple[Person | None, str, str, bool]:
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
        return person, Outcome.IMPORTED, "", is_made

    def _named(self, name: str, *, role: str = "", organisation: str = "") -> tuple[Person, bool]:
        name = clean_line(name)[:120].strip() or "Somebody unnamed"
        found = Person.objects.filter(name__iexact=name).order_by("pk").first()
        if found:
            return found, False
        base = slugify(name)[:130] or "person"
        slug, number = base, 2
        while Person.objects.filter(slug=slug).exists():
            slug, number = f"{base}-{number}", number + 1
        person = Person.objects.create(
            name=name, slug=slug, role=clean_line(role)[:160], organisation=clean_line(organisation)[:160]
        )
        log(instance=person, action="wagtail.create", user=self.run.actor)
        return person, True
