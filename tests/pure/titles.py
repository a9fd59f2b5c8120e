"""Titles as Spotify, Last.fm, YouTube and others write them: title | base | marks.

Marks are written `kind`, `kind:detail`, `kind@year` or both, with "; " between; a line without base stays whole.
"""

TABLE = """
Heroes - 2017 Remaster | Heroes | remaster@2017
Heroes - Remastered 2017 | Heroes | remaster@2017
Bohemian Rhapsody - Remastered 2011 | Bohemian Rhapsody | remaster@2011
Under Pressure - 2011 Digital Remaster | Under Pressure | remaster@2011
Come Together - 2009 - Remaster | Come Together | remaster@2009; remaster
Here Comes The Sun - Remastered 2009 | Here Comes The Sun | remaster@2009
Dreams - 2004 Remaster | Dreams | remaster@2004
Dreams (2004 Remaster) | Dreams | remaster@2004
Dreams [Remastered] | Dreams | remaster
Dreams (Remastered Version) | Dreams | remaster
Dreams (2001 Remastered Version) | Dreams | remaster@2001
Dreams – Remastered | Dreams | remaster
Dreams — Digitally Remastered 2001 | Dreams | remaster@2001
Dreams (Re-Mastered) | Dreams | remaster
Dreams (24-bit Remaster) | Dreams | remaster
Dreams (50th Anniversary Remaster) | Dreams | remaster
Dreams - Remastered in 2012 | Dreams | remaster@2012
Wish You Were Here - 2011 Remastered Version | Wish You Were Here | remaster@2011
Bring It On Home - 1990 Remaster | Bring It On Home | remaster@1990
99 Luftballons - Remastert 2019 | 99 Luftballons | remaster@2019
Ne me quitte pas - Remasterisé en 2003 | Ne me quitte pas | remaster@2003
La bohème (Remastérisé) | La bohème | remaster
De música ligera - Remasterizado 2007 | De música ligera | remaster@2007
Garota de Ipanema (Remasterizada) | Garota de Ipanema | remaster
Azzurro - Rimasterizzato 2011 | Azzurro | remaster@2011
Группа крови - Ремастеринг 2018 | Группа крови | remaster@2018
Группа крови (ремастер) | Группа крови | remaster
上を向いて歩こう (2018リマスター) | 上を向いて歩こう | remaster@2018
上を向いて歩こう（リマスター版） | 上を向いて歩こう | remaster
Penny Lane - Remastered 2009 / Mono | Penny Lane | remaster@2009; mono
Love Me Do - Mono / Remastered | Love Me Do | mono; remaster
She Loves You - Mono Version / Remastered 2009 | She Loves You | mono; remaster@2009
God Only Knows - Mono | God Only Knows | mono
God Only Knows (Stereo Mix) | God Only Knows | stereo
God Only Knows - Stereo | God Only Knows | stereo
Wouldn't It Be Nice (Stereo Version) | Wouldn't It Be Nice | stereo
Nothing Else Matters - Remastered 2021 / 30th Anniversary | Nothing Else Matters | remaster@2021
Thriller 25 (Super Deluxe Edition) | Thriller 25 | edition
Nevermind (Deluxe Edition) | Nevermind | edition
Nevermind (Deluxe) | Nevermind | edition
Nevermind [Expanded Edition] | Nevermind | edition
OK Computer (Collector's Edition) | OK Computer | edition:Collector's
Rumours (35th Anniversary Edition) | Rumours | edition:35th Anniversary
Midnights (3am Edition) | Midnights | edition:3am
El mal querer (Edición Deluxe) | El mal querer | edition
Mutter (Jubiläumsedition) | Mutter | edition
Racine carrée (Édition Deluxe) | Racine carrée | edition
Fetenvielfalt (Deluxe-Edition) | Fetenvielfalt | edition
夜明け (初回限定盤) | 夜明け | edition:初回限定盤
夜明け (デラックス・エディション) | 夜明け | edition
Звезда (юбилейное издание) | Звезда | edition:юбилейное
Song 2 - Live | Song 2 | live
Song 2 (Live) | Song 2 | live
Song 2 [Live] | Song 2 | live
Song 2 - Live Version | Song 2 | live
Love of My Life - Live at Wembley Stadium, July 1986 | Love of My Life | live:Live at Wembley Stadium, July 1986@1986
Heroes - Live at Wembley / Remastered 2017 | Heroes | live:Live at Wembley; remaster@2017
Hurricane - Live in Paris / 2019 | Hurricane | live:Live in Paris / 2019@2019
Hallelujah (Live from London) | Hallelujah | live:Live from London
Hallelujah (Live In London) | Hallelujah | live:Live In London
Fix You - Live in Buenos Aires | Fix You | live:Live in Buenos Aires
Layla - Live at MTV Unplugged | Layla | live:Live at MTV Unplugged
Layla - MTV Unplugged | Layla | live:MTV Unplugged
About a Girl - Unplugged | About a Girl | live
About a Girl - Live 1993 | About a Girl | live@1993
About a Girl - Live, 1993 | About a Girl | live@1993
Big Jet Plane - Triple J Live Session | Big Jet Plane | live:Triple J Live Session
Teardrop - BBC Session | Teardrop | live:BBC Session
Teardrop - Spotify Singles | Teardrop | live:Spotify Singles
Creep - Live Acoustic | Creep | live; acoustic
Creep - Recorded Live at Abbey Road | Creep | live:Recorded Live at Abbey Road
Corazón partío - En vivo | Corazón partío | live
Corazón partío (En Directo) | Corazón partío | live
Corazón partío - En Vivo Desde Madrid | Corazón partío | live:En Vivo Desde Madrid
Evidências - Ao Vivo | Evidências | live
Evidências - Ao Vivo em São Paulo | Evidências | live:Ao Vivo em São Paulo
Non, je ne regrette rien (en concert) | Non, je ne regrette rien | live
Les lacs du Connemara - En direct de l'Olympia | Les lacs du Connemara | live:En direct de l'Olympia
Albachiara - dal vivo | Albachiara | live
Albachiara (Dal Vivo a San Siro) | Albachiara | live:Dal Vivo a San Siro
Engel (Live aus Berlin) | Engel | live:Live aus Berlin
Engel - Live im Velodrom | Engel | live:Live im Velodrom
Перемен (концертная версия) | Перемен | live
Перемен - Live в Москве | Перемен | live:Live в Москве
紅蓮華（ライブ・バージョン） | 紅蓮華 | live
紅蓮華 - ライヴ | 紅蓮華 | live
Ignition (Remix) | Ignition | remix
Ignition - Remix | Ignition | remix
Hung Up - SDP Extended Vocal Edit | Hung Up | edit:SDP Extended Vocal
Titanium (feat. Sia) [David Guetta Remix] | Titanium | featuring:Sia; remix:David Guetta
Runaway (U & I) - Svidden & Jarly Remix | Runaway (U & I) | remix:Svidden & Jarly
Innerbloom - What So Not Remix | Innerbloom | remix:What So Not
Cola - Franky Rizardo Remix / Radio Edit | Cola | remix:Franky Rizardo; radio edit
Cola (Club Mix) | Cola | mix:Club
Cola (Original Mix) | Cola | original
Cola - Extended Mix | Cola | extended
Cola (Dub Mix) | Cola | mix
Around the World - Radio Edit | Around the World | radio edit
Around the World (Radio Mix) | Around the World | radio edit
Around the World (Radio Version) | Around the World | radio edit
Dragostea din tei - Versione Radio | Dragostea din tei | radio edit
Blue Monday - 12" Version | Blue Monday | version:12"
Blue Monday - 12-inch Version | Blue Monday | version:12-inch
Blue Monday - 7" Edit | Blue Monday | edit:7"
Get Lucky (Single Edit) | Get Lucky | edit:Single
Africa - Single Version | Africa | version:Single
Africa - Album Version | Africa | original
Help! - 2018 Mix | Help! | mix:2018@2018
Alors on danse - Version longue | Alors on danse | version:longue
Despacito (Remix) [feat. Justin Bieber] | Despacito | remix; featuring:Justin Bieber
Baila conmigo (Remezcla) | Baila conmigo | remix
Малиновая лада (ремикс) | Малиновая лада | remix
千本桜 (リミックス) | 千本桜 | remix
Layla - Acoustic | Layla | acoustic
Layla (Acoustic Version) | Layla | acoustic
Layla - Piano Version | Layla | version:Piano
La camisa negra (Acústico) | La camisa negra | acoustic
La camisa negra - Versión Acústica | La camisa negra | acoustic
Je veux (version acoustique) | Je veux | acoustic
Haus am See - Akustik Version | Haus am See | acoustic
Песня (акустическая версия) | Песня | acoustic
Lemon (アコースティック・バージョン) | Lemon | acoustic
Alone - Instrumental | Alone | instrumental
Alone (Instrumental Version) | Alone | instrumental
Alone (Strumentale) | Alone | instrumental
Lemon (インストゥルメンタル) | Lemon | instrumental
Alone - A Cappella | Alone | a cappella
Alone (Acapella) | Alone | a cappella
Alone - Demo | Alone | demo
Alone - Demo Version | Alone | demo
Alone - 1987 Demo | Alone | demo@1987
Alone (Rough Demo) | Alone | demo:Rough Demo
Персен (демо) | Персен | demo
Alone - Sped Up | Alone | speed
Alone (Slowed + Reverb) | Alone | speed
Alone - Karaoke Version | Alone | karaoke
Alone (Karaoke Version) [Originally Performed By Heart] | Alone | karaoke; karaoke:Originally Performed By Heart
Alone - Alternate Version | Alone | alternate take
Alone (Explicit) | Alone | explicit
Alone (Clean) | Alone | clean
Alone [Explicit Version] | Alone | explicit
Alone (Bonus Track) | Alone | bonus
Alone - Bonus Track | Alone | bonus
Alone (Bonustrack) | Alone | bonus
Love Story (Taylor’s Version) | Love Story | re-recorded:Taylor’s
Love Story (Taylor's Version) | Love Story | re-recorded:Taylor's
Well (10 Minute Version) (Taylor's Version) [From The Vault] | Well | version:10 Minute; re-recorded:Taylor's; bonus
Africa (Re-Recorded) | Africa | re-recorded
Africa (Rerecorded Version) | Africa | re-recorded
Africa - New Recording | Africa | re-recorded
Major Tom (Neuaufnahme) | Major Tom | re-recorded
Africa - Re-Recorded / Remastered | Africa | re-recorded; remaster
Umbrella (feat. JAY-Z) | Umbrella | featuring:JAY-Z
Umbrella (ft. Jay-Z) | Umbrella | featuring:Jay-Z
Umbrella [Featuring Jay-Z] | Umbrella | featuring:Jay-Z
Umbrella feat. Jay-Z | Umbrella | featuring:Jay-Z
Umbrella ft Jay-Z | Umbrella ft Jay-Z |
Umbrella - feat. Jay-Z | Umbrella | featuring:Jay-Z
September (feat. Earth, Wind & Fire) | September | featuring:Earth, Wind & Fire
Highway (feat. AC/DC) | Highway | featuring:AC/DC
Stay (with Justin Bieber) | Stay | featuring:Justin Bieber
Stay - with Alessia Cara | Stay | featuring:Alessia Cara
Te felicito (con Rauw Alejandro) | Te felicito | featuring:Rauw Alejandro
Sowieso (mit Namika) | Sowieso | featuring:Namika
Ça va ça va (avec Claudio) | Ça va ça va | featuring:Claudio
Modo turbo (part. Anitta) | Modo turbo | featuring:Anitta
Музыка (при участии Zемфиры) | Музыка | featuring:Zемфиры
Numb (feat. JAY-Z) / Encore | Numb / Encore | featuring:JAY-Z
Monster (feat. Rihanna) - Remastered 2015 | Monster | featuring:Rihanna; remaster@2015
Let It Go - From "Frozen"/Soundtrack Version | Let It Go | soundtrack:From "Frozen"; soundtrack:Soundtrack Version
Dance The Night (From Barbie The Album) |
Dance The Night - From "Barbie The Album" | Dance The Night | soundtrack:From "Barbie The Album"
Skyfall (From the Motion Picture "Skyfall") | Skyfall | soundtrack:From the Motion Picture "Skyfall"
Beautiful - Original Motion Picture Soundtrack | Beautiful | soundtrack:Original Motion Picture Soundtrack
Arcade (from the series Arcane) | Arcade | soundtrack:from the series Arcane
Прекрасное далёко (из фильма "Гостья из будущего") | Прекрасное далёко | soundtrack:из фильма "Гостья из будущего"
Live and Let Die |
Live Forever |
Live Is Life |
Ready to Live |
Remix to Ignition |
Remix (I Like The) |
(I Can't Get No) Satisfaction |
(Sittin' On) The Dock of the Bay |
Don't You (Forget About Me) |
Alive |
1989 |
1999 - Edit | 1999 | edit
Demons |
Demo |
Acoustic |
Instrumental |
Clean |
Come Clean |
Explicit |
Deluxe |
Mono No Aware |
Radio/Video |
Radio Ga Ga |
Video Killed the Radio Star |
Bonus Track |
Cover Me |
Under Cover of Darkness |
The Edit |
Mixed Up (In the Mix) |
Stay (With You) |
Me & My (With Love) |
Stuck (with me) |
From Now On (From Me to You) |
I Want It That Way (My Version) |
What a Feeling (Flashdance) |
Concerto in D - II. Allegro |
Peer Gynt Suite No. 1, Op. 46 - I. Morning Mood |
Once in a Lifetime - Part 2 |
Part of Me (Part. 2) |
Interlude (Skit) |
Shine On You Crazy Diamond (Pts. 1-5) |
Wake Me Up When September Ends (Live) | Wake Me Up When September Ends | live
Live - Live | Live | live
??? - Remastered 2001 | ??? | remaster@2001
… (Live) | … | live
(Live) |
Remastered |
Remastered 2009 |
- Live |
Tonight, Tonight |
AC/DC |
Earth, Wind & Fire |
Ft. Worth Blues |
Part-Time Lover |
Édition spéciale |
"Live" |
Live! |
愛 |
Жить |
"""


def rows() -> list[tuple[str, str, str]]:
    """(title, base, marks)."""
    told = [[part.strip() for part in line.split(" | ")] for line in TABLE.strip().replace(" |\n", " | \n").split("\n")]
    return [
        (row[0].removesuffix(" |").strip(), row[1] if len(row) > 2 else "", row[-1] if len(row) > 2 else "")
        for row in told
    ]
