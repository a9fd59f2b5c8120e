from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IngestConfig(AppConfig):
    name = "ingest"
    verbose_name = "What we know"

    def ready(self) -> None:
        from accounts.actions.connect import on_connected
        from accounts.actions.depart import on_forget
        from accounts.panels import on_panel
        from ingest.actions import export_parts, forget, label, welcome
        from ingest.panels import polling

        on_connected(welcome.connected)
        on_forget(forget.listening, forget.WORDS)
        on_panel(polling)
        words = _("Labels, ratings and corrections that you gave to tracks. Uploaded with the zip they hold again.")
        export_parts.add(export_parts.Part("own-words.json", words, label.of_person))
