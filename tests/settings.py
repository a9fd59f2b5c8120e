"""The product's own settings, in a folder of its own and deaf to a developer's `.env`, for the tests.

`DATABASE_URL` and `REDIS_URL` are taken from the environment, so the same suite runs on both kinds of server.
"""

import atexit
import os
import shutil
import tempfile

_PASSED_ON = {"DATABASE_URL", "REDIS_URL", "LOG_LEVEL"}
_OURS = ("SPOTIFY_", "OPENAI_", "TELEGRAM_", "LASTFM_", "GENIUS_", "LISTENBRAINZ_", "SECRET_KEY", "DEBUG", "EMAIL_URL")

for _name in [name for name in os.environ if name.startswith(_OURS) and name not in _PASSED_ON]:
    del os.environ[_name]
os.environ["ENV_FILE"] = os.devnull
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="vibesite-test-")  # one per process, also under xdist
atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)

from vibesite.settings import *  # noqa: E402, F403
from vibesite.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast; nothing secret here
STATIC_ROOT = f"{os.environ['VAR_DIR']}/static"
os.mkdir(STATIC_ROOT)  # or whitenoise warns about it in every test
WHITENOISE_AUTOREFRESH = True  # look for a file when it is asked for; else each test's client lists all of them first
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in life: in memory, threads share one cache, and its table locks know no waiting.
    DATABASES["default"]["TEST"] = {"NAME": f"{os.environ['VAR_DIR']}/test.sqlite3"}
# The live server has a thread for each caller: one that kept its connection would keep the test's database from going.
DATABASES["default"]["CONN_MAX_AGE"] = 0
