from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies.base import BasePermissionPolicy
from wagtail.permissions import register_permission_policy
from wagtail.snippets.views.chooser import ChooseResultsView, ChooseView, SnippetChooserViewSet
from wagtail.snippets.views.snippets import SnippetViewSet

from people import actions
from people.models import Erasure, Person
from people.permissions import is_organiser
from people.personal import NAME_REMOVED
from people.roles import ORGANISERS


class _WithWhatTheyDo:
    """People to choose from: two of one name are told apart by what they do, and nobody who was erased is offered."""

    @property
    def columns(self) -> list[Column]:
        return [*super().columns, Column("affiliation", label="Role and organisation")]  # type: ignore[misc]

    def get_object_list(self) -> QuerySet[Person]:
        return super().get_object_list().exclude(name=NAME_REMOVED)  # type: ignore[misc]


class _ChoosePersonView(_WithWhatTheyDo, ChooseView):
    pass


class _PersonResultsView(_WithWhatTheyDo, ChooseResultsView):
    pass


class PersonChooserViewSet(SnippetChooserViewSet):
    choose_view_class = _ChoosePersonView
    choose_results_view_class = _PersonResultsView


class PersonViewSet(SnippetViewSet):
    """People whom readers may know, in the admin."""

    model = Person
    icon = "user"
    menu_label = "People"
    menu_order = 250
    add_to_admin_menu = True
    list_display = ["name", Column("affiliation", label="Role and organisation"), "user"]
    list_filter = {"organisation": ["icontains"]}
    chooser_viewset_class = PersonChooserViewSet
    copy_view_enabled = False


class _DecisionForm(WagtailAdminModelForm):
    """Writes by the action; the form itself saves nothing."""

    class Meta:
        model = Erasure
        fields = ("decision",)
        widgets = {"decision": forms.Textarea(attrs={"rows": 4})}

    def save(self, commit: bool = True) -> Erasure:
        return actions.decide_about_retained(
            actor=self.for_user, erasure=self.instance, decision=self.cleaned_data["decision"]
        )


class _OrganisersOnly(BasePermissionPolicy):
    """Organisers read and decide. Nobody adds or deletes: the record is what a restore is put right with."""

    def user_has_permission(self, user, action):  # type: ignore[no-untyped-def]
        return action in ("view", "change") and is_organiser(user)

    def user_has_any_permission(self, user, actions):  # type: ignore[no-untyped-def]
        return any(self.user_has_permission(user, action) for action in actions)

    def users_with_any_permission(self, actions):  # type: ignore[no-untyped-def]
        return get_user_model().objects.filter(is_active=True).filter(Q(is_superuser=True) | Q(groups__name=ORGANISERS))


class ErasureViewSet(ModelViewSet):
    """Who was erased, as far as that can be said, and what was left to decide about."""

    model = Erasure
    name = "erasures"
    url_prefix = "erasures"
    icon = "bin"
    menu_label = "Erasures"
    menu_order = 900
    add_to_settings_menu = True
    form_fields = ["decision"]
    inspect_view_enabled = True
    inspect_view_fields = ["erased_at", "by_whom", "changed", "retained", "decision", "decided_at"]
    list_display = [
        "__str__",
        Column("get_by_whom_display", label="Asked by"),
        Column("waiting", label="Waits for a decision"),
        "decided_at",
    ]
    copy_view_enabled = False
    edit_template_name = "people/admin/erasure.html"

    def get_form_class(self, for_update: bool = False) -> type[_DecisionForm]:
        return _DecisionForm


register_permission_policy(Erasure, _OrganisersOnly(Erasure))
