from django.apps import AppConfig


class VibesiteConfig(AppConfig):
    name = "vibesite"
    verbose_name = "Vibesite"
