"""What an event's archive holds: which models, and of them every field but those named here with a reason.

Fields are driven by the models, so that a new one is taken along by itself. A new model, or a new field that points to
something no archive holds, fails a test until it is listed here.
"""

from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from modelcluster.models import get_all_child_relations
from wagtail.models import Page

from people.models import User

# How the rows of each model are found, from the event's page down: Django lookups with "__in" the rows of another
# model, or of the pages. Models that do not exist (yet) are passed over.
MODELS: dict[str, dict[str, str]] = {
    # What others point to; only those that are pointed to.
    "content.SummitImage": {},
    "wagtaildocs.Document": {},
    "people.Person": {},
    "events.Partner": {},
    "briefings.Series": {},
    # Pages: those below the event, the event, and those that came in with it from a blog.
    "events.EventPage": {"pk": "page"},
    "propositions.PropositionPage": {"pk": "page"},
    "live.LiveSessionPage": {"pk": "page"},
    "news.PostPage": {"pk": "page"},
    "briefings.BriefingPage": {"pk": "page"},
    "home.TextPage": {"pk": "page"},
    "wordpress.Companion": {"event": "page"},
    "wordpress.OldAddress": {"event": "page"},
    "wagtailredirects.Redirect": {"redirect_page": "page"},
    "events.EventPartner": {"event": "page"},
    "propositions.PropositionFacilitator": {"proposition": "page"},
    "propositions.StatementVersion": {"proposition": "page"},
    "propositions.Resource": {"proposition": "page"},
    # Discussion
    "discussion.EventRules": {"event": "page"},
    "discussion.Comment": {"page": "page"},
    "discussion.CommentVersion": {"comment": "discussion.Comment"},
    "discussion.Support": {"comment": "discussion.Comment"},
    "discussion.Flag": {"comment": "discussion.Comment"},
    "discussion.Mention": {"page": "page"},
    # Live
    "live.LiveSession": {"page": "page"},
    "live.Prompt": {"session": "live.LiveSession"},
    "live.PromptOption": {"prompt": "live.Prompt"},
    "live.Table": {"session": "live.LiveSession"},
    "live.Participant": {"session": "live.LiveSession"},
    "live.Contribution": {"session": "live.LiveSession"},
    "live.ContributionVersion": {"contribution": "live.Contribution"},
    "live.Vote": {"participant": "live.Participant"},
    # Gathering
    "gathering.Desk": {"event": "page"},
    "gathering.Point": {"event": "page"},
    "gathering.Theme": {"event": "page"},
    "gathering.Echo": {"event": "page"},
    "gathering.Entry": {"event": "page"},
    "gathering.Excerpt": {"entry": "gathering.Entry"},
    "gathering.Decision": {"entry": "gathering.Entry"},
    # Briefings
    "briefings.PublishedPoint": {"briefing": "page"},
    "briefings.PublishedCitation": {"published_point": "briefings.PublishedPoint"},
    "briefings.Edition": {"briefing": "page"},
    "briefings.FollowUp": {"briefing": "page"},
    "briefings.FollowUpChange": {"follow_up": "briefings.FollowUp"},
    "briefings.ObjectionWindow": {"briefing": "page"},
    "briefings.Objection": {"briefing": "page"},
}

ADDRESSES = "Addresses of people, or what leads to them, never leave with an archive"
OF_SITE = "Belongs to the site, not to one event"
OF_WAGTAIL = "Wagtail's own keeping of pages; made anew where the archive is read"
MADE_ANEW = "Made anew where the archive is read"
ACCOUNT = "Accounts stay where they are; what readers see of somebody is their person"
SECRET = "A secret between a device and its site"  # noqa: S105 none itself

LEFT_OUT_MODELS: dict[str, str] = {
    "home.AccessibilityWords": OF_SITE,
    "home.HomePage": OF_SITE,
    "home.PrivacyWords": OF_SITE,
    "news.NewsIndexPage": OF_SITE,
    "people.User": ACCOUNT,
    "people.Erasure": ADDRESSES,
    "people.PersonalLink": ADDRESSES,
    "briefings.RetiredAddress": OF_SITE,
    "content.Rendition": MADE_ANEW,
    "content.Letter": ADDRESSES,
    "realtime.Stream": MADE_ANEW,
    "realtime.Event": "The log of a session as it went; all that it led to is in the archive",
    "discussion.Contact": ADDRESSES,
    "discussion.PendingComment": ADDRESSES,
    "discussion.ConfirmationMail": ADDRESSES,
    "discussion.Follower": ADDRESSES,
    "discussion.Follow": ADDRESSES,
    "discussion.News": ADDRESSES,
    "discussion.DiscussionSettings": OF_SITE,
    "discussion.SpamFilter": OF_SITE,
    "discussion.MentionNotice": "Work in hand of the site",
    "discussion.SentMention": "Work in hand of the site",
    "discussion.GoneAddress": OF_SITE,
    "discussion.SuspectText": "Work in hand of the site",
    "discussion.TextScan": "Work in hand of the site",
    "gathering.DeskLook": "Work in hand of the site",
    "gathering.DeskPlace": ACCOUNT,
    "gathering.FormerWords": "Words that were replaced stay where they can still be given back",
    "gathering.RefusedTheme": "Work in hand of the site",
    "gathering.TextVector": MADE_ANEW,
    "gathering.WordsLink": SECRET,
    "gathering.Wish": ADDRESSES,
    "gathering.WishContact": ADDRESSES,
    "live.Seat": SECRET,
    "briefings.Print": MADE_ANEW,
    "briefings.BriefingRules": OF_SITE,
    "wordpress.Batch": "How things came in, not what they are",
    "wordpress.Record": "How things came in, not what they are",
    "wordpress.Suspicion": "How things came in, not what they are",
}

# "*" stands for every model that has the field.
LEFT_OUT_FIELDS: dict[str, str] = {
    **dict.fromkeys(
        (
            "*.page_ptr", "page.path", "page.depth", "page.numchild", "page.translation_key", "page.locale",
            "page.latest_revision", "page.live_revision", "page.has_unpublished_changes", "page.draft_title",
            "page.url_path", "page.locked", "page.locked_at", "page.expired", "page.content_type", "page.alias_of",
            "page.latest_revision_created_at", "page.id", "page.workflow_states",
        ),
        OF_WAGTAIL,
    ),
    "page.owner": ACCOUNT,
    "page.locked_by": ACCOUNT,
    "wagtailredirects.Redirect.site": OF_SITE,
    "wagtailredirects.Redirect.created_at": "When it was made here",
    "wordpress.OldAddress.batch": "How things came in, not what they are",
    "content.SummitImage.collection": OF_WAGTAIL,
    "content.SummitImage.file": "Stands beside the data, under media/",
    "content.SummitImage.uploaded_by_user": ACCOUNT,
    "content.SummitImage.tags": OF_SITE,
    "wagtaildocs.Document.collection": OF_WAGTAIL,
    "wagtaildocs.Document.file": "Stands beside the data, under media/",
    "wagtaildocs.Document.uploaded_by_user": ACCOUNT,
    "wagtaildocs.Document.tags": OF_SITE,
    "people.Person.user": ACCOUNT,
    "live.LiveSession.stream": MADE_ANEW,
    "live.LiveSession.facilitators": ACCOUNT,
    "live.Participant.token_hash": SECRET,
    "live.Participant.user": ACCOUNT,
    "gathering.Desk.stream": MADE_ANEW,
    "gathering.Excerpt.created_by": ACCOUNT,
    "gathering.Decision.actor": ACCOUNT,
    "briefings.FollowUpChange.actor": ACCOUNT,
    "briefings.ObjectionWindow.opened_by": ACCOUNT,
    **dict.fromkeys(
        (
            "discussion.Comment.comment_ptr", "discussion.Comment.xtdcomment_ptr", "discussion.Comment.content_type",
            "discussion.Comment.object_pk", "discussion.Comment.site", "discussion.Comment.order",
            "discussion.Comment.thread_id", "discussion.Comment.parent_id", "discussion.Comment.nested_count",
            "discussion.Comment.followup",
        ),
        "The library's keeping of the thread; made anew from what a comment answers",
    ),
    "discussion.Comment.user": ACCOUNT,
    "discussion.Comment.user_email": ADDRESSES,
    "discussion.Comment.user_url": ADDRESSES,
    "discussion.Comment.ip_address": ADDRESSES,
    "discussion.Comment.device_key": SECRET,
    "discussion.Comment.confirming_device_key": SECRET,
    "discussion.Comment.fingerprint": "Keeps one site from taking the same text twice",
    "discussion.Mention.network_key": ADDRESSES,
}  # fmt: skip

_NUMBERS_OF_ENTRY = {
    "theme": "gathering.Theme",
    "echo": "gathering.Echo",
    "merged_into": "gathering.Entry",
    "proposition": "page",
}
# Values of other kinds that hold numbers of rows, with the model of the row: by field, then by key inside.
NUMBERS_INSIDE: dict[str, dict[str, str]] = {
    "gathering.Decision.before": _NUMBERS_OF_ENTRY,
    "gathering.Decision.after": _NUMBERS_OF_ENTRY,
}


@cache
def archived_models() -> dict[str, type[models.Model]]:
    """The models of an archive by their labels, each after those it points to."""
    found = {label: apps.get_model(label) for label in MODELS if label.split(".")[1].lower() in _models_of(label)}
    ordered: dict[str, type[models.Model]] = {}

    def take(label: str, above: frozenset[str]) -> None:
        if label in ordered or label in above:
            return
        for field in exported_fields(found[label]):
            related = field.related_model
            if isinstance(related, type) and related._meta.label in found and not field.null:
                take(related._meta.label, above | {label})
        ordered[label] = found[label]

    for label in found:
        take(label, frozenset())
    return ordered


def _models_of(label: str) -> dict[str, Any]:
    return apps.get_app_config(label.split(".")[0]).models


def is_page(model: type[models.Model]) -> bool:
    return issubclass(model, Page)


def why_left_out(model: type[models.Model], name: str) -> str:
    """The reason why a field is in no archive; empty if it is in one."""
    keys = [f"{model._meta.label}.{name}", f"*.{name}"]
    if is_page(model):
        keys.append(f"page.{name}")
    return next((LEFT_OUT_FIELDS[key] for key in keys if key in LEFT_OUT_FIELDS), "")


def all_fields(model: type[models.Model]) -> list[Any]:
    """Every field of a model that holds something of its own, those of the models it extends too."""
    return [*model._meta.concrete_fields, *model._meta.many_to_many]


@cache
def exported_fields(model: type[models.Model]) -> tuple[Any, ...]:
    """A model's fields that stand in an archive, but for its number."""
    return tuple(field for field in all_fields(model) if not why_left_out(model, field.name) and not _is_number(field))


@cache
def drafted_relations(model: type[models.Model]) -> dict[str, tuple[type[models.Model], tuple[Any, ...]]]:
    """What a page's draft holds beside its fields, such as facilitators: by name, the model and its fields."""
    return {
        relation.get_accessor_name(): (
            relation.related_model,
            tuple(field for field in exported_fields(relation.related_model) if field != relation.field),
        )
        for relation in get_all_child_relations(model)
        if relation.related_model._meta.label in archived_models()
    }


def _is_number(field: Any) -> bool:
    """A row's own number means nothing elsewhere; an own UUID means the same everywhere."""
    return bool(field.primary_key) and not isinstance(field, models.UUIDField)


def problems() -> list[str]:
    """What of this site's models is neither in an archive nor left out with a reason. A test wants none."""
    found = []
    archived = archived_models()
    labels = {config.label for config in apps.get_app_configs() if config.name.split(".")[0] in _own_apps()}
    for model in apps.get_models():
        label = model._meta.label
        if model._meta.app_label in labels and label not in archived and label not in LEFT_OUT_MODELS:
            found.append(f"{label}: list it in archives.contents.MODELS, or in LEFT_OUT_MODELS with a reason")
    for label, model in archived.items():
        for field in exported_fields(model):
            related = field.related_model
            if related in (User, ContentType) or (
                isinstance(related, type) and related is not Page and related._meta.label not in archived
            ):
                found.append(f"{label}.{field.name}: points to what no archive holds; give a reason in LEFT_OUT_FIELDS")
    return found


def _own_apps() -> set[str]:
    return {
        *("home", "archives", "wordpress", "news", "briefings", "gathering", "live", "propositions", "discussion"),
        *("events", "people", "content", "realtime"),
    }
