"""Word stock of the languages written in Latin letters: see `names.Tongue` for what the parts mean."""

from __future__ import annotations

ENGLISH = {
    "given": "Ada,Alice,Beth,Callum,Clara,Dorian,Edie,Elliot,Fern,Gus,Hazel,Imogen,Jonah,June,Kit,Lena,Leo,Mabel,"
    "Marlow,Nell,Orla,Otis,Percy,Quinn,Ray,Ruth,Sadie,Silas,Theo,Una,Vera,Wes,Willa,Zeke",
    "family": "Abernathy,Ashdown,Bellweather,Calder,Crowe,Drummond,Ellery,Fairbairn,Galloway,Hartnell,Holloway,Inskip,"
    "Kestrel,Larkin,Maddox,Merriweather,Nightingale,Okafor,Pemberton,Quill,Rook,Sandoval,Thackeray,Underhill,"
    "Vance,Whitlock,Yarrow,Achebe,O'Sullivan-Day,McAllister",
    "band_a": "Velvet,Paper,Northern,Copper,Silent,Hollow,Electric,Second,Midnight,Golden,Plastic,Wild,Broken,Lunar,"
    "Salt,Winter,Neon,Crooked,Distant,Honest,Magnetic,Quiet,Rusted,Tangerine,Analogue",
    "band_b": "Foxes,Harbour,Machines,Parade,Orchard,Satellites,Kin,Theory,Weekend,Lanterns,Ghosts,Union,Rivers,"
    "Avenue,Choir,Hounds,Cartographers,Radio,Swimmers,Society,Mirrors,Tigers,Postcards,Engines",
    "first": "Harbour Lights,Paper Moon,Second Skin,Glass,Slow Burn,Wildfire,Static,Cold Water,Two Suns,Home,"
    "Blue Hour,Runaway,Heavy Heart,Hometown,Ghost Notes,Marigold,Landslide,Night Bus,Kitchen Floor,Velvet,"
    "Daydream,Echo,Gravity,Letters,Northbound,Cathedral,Summer Job,Silver,Undertow,Matchstick,Polaroid,Halo,"
    "Satellite,Orange Peel,Sleepwalking,Weather,Anchors,Motel,Caroline,Telephone",
    "second": "in the Rain,After Midnight,for Nobody,Again,on the Wire,Without You,at Dawn,of Summer,in Reverse,"
    "Forever,(Don't Wait Up),All Over,Underwater,by the Sea,in Slow Motion,Tonight,Like Before,in My Head,"
    "for the Last Time,on Fire,Between Us,of the Year,(Interlude),Pt. 2,to Nowhere,in B Minor,on Repeat",
    "places": "Red Rocks,the Roundhouse,Glasgow,Wembley,the Village Hall",
}
SPANISH = {
    "given": "Lucía,Mateo,Inés,Joaquín,Ximena,Andrés,Belén,Íñigo,Paloma,Raúl,Sofía,Tomás,Noemí,Iván",
    "family": "Ibáñez,Muñoz,Peñalver,Quiroga,Zúñiga,Cárdenas,Beltrán,Güell,Ordóñez,Vélez,Sepúlveda",
    "band_a": "Los,Las Hijas de,Club,La Familia,Orquesta,Hermanos",
    "band_b": "Luciérnagas,Corazones,Güiro,Mañana,Tranvía,Pájaros,Naranjos,Relámpago,Cañaveral,Ñandú",
    "first": "La Noche,Corazón,Mañana,El Último Tren,Luna,Dímelo,Fuego,Tu Sombra,Sueños,Mi Niña,El Mar,Bésame,"
    "Cenizas,Verano,La Lluvia,Perdón,Camino,Azúcar",
    "second": "sin Ti,en la Ciudad,y Nada Más,de Abril,Otra Vez,a las Tres,bajo el Agua,contigo,en Llamas,"
    "de Medianoche,para Siempre,en el Espejo,por Ahora",
    "places": "Las Ventas,Bogotá,el Teatro Colón",
}
PORTUGUESE = {
    "given": "João,Beatriz,Caetana,Raimundo,Inês,Tomé,Luísa,Antônio,Conceição,Davi",
    "family": "Guimarães,Falcão,Araújo,Brandão,Simões,Magalhães,Conceição,Leão,Vilela",
    "band_a": "Os,Bloco,Trio,Grupo,Banda",
    "band_b": "Saudosos,Maré Alta,Coração,Ladeira,Sabiá,Vento Sul,Açúcar,Manhãs",
    "first": "Saudade,Coração,Manhã,Maré,Chuva,Canção,Lua,Ladeira,Menina,Varanda,Sertão,Amanhã",
    "second": "de Novembro,sem Você,à Beira-Mar,de Ninguém,outra Vez,no Escuro,do Sul,em Lisboa,e Solidão",
    "places": "Coliseu,Salvador",
}
FRENCH = {
    "given": "Éloïse,Théo,Maëlle,Étienne,Anaïs,Gaël,Zoé,Rémi,Noémie,François,Héloïse",
    "family": "Lefèvre,Dumoulin,Bélanger,Châtelain,Garçon,Rivière,Courtois,D'Aubigné,Lacroix,Noël",
    "band_a": "Les,Bureau,Hôtel,La Société des,Café",
    "band_b": "Étoiles,Garçons Perdus,Papillons,Dimanches,Nuages,Fenêtres,Mécaniques,Belles Heures",
    "first": "La Pluie,Nuit Blanche,L'Été,Déjà-vu,Mon Cœur,Les Fenêtres,Rêverie,Paris,Ma Chérie,Le Vent,Métro,Silence",
    "second": "sans Toi,à Minuit,de Septembre,pour Personne,sur le Toit,en Hiver,d'Ailleurs,à l'Envers,quand Même",
    "places": "l'Olympia,Montréal",
}
GERMAN = {
    "given": "Jürgen,Käthe,Björn,Änne,Lothar,Sönke,Grete,Jörg,Ulrike",
    "family": "Müllerthal,Weiß,Schönfeld,Großkopf,Böhmer,Krähenbühl,Lüdtke,Straßner",
    "band_a": "Die,Kollektiv,Kapelle,Verein,Institut",
    "band_b": "Nachtvögel,Fernwärme,Schallplatte,Überflieger,Grünspan,Zwischenräume,Höhenluft",
    "first": "Nachtzug,Fernweh,Großstadt,Zuhause,Wellen,Herzschlag,Lichter,Übermorgen,Stille,Sommerregen,Schwerelos",
    "second": "nach Süden,ohne Dich,im Regen,bis Morgen,für Immer,über den Dächern,bei Nacht,im Kopf",
    "places": "Köln,der Elbphilharmonie",
}
SWEDISH = {
    "given": "Åsa,Björn,Märta,Göran,Linnéa,Örjan,Sölve",
    "family": "Åkerblom,Sjöström,Öberg,Lindqvist,Håkansson,Nyström",
    "band_a": "De,Norra,Södra,Klubb",
    "band_b": "Älvorna,Sommaren,Skärgården,Tystnaden,Fåglarna,Norrsken",
    "first": "Sommarnatt,Hjärta,Snö,Tystnad,Vågor,Längtan,Stjärnor,Hem,Ensam",
    "second": "i Göteborg,utan Dig,om Natten,igen,vid Havet,för Alltid,på Väg",
    "places": "Gröna Lund",
}
ICELANDIC = {
    "given": "Þóra,Ægir,Sólveig,Eyþór,Hrafn,Ásdís,Bergljót",
    "family": "Jónsdóttir,Þorsteinsson,Ragnarsdóttir,Sigurðsson,Ólafsdóttir",
    "band_a": "Hin,Stóra,Litla",
    "band_b": "Þögnin,Norðurljós,Fjöllin,Æðarfuglinn,Hrafntinna",
    "first": "Þögn,Snjór,Norðurljós,Heima,Vetur,Draumur,Ljós,Öldur",
    "second": "yfir Fjörðinn,án Þín,í Myrkri,á Ný,við Sjóinn",
    "places": "Hörpu",
}
POLISH = {
    "given": "Łucja,Żaneta,Wojciech,Małgorzata,Świętosław,Jędrzej,Zośka",
    "family": "Wiśniewska,Dąbrowski,Źrebiec,Krzyżanowska,Żółkiewski,Gołąb",
    "band_a": "Zespół,Klub,Fabryka,Chór",
    "band_b": "Źródło,Świt,Północ,Księżyc,Gwiazdy,Żurawie",
    "first": "Noc,Cisza,Warszawa,Śnieg,Światło,Miłość,Pociąg,Księżyc,Deszcz",
    "second": "bez Ciebie,nad Miastem,o Świcie,na Zawsze,w Październiku,po Drugiej Stronie",
    "places": "Stodoła",
}
TURKISH = {
    "given": "Çağla,Ömer,Gülşen,İlker,Şebnem,Oğuz,Işıl",
    "family": "Yıldız,Çelikkan,Güneş,Öztürkoğlu,Şahinbaş,Ağaoğlu",
    "band_a": "Grup,Yeni,Üç,Küçük",
    "band_b": "Gölge,Işık,Deniz,Rüzgâr,Çınar,Fırtına",
    "first": "Gece,Yağmur,Kalbim,Deniz,Ayrılık,Gözlerin,İstanbul,Şarkı,Rüya",
    "second": "Gibi,Bitmeden,Sensiz,Uzakta,Yeniden,Üşüyor,ve Ben",
    "places": "Harbiye Açıkhava",
}
VIETNAMESE = {
    "given": "Thảo,Dũng,Ngọc Ánh,Hương,Khánh,Mỹ Linh",
    "family": "Nguyễn,Trần,Phạm,Đặng,Lê",
    "band_a": "Nhóm,Ban Nhạc",
    "band_b": "Mưa Hạ,Gió Đông,Bức Tường Xanh,Đường Xa",
    "first": "Mưa,Nắng,Đêm,Sài Gòn,Tình Yêu,Gió",
    "second": "Tháng Sáu,Không Em,Qua Phố,Ngày Ấy,Còn Mãi",
    "places": "Hà Nội",
}
