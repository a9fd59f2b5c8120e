"""What kind of word a tag is: genre, mood, or just a word; and which say nothing about music. Pure.

Listeners tag freely, so only plain lists tell a genre from a remark. A provider that itself says "genre" is believed.
"""

import re

TAG, GENRE, MOOD = 0, 1, 2  # as `Tag.Kind`
_LONGEST = 80


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(","))


# Whole names; what ends with one of `_FAMILIES` as a word of its own is a genre too ("doom metal", "turkish pop").
_GENRES = _words(
    "a cappella,acid jazz,adult contemporary,afrobeat,afrobeats,ambient,amapiano,americana,anime,avant-garde,bachata,"
    "baroque,big band,bluegrass,blues,bolero,bollywood,boogie,bossa nova,breakbeat,breakcore,britpop,brostep,"
    "cabaret,calypso,celtic,chamber music,chanson,chillout,chillwave,chiptune,choral,classical,club,cloud rap,"
    "contemporary classical,country,crust,cumbia,dance,dancehall,dark wave,darkwave,deathcore,disco,downtempo,"
    "dream pop,drill,drone,drum and bass,drum n bass,dub,dubstep,easy listening,ebm,edm,electro,electroclash,"
    "electronic,electronica,emo,eurodance,exotica,experimental,fado,field recording,flamenco,folk,folktronica,footwork,"
    "forró,freestyle,fusion,gabber,gagaku,garage,glam,glitch,goa,gospel,goth,gothic,gregorian chant,grime,grindcore,"
    "grunge,gypsy jazz,hard bop,hardcore,hardstyle,hip hop,hip-hop,honky tonk,house,hyperpop,idm,impressionism,indie,"
    "indietronica,industrial,instrumental hip hop,italo disco,jangle pop,jazz,jersey club,jungle,klezmer,krautrock,"
    "laiko,latin,lo-fi,lofi,lounge,madchester,mambo,mariachi,math rock,mathcore,medieval,merengue,metal,metalcore,"
    "minimal,minimalism,mizrahi,modern classical,motown,mpb,musical,musique concrète,neo soul,neoclassical,neofolk,"
    "new age,new wave,no wave,noise,nu disco,nu jazz,nu metal,opera,orchestral,plunderphonics,polka,pop,post-hardcore,"
    "post-metal,post-punk,post-rock,power electronics,psytrance,punk,qawwali,r&b,ragga,ragtime,raï,rap,rave,rebetiko,"
    "reggae,reggaeton,renaissance,riddim,rnb,rock,rock and roll,rockabilly,rocksteady,romantic,rumba,salsa,samba,"
    "schlager,screamo,sertanejo,shibuya-kei,shoegaze,singer-songwriter,ska,skiffle,slowcore,sludge,smooth jazz,soca,"
    "son cubano,soul,soundtrack,space rock,spoken word,stoner,surf,swing,synthpop,synthwave,tango,techno,tech house,"
    "third stream,thrash,trance,trap,trip hop,trip-hop,tropicália,turntablism,uk garage,vallenato,vaporwave,"
    "video game music,waltz,witch house,world,zouk,zydeco,city pop,children's music,georgian polyphony,русский рок"
)
_FAMILIES = _words(
    "ambient,blues,country,disco,folk,funk,hardcore,hip hop,house,jazz,metal,music,polyphony,pop,psych,punk,rap,reggae,"
    "rock,soul,step,techno,trance,trap,wave"
)
_MOODS = _words(
    "aggressive,angry,anthemic,atmospheric,beautiful,bittersweet,bleak,bouncy,brooding,calm,calming,cheerful,chill,"
    "cold,cozy,dark,depressing,depressive,dramatic,dreamy,eerie,elegant,emotional,energetic,epic,ethereal,euphoric,"
    "feel good,fun,funny,gentle,gloomy,happy,haunting,heavy,hopeful,hypnotic,intense,intimate,introspective,joyful,"
    "late night,lonely,longing,lush,meditative,melancholic,melancholy,mellow,moody,mysterious,nostalgia,nostalgic,"
    "ominous,party,passionate,peaceful,playful,quiet,raw,rebellious,reflective,relaxed,relaxing,romantic mood,sad,"
    "sensual,sentimental,serene,sexy,sleep,smooth,soft,somber,soothing,spiritual,summer,tender,tense,triumphant,upbeat,"
    "uplifting,warm,weird,whimsical,wistful"
)
_NOISE = _words(
    "seen live,favorites,favourites,favorite,favourite,favorite songs,favourite songs,love,loved,my music,spotify,"
    "awesome,good,great,best,cool,amazing,check out,to listen,under 2000 listeners,all,music,songs,albums i own,i love,"
    "love it,lastfm,heard on pandora,misc,other,owned,radio,single,tracks,various,buy,unknown,want to see live"
)
_SAME = {
    "hip-hop": "hip hop",
    "hiphop": "hip hop",
    "rnb": "r&b",
    "rhythm and blues": "r&b",
    "lofi": "lo-fi",
    "synth pop": "synthpop",
    "synth-pop": "synthpop",
    "trip-hop": "trip hop",
    "post rock": "post-rock",
    "post punk": "post-punk",
    "drum n bass": "drum and bass",
    "drum & bass": "drum and bass",
    "dnb": "drum and bass",
    "dark wave": "darkwave",
    "rock n roll": "rock and roll",
    "electronica": "electronic",
    "melancholy": "melancholic",
    "nostalgia": "nostalgic",
    "relaxed": "relaxing",
    "depressing": "depressive",
}


def name(text: str) -> str:
    """The form in which a tag is kept: lower case, single spaces, one spelling; empty if it says nothing of music."""
    folded = " ".join(text.lower().replace("_", " ").replace("\x00", "").split())
    folded = _SAME.get(folded, folded)
    is_noise = folded in _NOISE or len(folded) > _LONGEST or len(folded) < 2
    return "" if is_noise else folded


def kind(named: str) -> int:
    """TAG, GENRE or MOOD of a `name`."""
    if named in _MOODS:
        return MOOD
    if named in _GENRES or any(named.endswith(f" {family}") for family in _FAMILIES):
        return GENRE
    return GENRE if re.fullmatch(r"\w{1,12}(core|wave|step|hop|-pop|-rock)", named) else TAG


def names(of_kind: int) -> list[str]:
    """All genres or moods that are known by name, in the form in which they are kept."""
    words = {GENRE: _GENRES, MOOD: _MOODS}[of_kind]
    return sorted(kept for kept in {name(word) for word in words} if kept and kind(kept) == of_kind)


def strength(of_kind: int) -> int:
    """Which kind wins where a word is told as several: a genre before a mood before a tag."""
    return (0, 2, 1)[of_kind]
