"""One person's shelf: the distinct tracks of their plays, with the catalogue facts that statistics and search ask for.

A derived file per person beside the columns: sorted track ids, and for each the artist, album, length, kind, year,
recording, credits, how it sounds, its genres, how widely it is known, and a line of searchable text. It is read by
memory map (nothing is copied but what is used), learns tracks it has not met from the catalogue, and re-reads those
that `TrackChange` names. Never the truth: deleting it costs one rebuild.
"""

from ingest.shelf.arrays import Shelf
from ingest.shelf.keeping import OVERLAP, group_of, load, of_plays, thin

__all__ = ["OVERLAP", "Shelf", "group_of", "load", "of_plays", "thin"]
