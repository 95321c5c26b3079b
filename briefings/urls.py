from django.urls import path, register_converter

from briefings import feeds, views
from briefings.citations import SHORT


class ShortId:
    """The beginning of an id. Longer than any number of a point."""

    regex = rf"[0-9a-f]{{{SHORT}}}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ShortId, "short_id")

app_name = "briefings"

urlpatterns = [
    path("b/<slug:address>/", views.short, name="short"),
    path("b/<slug:address>.pdf", views.printed, name="pdf"),
    path("b/<slug:address>.json", views.data, name="data"),
    path("b/<slug:address>.docx", views.document, name="document"),
    path("b/schema/<int:version>.json", views.schema, name="schema"),
    path("b/<slug:address>.<int:number>/", views.edition, name="edition"),
    path("b/<slug:address>/<short_id:point>/", views.point, name="point"),
    path("b/<slug:address>/<int:number>/", views.position, name="position"),
    path("b/<slug:address>/entries/", views.entries, name="entries"),
    path("b/<slug:address>/follow-ups/", views.follow_ups, name="follow_ups"),
    path("b/<slug:address>/follow-ups/feed/", feeds.BriefingFollowUpsFeed(), name="follow_ups_feed"),
    path("follow-ups/", views.all_follow_ups, name="all_follow_ups"),
    path("follow-ups/feed/", feeds.FollowUpsFeed(), name="all_follow_ups_feed"),
    path("words/objections/", views.objections, name="objections"),
    path("admin/briefings/start/<id:event_id>/", views.start, name="start"),
    path("admin/briefings/<id:event_id>/excerpts/", views.excerpts, name="excerpts"),
    path("admin/briefings/<id:page_id>/checks/", views.checks, name="checks"),
    path("admin/briefings/<id:page_id>/objections/", views.objection_window, name="objection_window"),
    path("admin/briefings/<id:page_id>/print/", views.draft_print, name="draft_print"),
]
