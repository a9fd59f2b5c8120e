from accounts.models.connection import CallCount, SpotifyApp, SpotifyConnection
from accounts.models.job import Job
from accounts.models.person import Invitation, User

__all__ = ["CallCount", "Invitation", "Job", "SpotifyApp", "SpotifyConnection", "User"]
