"""What programs that submit plays keep with us."""

from django.db import models

from accounts.models import User


class ImportMark(models.Model):
    """How far an importer of one person's listens from one service has come. Its own word: we only keep it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False, related_name="import_marks")
    service = models.CharField(max_length=20)  # "lastfm", or what the importer says
    seconds = models.BigIntegerField(default=0)  # since 1970 UTC, of the newest listen it has sent

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "service"], name="one_mark_per_service")]

    def __str__(self) -> str:
        return f"{self.service} of {self.user_id}"
