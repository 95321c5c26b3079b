from django.apps import AppConfig
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.urls import register_converter

from content.converters import IdConverter
from content.readers import forget_kept_answers


class ContentConfig(AppConfig):
    name = "content"

    def ready(self) -> None:
        register_converter(IdConverter, "id")
        for signal in (post_save, post_delete, m2m_changed):
            signal.connect(forget_kept_answers, dispatch_uid="content.forget_kept_answers")
