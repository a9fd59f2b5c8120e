from django.apps import AppConfig


class VibesiteConfig(AppConfig):
    name = "vibesite"
    verbose_name = "Vibesite"

    def ready(self) -> None:
        from vibesite import checks  # noqa: F401 - registers them
