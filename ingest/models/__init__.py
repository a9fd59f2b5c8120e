from ingest.models.catalogue import Album, Artist, Recording, Track, TrackArtist, TrackChange
from ingest.models.counting import Counting, HiddenPlay, ListeningFilter
from ingest.models.exports import HistoryExport
from ingest.models.imports import HistoryImport, ImportFile, SetAside
from ingest.models.knowledge import (
    ArtistTag,
    AskedTrack,
    Asking,
    AudioFeatures,
    BroughtTrack,
    FactAct,
    FactChange,
    Finding,
    ListenerCount,
    LyricsFacts,
    OwnFact,
    ProviderDay,
    ProviderState,
    Tag,
    TrackTag,
    Wanted,
    WantedState,
)
from ingest.models.library import ListRow, NameSearch, SourceTrack, TrackSource
from ingest.models.mending import HandPlay, LogView, MergedPlay
from ingest.models.plays import ColumnsDelta, Gap, Play, PlayLedger, Word
from ingest.models.polling import PollState
from ingest.models.recordings import GroupingState, OwnGrouping, RecordingCandidate, RecordingEvidence, TrackKey
from ingest.models.submissions import ImportMark
from ingest.models.unsure import UnsureTrack

__all__ = [
    "Album",
    "Artist",
    "ArtistTag",
    "AskedTrack",
    "Asking",
    "AudioFeatures",
    "BroughtTrack",
    "ColumnsDelta",
    "Counting",
    "FactAct",
    "FactChange",
    "Finding",
    "Gap",
    "GroupingState",
    "HandPlay",
    "HiddenPlay",
    "HistoryExport",
    "HistoryImport",
    "ImportFile",
    "ImportMark",
    "ListRow",
    "ListenerCount",
    "ListeningFilter",
    "LogView",
    "LyricsFacts",
    "MergedPlay",
    "NameSearch",
    "OwnFact",
    "OwnGrouping",
    "Play",
    "PlayLedger",
    "PollState",
    "ProviderDay",
    "ProviderState",
    "Recording",
    "RecordingCandidate",
    "RecordingEvidence",
    "SetAside",
    "SourceTrack",
    "Tag",
    "Track",
    "TrackArtist",
    "TrackChange",
    "TrackKey",
    "TrackSource",
    "TrackTag",
    "UnsureTrack",
    "Wanted",
    "WantedState",
    "Word",
]
