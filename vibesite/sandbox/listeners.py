"""Twelve people who listen, each with a life of their own."""

from __future__ import annotations

from datetime import date

import msgspec

from .chance import base62, hexes


class Slot(msgspec.Struct, frozen=True):
    """A time of day at which somebody tends to listen. Hours are local and may pass 24 for the small hours."""

    name: str
    hour: float
    spread: float  # standard deviation, hours
    minutes: float  # median length
    device: str
    workday: float  # chance on a workday
    weekend: float
    offline: float = 0.0  # chance of the whole session being offline
    mode: str = ""  # a mood of `taste.MODES`; "" is everything they like
    private: float = 0.0  # chance of a private session


class Listener(msgspec.Struct, frozen=True):
    id: str
    account_id: str
    display_name: str | None
    email: str
    about: str
    zone: str
    country: str
    product: str
    born: date  # first local day of history
    birth_date: date
    language: str
    tastes: tuple[tuple[str, float], ...]
    slots: tuple[Slot, ...]
    phone: str = "ios"  # or android
    desk: str = "windows"  # or mac, linux
    dawn: int = 4  # local hour at which their day begins
    skips: float = 0.14  # chance of skipping a track of middling appeal
    shuffles: float = 0.4
    albums: float = 0.2  # share of sessions that play an album through
    loops: float = 0.01  # share of sessions that repeat one track
    spoken: float = 0.0  # share of sessions that are podcasts or audiobooks
    likes: float = 16.0  # a month
    quiet: float = 0.08  # share of days without any music
    curious: float = 1.0  # how quickly new artists come in
    travels: float = 0.0  # long trips a year


def _listener(salt: str, id: str, name: str | None, **rest: object) -> Listener:
    return Listener(
        id=id,
        account_id=base62(salt, "account", id)[-10:],
        display_name=name,
        email=f"{hexes(salt, 'mail', id, size=4)}@listeners.example",
        **rest,  # type: ignore[arg-type]
    )


def _tastes(text: str) -> tuple[tuple[str, float], ...]:
    pairs = (part.rsplit(" ", 1) for part in text.split(","))
    return tuple((name.strip(), float(weight)) for name, weight in pairs)


def cast(salt: str) -> tuple[Listener, ...]:
    """The twelve, always in this order."""
    return (
        _listener(
            salt,
            "mara.commutes",
            "Mara",
            about="Commuter: trains at eight and six, albums, tunnels without signal.",
            zone="Europe/Berlin",
            country="DE",
            product="premium",
            born=date(2018, 3, 5),
            birth_date=date(1991, 6, 2),
            language="de",
            tastes=_tastes("indie rock 3, post-rock 1.5, singer-songwriter 2, techno 1, jazz .7, folk 1"),
            slots=(
                Slot("train in", 7.7, 0.2, 42, "phone", 0.92, 0.05, offline=0.3),
                Slot("desk", 10.4, 0.8, 55, "desktop", 0.55, 0.05, mode="focus"),
                Slot("train home", 17.8, 0.35, 44, "phone", 0.92, 0.1, offline=0.3),
                Slot("evening", 20.4, 1.0, 35, "speaker", 0.35, 0.6),
            ),
            albums=0.35,
            shuffles=0.25,
        ),
        _listener(
            salt,
            "31nightowl7k2qzv5x3hno6wq4u7m",
            "nico after dark",
            about="Night owl: starts at ten, ends at four, falls asleep to it.",
            zone="America/New_York",
            country="US",
            product="premium",
            born=date(2018, 9, 12),
            birth_date=date(1996, 1, 23),
            language="en",
            tastes=_tastes("ambient 2, techno 2, house 1.5, lo-fi 1.5, hip hop 1, r&b 1, city pop .6"),
            slots=(
                Slot("afternoon", 16.0, 1.5, 30, "phone", 0.4, 0.5),
                Slot("late", 22.3, 0.9, 95, "desktop", 0.85, 0.9),
                Slot("small hours", 25.7, 1.0, 110, "phone", 0.7, 0.8, mode="sleep"),
            ),
            dawn=12,
            desk="linux",
            likes=30,
            curious=1.6,
        ),
        _listener(
            salt,
            "gymgus",
            "Gus 💪",
            about="Gym at six, five days a week; loud, fast, shuffled.",
            zone="Europe/London",
            country="GB",
            product="premium",
            born=date(2019, 1, 7),
            birth_date=date(1988, 11, 30),
            language="en",
            tastes=_tastes("metal 2, drum and bass 2.4, hip hop 2, punk 1, techno 1, rock 1"),
            slots=(
                Slot("gym", 6.2, 0.25, 68, "phone", 0.85, 0.45, mode="gym"),
                Slot("drive", 8.3, 0.3, 25, "car", 0.7, 0.2),
                Slot("drive home", 17.2, 0.4, 28, "car", 0.7, 0.2),
                Slot("dinner", 19.5, 0.8, 30, "speaker", 0.3, 0.4),
            ),
            phone="android",
            shuffles=0.85,
            skips=0.22,
        ),
        _listener(
            salt,
            "paloma_y_los_peques",
            "Paloma",
            about="Parent: children's songs in the car and at bedtime, her own music when they sleep.",
            zone="Europe/Madrid",
            country="ES",
            product="family",
            born=date(2017, 5, 20),
            birth_date=date(1985, 4, 9),
            language="es",
            tastes=_tastes("flamenco 2, reggaeton 1, pop 2, singer-songwriter 2, soul 1, mpb 1, fado .5"),
            slots=(
                Slot("breakfast", 7.9, 0.3, 25, "speaker", 0.6, 0.5, mode="children"),
                Slot("school run", 8.9, 0.15, 18, "car", 0.8, 0.05, mode="children"),
                Slot("pick-up", 16.9, 0.2, 22, "car", 0.8, 0.15, mode="children"),
                Slot("bedtime", 20.6, 0.3, 28, "speaker", 0.7, 0.7, mode="lullaby"),
                Slot("at last", 22.0, 0.5, 50, "tablet", 0.5, 0.6),
            ),
            loops=0.05,
        ),
        _listener(
            salt,
            "zeke-next-next",
            "zeke",
            about="Heavy skipper: decides within seconds, eighty starts a day.",
            zone="America/Los_Angeles",
            country="US",
            product="premium",
            born=date(2020, 2, 2),
            birth_date=date(2003, 8, 14),
            language="en",
            tastes=_tastes("hip hop 3, r&b 1.5, k-pop 1, reggaeton 1, house 1, pop 2"),
            slots=(
                Slot("bus", 7.4, 0.3, 28, "phone", 0.8, 0.1),
                Slot("between classes", 12.2, 1.2, 30, "phone", 0.7, 0.3),
                Slot("afternoon", 16.3, 1.0, 75, "phone", 0.85, 0.85),
                Slot("night", 22.5, 0.8, 60, "desktop", 0.7, 0.75),
            ),
            skips=0.55,
            shuffles=0.8,
            albums=0.04,
            curious=2.2,
            likes=36,
        ),
        _listener(
            salt,
            "linnea.reser",
            "Linnéa på resande fot",
            about="Travels for weeks, twice or thrice a year, and listens in the zone where she is.",
            zone="Europe/Stockholm",
            country="SE",
            product="premium",
            born=date(2017, 12, 1),
            birth_date=date(1993, 12, 12),
            language="sv",
            tastes=_tastes("pop 2, folk 2, city pop 1.5, mpb 1.2, indie rock 1, jazz 1, ambient .6"),
            slots=(
                Slot("morning", 8.2, 0.7, 35, "phone", 0.7, 0.6),
                Slot("on the way", 12.9, 2.0, 45, "phone", 0.5, 0.6, offline=0.35),
                Slot("evening", 19.8, 1.2, 50, "phone", 0.6, 0.7),
            ),
            travels=2.4,
        ),
        _listener(
            salt,
            "ananya_sen",
            "অনন্যা / Ananya",
            about="Asia/Kolkata: half-hour offset, film songs, monsoon playlists.",
            zone="Asia/Kolkata",
            country="IN",
            product="premium",
            born=date(2019, 2, 27),
            birth_date=date(1998, 7, 19),
            language="hi",
            tastes=_tastes("bollywood 4, lo-fi 1.2, pop 1.2, r&b .8, classical .5, k-pop .8"),
            slots=(
                Slot("metro", 9.1, 0.3, 38, "phone", 0.8, 0.15, offline=0.2),
                Slot("office", 14.5, 1.2, 50, "web", 0.55, 0.05, mode="focus"),
                Slot("metro home", 18.9, 0.4, 38, "phone", 0.8, 0.2),
                Slot("night", 22.8, 0.7, 40, "phone", 0.5, 0.6),
            ),
            phone="android",
            likes=24,
        ),
        _listener(
            salt,
            "callum.on.the.rock",
            "Callum",
            about="America/St_Johns: half-hour offset with summer time, folk and kitchen parties.",
            zone="America/St_Johns",
            country="CA",
            product="premium",
            born=date(2017, 11, 3),
            birth_date=date(1979, 3, 3),
            language="en",
            tastes=_tastes("folk 3, country 2, rock 2, soul 1, jazz .8, punk .5"),
            slots=(
                Slot("workshop", 9.5, 0.8, 120, "speaker", 0.6, 0.4),
                Slot("truck", 16.6, 0.5, 30, "car", 0.7, 0.4),
                Slot("kitchen", 19.0, 0.9, 60, "speaker", 0.5, 0.75),
            ),
            desk="mac",
            albums=0.4,
            skips=0.08,
            quiet=0.12,
        ),
        _listener(
            salt,
            "31emptyroom5b7jxq2dwlk3ev4yfa",
            None,
            about="An empty account: signed up this month, has not pressed play yet.",
            zone="Europe/Paris",
            country="FR",
            product="free",
            born=date(2026, 11, 2),
            birth_date=date(2001, 10, 10),
            language="fr",
            tastes=(),
            slots=(),
        ),
        _listener(
            salt,
            "igor-tishina",
            "Игорь",
            about="Turns private sessions on at night, and forgets to turn them off.",
            zone="Asia/Almaty",
            country="KZ",
            product="premium",
            born=date(2020, 7, 15),
            birth_date=date(1990, 5, 5),
            language="ru",
            tastes=_tastes(
                "russian rock 3, russian pop 1, ukrainian folk .6, metal 1, techno 1, georgian polyphony .4"
            ),
            slots=(
                Slot("morning", 8.5, 0.5, 40, "phone", 0.7, 0.4, private=0.05),
                Slot("work", 14.0, 1.5, 70, "desktop", 0.7, 0.2, private=0.1),
                Slot("evening", 21.5, 0.8, 50, "phone", 0.6, 0.7, private=0.45),
                Slot("alone", 23.6, 0.5, 45, "phone", 0.4, 0.5, private=0.85),
            ),
            phone="android",
        ),
        _listener(
            salt,
            "ruth.reads.aloud",
            "Ruth",
            about="Podcasts on walks, audiobooks at night, a little music in between.",
            zone="Australia/Sydney",
            country="AU",
            product="duo",
            born=date(2018, 10, 22),
            birth_date=date(1966, 2, 17),
            language="en",
            tastes=_tastes("classical 2, jazz 1.5, singer-songwriter 1, chanson 1, soul 1"),
            slots=(
                Slot("walk", 6.8, 0.4, 50, "phone", 0.8, 0.8, offline=0.25),
                Slot("noon", 12.5, 0.6, 35, "speaker", 0.5, 0.5),
                Slot("garden", 16.0, 1.0, 55, "phone", 0.4, 0.7),
                Slot("bed", 22.0, 0.4, 40, "tablet", 0.8, 0.8),
            ),
            desk="mac",
            spoken=0.62,
            likes=7,
            curious=0.7,
        ),
        _listener(
            salt,
            "seoyeon_on_loop",
            "서연",
            about="Loops: one track for hours, then the next one.",
            zone="Asia/Seoul",
            country="KR",
            product="premium",
            born=date(2021, 2, 1),
            birth_date=date(2005, 9, 27),
            language="ko",
            tastes=_tastes("k-pop 3, j-rock 1.5, lo-fi 1.5, r&b 1, c-pop .8"),
            slots=(
                Slot("study", 9.5, 0.8, 90, "desktop", 0.7, 0.5),
                Slot("study on", 15.0, 1.0, 100, "desktop", 0.7, 0.6),
                Slot("night", 22.2, 0.8, 70, "phone", 0.7, 0.7),
            ),
            loops=0.5,
            likes=18,
        ),
    )
