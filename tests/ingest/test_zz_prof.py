from tests.ingest.test_pull import *
import cProfile,pstats
def test_prof(read, connection, spotify):
    pr=cProfile.Profile(); pr.enable(); read(); pr.disable()
    pstats.Stats(pr).sort_stats('cumtime').print_stats(45)
    print(len(spotify.requests('*')), SourceTrack.objects.count())
