"""Addresses of the discussion. Where the library looks up a name of its own, ours stands under that name.

Not mounted: the library's confirm and mute links, its JSON routes, its approve and delete pages.
"""

from django.urls import path

from content.readers import for_readers
from discussion import follow_views, views
from discussion.feeds import ResponsesFeed, ResponsesRssFeed

urlpatterns = [
    path("post/", views.post_comment, name="comments-post-comment"),
    path("sent/<uuid:pending_id>/", views.sent, name="comments-sent"),
    path("confirm/<str:token>/", views.confirm, name="comments-confirm"),
    path("feed/<id:page_id>/", for_readers(ResponsesFeed()), name="comments-feed"),
    path("feed/<id:page_id>/rss/", for_readers(ResponsesRssFeed()), name="comments-feed-rss"),
    path("follow/<id:page_id>/", follow_views.follow, name="comments-follow"),
    path("follow/<id:page_id>/sent/", follow_views.sent, name="comments-follow-sent"),
    path("follow/confirm/<str:token>/", follow_views.confirm, name="comments-follow-confirm"),
    path("stop/<str:token>/", follow_views.stop, name="comments-stop"),
    path("<id:comment_id>/", views.permalink, name="comments-permalink"),
    path("<id:cid>/reply/", views.reply, name="comments-xtd-reply"),
    path("<id:comment_id>/edit/", views.edit, name="comments-edit"),
    path("<id:comment_id>/withdraw/", views.withdraw, name="comments-withdraw"),
    path("<id:comment_id>/support/", views.support, name="comments-support"),
    path("<id:comment_id>/flag/", views.flag, name="comments-flag"),
    path("<id:comment_id>/flagged/", views.flagged, name="comments-flagged"),
]
