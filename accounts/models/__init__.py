from accounts.models.connection import SpotifyApp, SpotifyConnection
from accounts.models.job import Job
from accounts.models.keys import ApiToken
from accounts.models.person import Invitation, Registration, User
from accounts.models.spending import Breaker, BudgetHour, CallCount, Notice

__all__ = [
    "ApiToken",
    "Breaker",
    "BudgetHour",
    "CallCount",
    "Invitation",
    "Job",
    "Notice",
    "Registration",
    "SpotifyApp",
    "SpotifyConnection",
    "User",
]
