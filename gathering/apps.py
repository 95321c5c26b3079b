from django.apps import AppConfig


class GatheringConfig(AppConfig):
    name = "gathering"
