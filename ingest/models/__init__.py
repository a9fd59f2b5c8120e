from ingest.models.catalogue import Album, Artist, Recording, Track, TrackArtist, TrackChange
from ingest.models.imports import HistoryImport, ImportFile, SetAside
from ingest.models.library import SourceTrack, TrackSource
from ingest.models.mending import MergedPlay
from ingest.models.plays import ColumnsDelta, Gap, Play, PlayLedger, Word
from ingest.models.polling import PollState

__all__ = [
    "Album",
    "Artist",
    "ColumnsDelta",
    "Gap",
    "HistoryImport",
    "ImportFile",
    "MergedPlay",
    "Play",
    "PlayLedger",
    "PollState",
    "Recording",
    "SetAside",
    "SourceTrack",
    "Track",
    "TrackArtist",
    "TrackChange",
    "TrackSource",
    "Word",
]
