"""Genres: how they sound, where they are sung, what people tag them with."""

from __future__ import annotations

import msgspec

FEATURES = (
    "acousticness",
    "danceability",
    "energy",
    "instrumentalness",
    "liveness",
    "loudness",
    "speechiness",
    "tempo",
    "valence",
)


class Genre(msgspec.Struct, frozen=True):
    name: str
    share: float  # of the artists, relative
    means: tuple[float, ...]  # in the order of FEATURES
    seconds: int  # of a usual track
    tongues: tuple[str, ...]  # repeated ones are more frequent
    since: int  # the first year
    tags: tuple[str, ...]
    hue: int  # of its covers


def _genre(name: str, share: float, means: str, seconds: int, tongues: str, since: int, tags: str, hue: int) -> Genre:
    numbers = tuple(float(part) for part in means.split())
    return Genre(name, share, numbers, seconds, tuple(tongues.split()), since, tuple(tags.split(",")), hue)


GENRES: dict[str, Genre] = {
    genre.name: genre
    for genre in (
        #                         acou danc ener inst live loud spee tempo vale
        _genre(
            "pop", 9, ".20 .67 .68 .01 .15 -5.5 .07 118 .55", 202, "en en en es fr sv de", 1975, "catchy,radio", 330
        ),
        _genre(
            "indie rock", 9, ".18 .50 .72 .09 .18 -6.6 .05 127 .50", 224, "en en en sv fr pl", 1985, "guitar,indie", 24
        ),
        _genre("rock", 7, ".12 .48 .79 .06 .21 -6.2 .06 126 .51", 238, "en en de es pl", 1962, "guitar,classic", 8),
        _genre("punk", 3, ".05 .44 .91 .04 .24 -4.9 .08 157 .55", 158, "en en de es", 1976, "fast,loud", 355),
        _genre("metal", 4, ".02 .35 .93 .18 .20 -5.1 .09 129 .29", 281, "en en de sv is", 1972, "heavy,dark", 0),
        _genre("hip hop", 7, ".17 .74 .66 .01 .20 -6.4 .23 114 .48", 208, "en en en fr de ko", 1988, "rap,beats", 45),
        _genre("r&b", 4, ".30 .66 .53 .01 .15 -7.2 .09 108 .47", 219, "en en fr", 1980, "smooth,soul", 285),
        _genre("soul", 3, ".42 .61 .55 .03 .18 -8.2 .05 112 .64", 212, "en en", 1961, "warm,vintage", 35),
        _genre(
            "jazz", 4, ".71 .53 .34 .38 .17 -13.1 .05 116 .46", 312, "en en fr ja sv", 1955, "saxophone,late night", 215
        ),
        _genre(
            "classical", 4, ".95 .29 .13 .84 .12 -22.5 .04 103 .20", 331, "de fr en pl ru", 1955, "piano,orchestra", 42
        ),
        _genre("ambient", 3, ".82 .28 .20 .86 .12 -20.1 .04 101 .13", 362, "en is sv ja", 1976, "calm,drone", 190),
        _genre("techno", 4, ".03 .73 .80 .76 .12 -8.7 .06 130 .27", 378, "de en pl", 1989, "club,driving", 265),
        _genre("house", 4, ".05 .79 .77 .48 .13 -7.6 .06 124 .55", 336, "en en fr pt", 1986, "club,groove", 300),
        _genre("drum and bass", 2, ".04 .56 .90 .49 .19 -5.2 .09 174 .36", 301, "en en", 1992, "breaks,fast", 160),
        _genre("lo-fi", 3, ".58 .68 .34 .81 .13 -12.0 .07 84 .42", 138, "en ja ko", 2014, "study,chill", 255),
        _genre(
            "folk", 4, ".79 .50 .34 .05 .14 -11.3 .04 115 .42", 226, "en en sv uk is", 1960, "acoustic,storytelling", 95
        ),
        _genre(
            "singer-songwriter",
            4,
            ".66 .53 .40 .02 .13 -9.6 .04 117 .39",
            229,
            "en en fr de",
            1968,
            "lyrics,intimate",
            75,
        ),
        _genre("country", 3, ".34 .57 .64 .01 .17 -7.0 .04 122 .57", 209, "en", 1958, "twang,roads", 38),
        _genre(
            "post-rock", 2, ".23 .30 .58 .79 .14 -9.5 .04 122 .19", 412, "en is fr", 1994, "crescendo,instrumental", 205
        ),
        _genre("reggaeton", 3, ".19 .77 .74 .01 .16 -4.9 .09 99 .65", 207, "es", 2002, "latin,dance", 15),
        _genre("flamenco", 1, ".75 .52 .48 .06 .21 -8.8 .07 118 .50", 245, "es", 1965, "guitar,duende", 5),
        _genre("mpb", 2, ".61 .58 .48 .04 .18 -9.7 .05 116 .58", 226, "pt", 1965, "brazil,warm", 140),
        _genre("fado", 1, ".89 .41 .26 .03 .15 -11.0 .04 108 .31", 203, "pt", 1958, "lisbon,longing", 230),
        _genre("chanson", 2, ".60 .55 .42 .02 .18 -9.4 .07 117 .45", 212, "fr", 1956, "paris,poetry", 345),
        _genre("russian rock", 3, ".18 .50 .71 .06 .22 -6.8 .05 126 .47", 245, "ru", 1981, "guitar,cyrillic", 220),
        _genre("russian pop", 2, ".20 .66 .69 .01 .17 -6.0 .06 121 .53", 204, "ru", 1979, "catchy,cyrillic", 320),
        _genre("ukrainian folk", 1, ".64 .52 .47 .05 .18 -8.9 .05 118 .50", 221, "uk", 1972, "choir,village", 50),
        _genre("laiko", 1, ".36 .59 .65 .01 .21 -6.9 .05 119 .62", 228, "el", 1961, "bouzouki,greece", 210),
        _genre("j-rock", 3, ".09 .50 .88 .03 .22 -4.3 .07 145 .55", 244, "ja", 1986, "anime,guitar", 350),
        _genre("city pop", 2, ".25 .67 .66 .05 .15 -7.5 .04 114 .74", 259, "ja", 1977, "tokyo,nostalgia", 185),
        _genre("k-pop", 3, ".17 .69 .79 .01 .18 -4.4 .08 122 .62", 199, "ko", 1996, "idol,catchy", 310),
        _genre("c-pop", 2, ".45 .57 .49 .01 .14 -8.0 .04 117 .38", 241, "zh", 1985, "ballad,mandarin", 12),
        _genre("arabic pop", 2, ".33 .64 .65 .02 .19 -6.7 .08 113 .62", 251, "ar", 1970, "oud,cairo", 30),
        _genre("mizrahi", 1, ".29 .64 .70 .01 .20 -5.7 .06 116 .60", 219, "he", 1979, "mediterranean,dance", 200),
        _genre("bollywood", 3, ".43 .63 .62 .02 .17 -7.4 .07 112 .58", 281, "hi", 1962, "film,hindi", 28),
        _genre("anatolian rock", 1, ".34 .53 .63 .12 .20 -8.5 .05 118 .56", 247, "tr", 1967, "psychedelic,saz", 18),
        _genre("thai pop", 1, ".35 .60 .58 .01 .16 -6.8 .04 116 .49", 238, "th", 1990, "bangkok,ballad", 290),
        _genre("v-pop", 1, ".37 .63 .56 .01 .15 -7.1 .06 113 .46", 231, "vi", 1995, "saigon,ballad", 60),
        _genre(
            "georgian polyphony", 0.6, ".93 .30 .22 .04 .22 -14.1 .04 98 .27", 178, "ka", 1962, "choir,ancient", 110
        ),
        _genre(
            "children's music",
            2,
            ".58 .75 .46 .02 .17 -8.4 .10 119 .79",
            121,
            "en de fr es sv",
            1970,
            "kids,sing-along",
            55,
        ),
    )
}
SPREAD = (0.17, 0.11, 0.13, 0.10, 0.09, 2.2, 0.035, 17.0, 0.17)  # of one track around its genre, in FEATURES' units
