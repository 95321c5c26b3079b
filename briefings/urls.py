from django.urls import path

from briefings import views

app_name = "briefings"

urlpatterns = [
    path("b/<slug:address>/", views.short, name="short"),
    path("b/<slug:address>.pdf", views.printed, name="pdf"),
    path("b/<slug:address>.json", views.data, name="data"),
    path("b/<slug:address>/entries/", views.entries, name="entries"),
    path("admin/briefings/start/<id:event_id>/", views.start, name="start"),
    path("admin/briefings/<id:event_id>/excerpts/", views.excerpts, name="excerpts"),
    path("admin/briefings/<id:page_id>/print/", views.draft_print, name="draft_print"),
]
