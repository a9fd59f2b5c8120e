from django.apps import AppConfig


class SpotifyConfig(AppConfig):
    name = "accounts.spotify"
    label = "spotify"
    verbose_name = "Spotify"

    def ready(self) -> None:
        from allauth.account.signals import user_logged_in

        from accounts.spotify import checks, views

        checks.register()
        user_logged_in.connect(views.link_after_login, dispatch_uid="vibesite.link_after_login")
