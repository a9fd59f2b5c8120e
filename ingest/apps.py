from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "ingest"
    verbose_name = "What we know"

    def ready(self) -> None:
        from accounts.actions.connect import on_connected
        from ingest.actions import welcome

        on_connected(welcome.connected)
