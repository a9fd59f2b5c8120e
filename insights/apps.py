from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightsConfig(AppConfig):
    name = "insights"
    verbose_name = "Insights"

    def ready(self) -> None:
        from accounts.actions.depart import on_forget
        from ingest.actions import export_parts
        from insights.actions import forget, forgotten, snapshots

        on_forget(forget.looking_back, forget.WORDS)
        forgotten.register()
        export_parts.add(
            export_parts.Part("snapshots.json", _("Your snapshots, in figures, the oldest first."), snapshots.exported)
        )
