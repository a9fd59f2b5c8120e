"""The product's settings, with a bare page beside it to compare with. For `tests/bench/load.py`."""

from vibesite.settings import *  # noqa: F403
from vibesite.settings import STORAGES

STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"  # no collectstatic here
ROOT_URLCONF = "tests.bench.load_urls"
MIDDLEWARE = ["tests.bench.load_urls.bare_first", *MIDDLEWARE]  # noqa: F405
