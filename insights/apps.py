from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "insights"
    verbose_name = "Insights"

    def ready(self) -> None:
        from accounts.actions.depart import on_forget
        from insights.actions import forget, forgotten

        on_forget(forget.looking_back)
        forgotten.register()
