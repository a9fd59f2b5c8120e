"""`manage.py rotate_token_keys`: every stored secret under the newest key of SPOTIFY_TOKEN_KEY."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import SpotifyApp, SpotifyConnection
from accounts.spotify import crypto

SECRETS = (
    (SpotifyApp, ("client_secret_encrypted",)),
    (SpotifyConnection, ("access_token_encrypted", "refresh_token_encrypted")),
)


class Command(BaseCommand):
    help = (
        "Put a new key first in SPOTIFY_TOKEN_KEY (new,old), restart, run this, then drop the old key. "
        "Safe beside running workers, and to repeat."
    )

    def handle(self, *, verbosity: int, **options: Any) -> None:
        done = unreadable = 0
        for model, fields in SECRETS:
            for row in model.objects.order_by("pk").iterator(chunk_size=500):
                for field in fields:
                    sealed = getattr(row, field)
                    try:
                        fresh = crypto.rotate(sealed)
                    except crypto.Unreadable:
                        unreadable += 1
                        continue
                    # Only if nobody wrote a newer secret meanwhile: theirs is under the newest key already.
                    done += (
                        model.objects.filter(pk=row.pk, **{field: sealed})
                        .exclude(**{field: ""})
                        .update(**{field: fresh})
                    )
        if verbosity:
            self.stdout.write(self.style.SUCCESS(f"{done} secrets are under the newest key."))
        if unreadable:
            raise CommandError(
                f"{unreadable} secrets need a key that SPOTIFY_TOKEN_KEY does not hold; left as they are."
            )
