from accounts.models.connection import SpotifyApp, SpotifyConnection
from accounts.models.job import Job
from accounts.models.person import Invitation, User
from accounts.models.spending import Breaker, BudgetHour, CallCount, Notice

__all__ = [
    "Breaker",
    "BudgetHour",
    "CallCount",
    "Invitation",
    "Job",
    "Notice",
    "SpotifyApp",
    "SpotifyConnection",
    "User",
]
