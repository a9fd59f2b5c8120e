"""ListenBrainz: submitted listens, look-ups, popularity; and its labs under `/listenbrainz/labs`.

Each listener's token is `lb-` and their id; `sandbox-token` belongs to a user `sandbox`.
https://listenbrainz.readthedocs.io/en/latest/users/api/index.html
"""

from vibesite.sandbox import listenbrainz_labs, listenbrainz_listens, listenbrainz_lookup
from vibesite.sandbox.listenbrainz_door import service

__all__ = ["listenbrainz_labs", "listenbrainz_listens", "listenbrainz_lookup", "service"]
