"""People: who may sign in, and who is shown to readers."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, TitleFieldPanel
from wagtail.admin.widgets.slug import SlugInput
from wagtail.models import PreviewableMixin
from wagtail.search import index

from content.models import CleanLinesMixin


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


class Person(CleanLinesMixin, PreviewableMixin, index.Indexed, ClusterableModel):
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
        index.FilterField("name"),
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


class PersonalLink(models.Model):
    """A link, sent to an address, to everything kept about whoever reads its mail. Its token is stored hashed."""

    token_hash = models.CharField(max_length=64, unique=True)
    email = models.EmailField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Link good until {self.expires_at:%Y-%m-%d %H.%M}"


class Erasure(models.Model):
    """That somebody was erased: nothing but the keys that lead nowhere any more.

    Kept so that a backup from before can be restored and the erasure made again (`manage.py replay_erasures`).
    """

    author_keys = models.JSONField(default=list)
    device_keys = models.JSONField(default=list)
    user_key = models.BigIntegerField(null=True, blank=True)
    erased_at = models.DateTimeField(default=timezone.now)
    by_whom = models.CharField(max_length=20, choices=[("self", "The person"), ("organiser", "An organiser")])
    changed = models.JSONField(default=dict, help_text="How many things of each kind were changed.")
    retained = models.JSONField(default=list, help_text="What was left for a person to decide about.")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=500, blank=True, help_text="What was decided about what was left, and why.")

    class Meta:
        ordering = ("-erased_at",)

    def __str__(self) -> str:
        return f"Erased on {timezone.localtime(self.erased_at):%-d %B %Y}"

    @property
    def waiting(self) -> int:
        """How many things wait for a decision."""
        return 0 if self.decided_at else len(self.retained)
