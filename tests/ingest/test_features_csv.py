"""Audio features that somebody kept as a table."""

import io

import pytest
from django.core.management import CommandError, call_command

from ingest.models import AudioFeatures, TrackChange
from tests.factories.ingest import TrackFactory

ID, OTHER = "A" * 22, "B" * 22
TABLE = f"""id,name,Energy,valence,tempo,key
spotify:track:{ID},One,0.8,0.25,121.5,7
{OTHER},Nobody has it,0.5,0.5,100,1
not an id,Broken,0.5,0.5,100,1
{ID[:-1]}C,No numbers,,x,,
"""


@pytest.fixture
def table(tmp_path):
    def write(text):
        path = tmp_path / "features.csv"
        path.write_text(text, encoding="utf-8-sig")
        return path

    return write


def test_a_table_is_taken_with_an_account_of_its_rows(db, table):
    track, by_isrc = TrackFactory(spotify_id=ID), TrackFactory(isrc="GBUM71029604")
    said = io.StringIO()
    for _ in range(2):
        call_command("import_features", str(table(TABLE)), stdout=said)
    assert "4 rows: 1 tracks told, 1 not in the catalogue, 2 without a track or a feature." in said.getvalue()
    found = AudioFeatures.objects.get()
    assert (found.track, found.energy, found.valence, found.tempo_bpm, found.key) == (track, 0.8, 0.25, 121.5, 7)
    assert found.sources["energy"] == "csv"
    assert TrackChange.objects.filter(track=track, only_sound=True).count() == 1
    call_command("import_features", str(table("isrc,energy\nGB-UM7-10-29604,2\nGBUM71029604,0.4\n")), stdout=said)
    assert AudioFeatures.objects.get(track=by_isrc).energy == 0.4


@pytest.mark.parametrize("text", ["", "name,energy\nOne,0.5\n", "id,name\nx,y\n"])
def test_what_is_no_table_says_what_is_missing(db, table, text):
    with pytest.raises(CommandError, match="a column of id"):
        call_command("import_features", str(table(text)))
