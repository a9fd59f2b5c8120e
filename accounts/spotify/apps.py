from django.apps import AppConfig


class SpotifyConfig(AppConfig):
    name = "accounts.spotify"
    label = "spotify"
    verbose_name = "Spotify"
