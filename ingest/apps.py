from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "ingest"
    verbose_name = "What we know"

    def ready(self) -> None:
        from accounts.actions.connect import on_connected
        from accounts.actions.depart import on_forget
        from accounts.panels import on_panel
        from ingest.actions import forget, welcome
        from ingest.panels import polling

        on_connected(welcome.connected)
        on_forget(forget.listening)
        on_panel(polling)
