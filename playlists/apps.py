from django.apps import AppConfig


class PlaylistsConfig(AppConfig):
    name = "playlists"
    verbose_name = "Playlists"

    def ready(self) -> None:
        from accounts.actions.depart import on_forget
        from playlists.actions import forget, results, rules

        on_forget(rules.forget)
        on_forget(forget.playlists)
        results.register()
