"""What Spotify writes in `platform`: long strings in the old years, one word lately."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from .chance import dice, hexes
from .listeners import Listener

SHORT_SINCE = date(2022, 5, 1)  # when phones began to send one word
IPHONES = ("iPhone8,1", "iPhone9,3", "iPhone10,6", "iPhone12,1", "iPhone13,2", "iPhone14,5")
GALAXIES = ("SM-G920F", "SM-G930F", "SM-G950F", "SM-G970F", "SM-A515F", "SM-S901B")
BEFORE = {  # device → platform in a year, long form
    "web": "web_player windows 10;chrome {browser}.0.{build};desktop",
    "speaker": "Partner sonos_ppc Sonos;Play1",
    "car": "Partner android_tv Bosch;CarUnit",
    "tablet": "iOS {ios} (iPad6,11)",
}
SINCE = {"web": "web_player", "speaker": "cast", "car": "android", "tablet": "ios"}
KINDS = {
    "phone": "Smartphone",
    "desktop": "Computer",
    "web": "Computer",
    "speaker": "Speaker",
    "car": "Automobile",
    "tablet": "Tablet",
}


def platform(listener: Listener, device: str, day: date) -> str:
    """The string of one device on one day; a phone is replaced every third year."""
    year = day.year
    age = max(0, min(5, (year - 2014) // 2))
    if device == "phone":
        if day >= SHORT_SINCE:
            return listener.phone
        if listener.phone == "ios":
            return f"iOS {year - 2006}.{day.month % 5}.{day.day % 3} ({IPHONES[age]})"
        return f"Android OS {year - 2009}.0.0 API {year - 1993} (samsung, {GALAXIES[age]})"
    if device == "desktop":
        if day >= SHORT_SINCE:
            return {"windows": "windows", "mac": "osx", "linux": "linux"}[listener.desk]
        return {
            "windows": f"Windows 10 (10.0.{14393 + (year - 2016) * 900}; x64; AppX)",
            "mac": f"OS X 10.{year - 2004}.6 [x86 8]",
            "linux": "Linux [x86-64 0]",
        }[listener.desk]
    if day >= SHORT_SINCE:
        return SINCE[device]
    return BEFORE[device].format(browser=year * 6 - 12046, build=3000 + (year - 2015) * 310, ios=f"{year - 2006}.1")


def device_name(listener: Listener, device: str) -> str:
    who = (listener.display_name or "My").split(" ")[0]
    return {
        "phone": "iPhone" if listener.phone == "ios" else f"{who}’s Galaxy",
        "desktop": f"{listener.desk.upper()}-{hexes(listener.id, size=3).upper()}",
        "web": "Web Player (Chrome)",
        "speaker": "Kitchen",
        "car": "My Car",
        "tablet": "iPad",
    }[device]


def address(listener: Listener, country: str, day: date) -> str:
    """An IP address out of the ranges kept for documentation; changes every few weeks."""
    return _address(listener.id, country, day.toordinal() // 23)


@lru_cache(maxsize=4096)
def _address(listener_id: str, country: str, weeks: int) -> str:
    chance = dice("address", listener_id, country, weeks)
    return f"{chance.choice(('192.0.2', '198.51.100', '203.0.113'))}.{chance.randrange(1, 255)}"
