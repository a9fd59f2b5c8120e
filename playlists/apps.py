from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlaylistsConfig(AppConfig):
    name = "playlists"
    verbose_name = "Playlists"

    def ready(self) -> None:
        from accounts.actions.depart import on_forget
        from ingest import own
        from ingest.actions import export_parts
        from playlists.actions import forget, results, rule_sets, rules
        from playlists.rules import fields

        on_forget(rules.forget, forget.WORDS)
        on_forget(forget.playlists, forget.WORDS)
        results.register()
        export_parts.add(
            export_parts.Part("rules.json", _("Your rules, whole; they can be imported again."), rule_sets.of_person)
        )
        own.reserve({*fields.REGISTRY, *fields.ALIASES} - set(own.KNOWN))
