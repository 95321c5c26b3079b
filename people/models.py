"""People: who may sign in, and who is shown to readers."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, TitleFieldPanel
from wagtail.admin.widgets.slug import SlugInput
from wagtail.models import PreviewableMixin
from wagtail.search import index


class UserManager(BaseUserManager):
    """Creates users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **extra_fields: Any) -> "User":
        user: User = self.model(email=self.normalize_email(email), **extra_fields)
        if password:
            user.set_password(password)
        else:
            user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra_fields: Any) -> "User":
        return self.create_user(email, password, **{**extra_fields, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractUser):
    """Somebody who can sign in, known by an e-mail address. What readers see of them is their `Person`."""

    username = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address", unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()  # type: ignore[misc]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    @property
    def display_name(self) -> str:
        """The name others see: the person's, else the account's, else the part before the @."""
        person = getattr(self, "person", None)
        return (person.name if person else "") or self.get_full_name() or self.email.partition("@")[0]


class Person(PreviewableMixin, index.Indexed, ClusterableModel):
    """Somebody readers may know: a facilitator, an author, a delegate who signs with a name."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, unique=True, help_text="Used in the address of the profile.")
    role = models.CharField(max_length=160, blank=True, help_text="For example: Chief Executive")
    organisation = models.CharField(max_length=160, blank=True)
    portrait = models.ForeignKey(
        "content.SummitImage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    biography = models.TextField(blank=True)
    user = models.OneToOneField(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="person",
        help_text="The account this person signs in with, if any.",
    )

    panels = [
        TitleFieldPanel("name", targets=["slug"]),
        FieldPanel("slug", widget=SlugInput),
        FieldRowPanel([FieldPanel("role"), FieldPanel("organisation")]),
        FieldPanel("portrait"),
        FieldPanel("biography"),
        FieldPanel("user"),
    ]

    search_fields = [
        index.SearchField("name"),
        index.AutocompleteField("name"),
        index.SearchField("role"),
        index.SearchField("organisation"),
        index.SearchField("biography"),
    ]

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("people:person", args=[self.slug])

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return "people/person.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        return {"person": self, "section": "people"}

    @property
    def affiliation(self) -> str:
        """Role and organisation on one line, as shown after the name."""
        return ", ".join(part for part in (self.role, self.organisation) if part)

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()
