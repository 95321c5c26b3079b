"""What the accounts themselves keep about a person: the account, its addresses and devices, and the profile."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from wagtail.models import ReferenceIndex
from wagtail.search import index as search_index

from content.models import Letter, SummitImage
from people.models import Person
from people.personal import NAME_REMOVED, Keeper, Record, Subject, forget_in_log, register


def _person(subject: Subject) -> Person | None:
    return Person.objects.filter(user=subject.user).first() if subject.user else None


def _export_account(subject: Subject) -> list[Record]:
    user = subject.user
    if user is None or not user.is_active:
        return []
    return [
        {
            "email": user.email,
            "name": user.get_full_name(),
            "made": user.date_joined.isoformat(),
            "last signed in": user.last_login.isoformat() if user.last_login else None,
            "roles": sorted(user.groups.values_list("name", flat=True)),
            "addresses": sorted(EmailAddress.objects.filter(user=user).values_list("email", flat=True)),
            "ways to sign in": sorted(one.get_type_display() for one in Authenticator.objects.filter(user=user)),
            "accounts elsewhere": [
                {"at": one.provider, "known there as": one.uid, **one.extra_data.get("userinfo", {})}
                for one in SocialAccount.objects.filter(user=user)
            ],
            "signed in on": [
                {"device": one.user_agent, "since": one.created_at.isoformat()}
                for one in UserSession.objects.filter(user=user)
            ],
        }
    ]


def _erase_account(subject: Subject, remains: str) -> int:
    """The row stays, since what its owner decided as an editor stays signed by somebody; nothing in it tells who."""
    user = subject.user
    if user is None or user.email == f"{remains}@erased.invalid":
        return 0
    sessions = UserSession.objects.filter(user=user)
    Session.objects.filter(session_key__in=list(sessions.values_list("session_key", flat=True))).delete()
    for session in Session.objects.iterator():
        if str(session.get_decoded().get("_auth_user_id")) == str(user.pk):
            session.delete()
    for kept in (sessions, EmailAddress.objects, Authenticator.objects, SocialAccount.objects):
        kept.filter(user=user).delete()
    user.email = f"{remains}@erased.invalid"
    user.first_name = user.last_name = ""
    user.last_login = None
    user.is_active = user.is_staff = user.is_superuser = False
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
    profile = getattr(user, "wagtail_userprofile", None)
    if profile:
        profile.avatar.delete(save=False)
        profile.delete()
    return 1 + forget_in_log([user])


def _export_profile(subject: Subject) -> list[Record]:
    person = _person(subject)
    if person is None:
        return []
    return [
        {
            "name": person.name,
            "role": person.role,
            "organisation": person.organisation,
            "biography": person.biography,
            "portrait": person.portrait.file.url if person.portrait else None,
            "address": person.get_absolute_url(),
        }
    ]


def _erase_profile(subject: Subject, remains: str) -> int:
    """The row stays as well: what a facilitator or an author published stands under it, without a name."""
    person = _person(subject)
    if person is None:
        return 0
    changed = forget_in_log([person])
    portrait = person.portrait
    person.name, person.slug, person.user, person.portrait = NAME_REMOVED, remains, None, None
    person.role = person.organisation = person.biography = ""
    person.save()
    search_index.insert_or_update_object(person)
    if portrait is not None and not _is_used_elsewhere(portrait, person):
        portrait.delete()
    return 1 + changed


def _is_used_elsewhere(portrait: SummitImage, person: Person) -> bool:
    mine = {"base_content_type": ContentType.objects.get_for_model(person), "object_id": str(person.pk)}
    return ReferenceIndex.get_references_to(portrait).exclude(**mine).exists()


def _export_letters(subject: Subject) -> list[Record]:
    return [
        {"to": letter.to, "subject": letter.subject, "written": letter.created_at.isoformat()}
        for letter in Letter.objects.filter(to__in=subject.emails)
    ]


def _erase_letters(subject: Subject, remains: str) -> int:
    return Letter.objects.filter(to__in=subject.emails).delete()[0]


def register_keepers() -> None:
    register(Keeper("account", _export_account, _erase_account), order=10)
    register(Keeper("profile", _export_profile, _erase_profile), order=11)
    register(Keeper("letters on their way", _export_letters, _erase_letters), order=12)
