"""The words with which labels mark a title, in the languages they write them in. Tables only, all folded.

`WORDS` tell a mark alone; `NOUNS` tell one when nothing better does ("Club *Mix*"); `FILLERS` may stand beside either
but tell nothing alone. A segment is a mark only if every word of it is known, or if it fits one of the shapes in
`ingest/cleaning.py`. Japanese has no spaces: `JAPANESE` words are found inside and put into these.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What a mark says of the track. Which of them leave the performance the same is `SAME`."""

    REMASTER = "remaster"
    EDITION = "edition"  # deluxe, anniversary, expanded: of the album
    ORIGINAL = "original"  # "Album Version", "Original Mix": what a title without a mark means too
    EXPLICIT = "explicit"
    CLEAN = "clean"
    BONUS = "bonus"
    FEATURING = "featuring"
    SOUNDTRACK = "soundtrack"
    MONO = "mono"
    STEREO = "stereo"
    LIVE = "live"
    ACOUSTIC = "acoustic"
    INSTRUMENTAL = "instrumental"
    ACAPPELLA = "a cappella"
    DEMO = "demo"
    REMIX = "remix"
    MIX = "mix"
    EDIT = "edit"
    RADIO_EDIT = "radio edit"
    EXTENDED = "extended"
    VERSION = "version"
    RERECORDED = "re-recorded"
    ALTERNATE = "alternate take"
    SPEED = "speed"  # sped up, slowed
    KARAOKE = "karaoke"
    COVER = "cover"


SAME = {
    Kind.REMASTER: True,
    Kind.EDITION: True,
    Kind.ORIGINAL: True,
    Kind.EXPLICIT: True,
    Kind.CLEAN: True,
    Kind.BONUS: True,
    Kind.FEATURING: True,
    Kind.SOUNDTRACK: True,
    Kind.MONO: False,
    Kind.STEREO: False,
    Kind.LIVE: False,
    Kind.ACOUSTIC: False,
    Kind.INSTRUMENTAL: False,
    Kind.ACAPPELLA: False,
    Kind.DEMO: False,
    Kind.REMIX: False,
    Kind.MIX: False,
    Kind.EDIT: False,
    Kind.RADIO_EDIT: False,
    Kind.EXTENDED: False,
    Kind.VERSION: False,
    Kind.RERECORDED: False,
    Kind.ALTERNATE: False,
    Kind.SPEED: False,
    Kind.KARAOKE: False,
    Kind.COVER: False,
}

_WORDS: dict[Kind, str] = {
    Kind.REMASTER: "remaster remastered remasters remastering remastert remasterd remasterizado remasterizada "
    "remasterise remasterisee remasterizzato remasterizzata rimasterizzato rimasterizzata ремастер ремастеринг "
    "ремастированный ремастированная ремастированное ремастерированный",
    Kind.EDITION: "deluxe expanded jubilaumsedition jubilaumsausgabe sonderedition luxusedition делюкс юбилейное",
    Kind.EXPLICIT: "explicit explicito explicita explicite esplicito",
    Kind.CLEAN: "clean censored zensiert censurado censuree цензурная",
    Kind.BONUS: "bonus bonustrack bonustitel bonusreis бонус",
    Kind.MONO: "mono моно",
    Kind.STEREO: "stereo стерео",
    Kind.LIVE: "live unplugged вживую концерт концертная концертное лайв livemitschnitt liveaufnahme",
    Kind.ACOUSTIC: "acoustic acustica acustico acoustique akustik akustisch акустика акустическая акустический",
    Kind.INSTRUMENTAL: "instrumental instrumentale instrumentals strumentale инструментал инструментальная",
    Kind.ACAPPELLA: "acapella acappella акапелла",
    Kind.DEMO: "demo demos demoversion demoaufnahme maqueta maquette демо демоверсия",
    Kind.REMIX: "remix remixed rmx remixe remezcla ремикс",
    Kind.EXTENDED: "extended prolonge estendida extendida",
    Kind.RERECORDED: "rerecorded rerecording neuaufnahme neueinspielung regrabacion regrabada regrabado regravacao "
    "regravada reenregistre reenregistree riregistrata перезапись перезаписанная",
    Kind.ALTERNATE: "alternate alternative outtake",
    Kind.SPEED: "nightcore slowed",
    Kind.KARAOKE: "karaoke караоке",
    Kind.COVER: "cover coverversion кавер",
}
WORDS = {word: kind for kind, words in _WORDS.items() for word in words.split()}

NOUNS = {
    word: kind
    for kind, words in {
        Kind.EDITION: "edition edicion edicao edizione ausgabe издание",
        Kind.REMIX: "remix rmx remixe remezcla rework bootleg refix flip ремикс",
        Kind.MIX: "mix dub микс",
        Kind.EDIT: "edit",
        Kind.VERSION: "version fassung versao versione versiones versions версия",
    }.items()
    for word in words.split()
}

_FILLERS = (
    "the in en em im von de del da di le la el und and et e y digital digitally digitalmente numerique digitale "
    "newly new neu nuevo nueva album lp single original originale recording recorded audio hd hq track tracks titel "
    "song pista faixa brano morceau titre трек anniversary aniversario anniversaire anniversario jubilaum super "
    "special spezial especial speciale speciali speciale limited limitee limitada limitata collector collectors "
    "collector's legacy complete definitive ultimate bit 24 16 content lyrics session take studio "
    "oficial official"
)
FILLERS = frozenset(_FILLERS.split())

# Longest first: "ライブ・バージョン" is two of them. Each stands for words above.
JAPANESE = {
    "デジタル": "digital",
    "リマスタード": "remastered",
    "リマスター": "remastered",
    "リマスタリング": "remastered",
    "デラックス": "deluxe",
    "エディション": "edition",
    "初回限定盤": "limited edition",
    "限定盤": "limited edition",
    "記念盤": "edition",
    "ボーナス": "bonus",
    "トラック": "track",
    "ライブ": "live",
    "ライヴ": "live",
    "アコースティック": "acoustic",
    "インストゥルメンタル": "instrumental",
    "インスト": "instrumental",
    "デモ": "demo",
    "リミックス": "remix",
    "ミックス": "mix",
    "ラジオ": "radio",
    "エディット": "edit",
    "バージョン": "version",
    "ヴァージョン": "version",
    "ステレオ": "stereo",
    "モノラル": "mono",
    "カラオケ": "karaoke",
    "カバー": "cover",
    "再録": "rerecorded",
    "版": "version",
    "年": " ",
}

# Phrases told as one word.
PHRASES = {
    r"\bre-?\s?record": "rerecord",
    r"\bre-?\s?master": "remaster",
    r"\bre-?\s?mix": "remix",
    r"\bre-?\s?enregistr": "reenregistr",
    r"\ba\s?-?\s?cap+ella\b": "acapella",
    r"^from the vaults?$": "bonus",
    r"\ben (vivo|directo|direct|concert|concierto|publico)\b": "live",
    r"\bao vivo\b": "live",
    r"\bdal vivo\b|\bin concerto\b": "live",
    r"\bживое (исполнение|выступление)\b|\bживая (версия|запись)\b": "live",
    r"\b(new|neue) (recording|aufnahme)\b": "rerecorded",
    r"\b(radio|rádio|радио)[\s-]*(edit|mix|version|versión|cut|edicion|edicao|fassung|версия|эдит)\b": "radioedit",
    r"\bversion(e)? (radio|radiofonica)\b|\bversao (de )?radio\b|\bedicion (de )?radio\b": "radioedit",
    r"\b(sped|speed)[\s-]*up\b": "slowed",
    r"\bslowed\s*(down)?\s*([+&]|and)\s*reverb(ed)?\b": "slowed",
    r"\b(\d+)\s*(\"|''|”|″|-?\s?inch(es)?\b)": r"\1inch",
    r"\b\d+\s?(th|st|nd|rd|º|°|ª|e|eme|er)\b": "anniversary",
    r"\b\d+\s?[\.-]?\s?(jahre|years?|ans|anos|anni|aniversario|anniversary|jubilaum|лет)\b": "anniversary",
}

# Words that name whom else is heard; the second kind also means other things, and needs a name after it.
FEATURING = ("feat", "ft", "featuring", "feat by", "participacao de", "part", "при участии", "п у", "уч")
WITH = (
    "with",
    "con",
    "mit",
    "avec",
    "com",
    "com a",
    "duet with",
    "a duet with",
    "duett mit",
    "dueto con",
    "при уч",
    "с",
)

_PLACES = (
    "at from in on @ with during aus bei im vom auf beim a au aux de du d des desde en el no na nos nas em da do al "
    "alla allo all dal в на из с концерта"
)
PLACES = frozenset(_PLACES.split())
_SOUNDTRACKS = (
    "soundtrack motion picture film movie series serie musical netflix disney ost banda sonora trilha sonora colonna "
    "sonora bande originale фильма сериала мультфильма саундтрек"
)
SOUNDTRACKS = frozenset(_SOUNDTRACKS.split())
FROM = ("from", "music from", "aus", "de", "du", "da", "do", "dal", "dalla", "del", "из", "extrait de", "tire de")
