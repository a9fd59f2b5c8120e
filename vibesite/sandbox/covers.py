"""Sleeves, portraits and mosaics as SVG: abstract, in the genre's colours, one for each id. No text, no fonts."""

from __future__ import annotations

import colorsys
import math
import random
from collections.abc import Callable

from .chance import dice
from .genres import GENRES
from .model import Album, Artist, Playlist

SIDE = 640
Paint = Callable[[random.Random, list[str]], str]


def _hex(hue: float, saturation: float, light: float) -> str:
    """Ink on paper: greens are kept dull, or they shout."""
    hue %= 360
    if 85 < hue < 170:
        saturation *= 0.45
    red, green, blue = colorsys.hls_to_rgb(hue / 360, light, saturation)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def palette(chance: random.Random, hue: float) -> list[str]:
    """Five colours around a hue: ground, two neighbours, one opposite, one light."""
    hue += chance.uniform(-22, 22)
    dark = chance.random() < 0.45
    step = chance.choice((20, 32, 48, 165))
    calm = chance.uniform(0.24, 0.52)
    ground = _hex(hue, calm, chance.uniform(0.13, 0.24) if dark else chance.uniform(0.82, 0.91))
    return [
        ground,
        _hex(hue + step, calm + 0.14, chance.uniform(0.46, 0.60) if dark else chance.uniform(0.34, 0.50)),
        _hex(hue - step / 2, calm, 0.70 if dark else 0.62),
        _hex(hue + chance.choice((150, 180, 205)), calm + 0.16, 0.58),
        _hex(hue + 8, 0.32, 0.92 if dark else 0.16),
    ]


def _round(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _circle(x: float, y: float, r: float, paint: str) -> str:
    return f'<circle cx="{_round(x)}" cy="{_round(y)}" r="{_round(r)}" {paint}/>'


def suns(chance: random.Random, colours: list[str]) -> str:
    """A large disc over a horizon of hills."""
    drawn = [
        _circle(chance.uniform(200, 440), chance.uniform(170, 330), chance.uniform(90, 170), f'fill="{colours[3]}"')
    ]
    level = 370.0
    for place, colour in enumerate((colours[2], colours[1], colours[4])):
        height = chance.uniform(30, 80)
        middle = chance.uniform(120, 520)
        drawn.append(
            f'<path d="M0 {_round(level)}C{_round(middle - 120)} {_round(level - height)} {_round(middle)} '
            f'{_round(level + height)} 640 {_round(level - height / 2)}V640H0Z" fill="{colour}" '
            f'fill-opacity="{_round(0.75 + place * 0.1)}"/>'
        )
        level += chance.uniform(55, 95)
    return "".join(drawn)


def rings(chance: random.Random, colours: list[str]) -> str:
    """Grooves around a point off the middle."""
    x, y = chance.uniform(120, 520), chance.uniform(120, 520)
    drawn, radius = [], 22.0
    while radius < 620:
        width = chance.choice((3, 6, 14, 26))
        drawn.append(
            _circle(x, y, radius, f'fill="none" stroke="{chance.choice(colours[1:4])}" stroke-width="{width}"')
        )
        radius += width + chance.uniform(8, 30)
    return "".join(drawn) + _circle(x, y, 16, f'fill="{colours[4]}"')


def tiles(chance: random.Random, colours: list[str]) -> str:
    """Quarter circles and squares on a grid, as on mid-century jazz sleeves."""
    count = chance.choice((3, 4, 5, 6))
    side = SIDE / count
    drawn = []
    for cell in range(count * count):
        x, y = cell % count * side, cell // count * side
        colour = chance.choice(colours)
        roll = chance.random()
        if roll < 0.25:
            drawn.append(
                f'<path d="M{_round(x)} {_round(y)}h{_round(side)}v{_round(side)}h-{_round(side)}Z" fill="{colour}"/>'
            )
        elif roll < 0.75:
            turn = chance.randrange(4) * 90
            middle = f"{_round(x + side / 2)} {_round(y + side / 2)}"
            drawn.append(
                f'<path transform="rotate({turn} {middle})" d="M{_round(x)} {_round(y)}h{_round(side)}'
                f'a{_round(side)} {_round(side)} 0 0 1 -{_round(side)} {_round(side)}Z" fill="{colour}"/>'
            )
        elif roll < 0.85:
            drawn.append(_circle(x + side / 2, y + side / 2, side * 0.3, f'fill="{colour}"'))
    return "".join(drawn)


def waves(chance: random.Random, colours: list[str]) -> str:
    """Bands that flow across, each a little out of step with the one before."""
    drawn = []
    count = chance.randrange(5, 10)
    height, length, drift = chance.uniform(24, 70), chance.uniform(180, 420), chance.uniform(0.3, 1.1)
    for band in range(count):
        base = 60 + band * 580 / count
        points = []
        for step in range(33):
            x = step * 20
            points.append(f"{x} {_round(base + height * math.sin(2 * math.pi * x / length + band * drift))}")
        drawn.append(f'<path d="M{"L".join(points)}V640H0Z" fill="{colours[1 + band % 4]}"/>')
    return "".join(drawn)


def bars(chance: random.Random, colours: list[str]) -> str:
    """Upright bands of uneven width, with one of another mind."""
    drawn, x = [], 0.0
    while x < SIDE:
        width = chance.uniform(14, 110)
        band = _round(width + 1)
        drawn.append(f'<path d="M{_round(x)} 0h{band}v640h-{band}Z" fill="{chance.choice(colours[:4])}"/>')
        x += width
    y, height = chance.uniform(180, 420), chance.uniform(16, 70)
    drawn.append(f'<path d="M0 {_round(y)}h640v{_round(height)}H0Z" fill="{colours[4]}"/>')
    return "".join(drawn)


def scatter(chance: random.Random, colours: list[str]) -> str:
    """Confetti that thickens towards a corner."""
    drawn = []
    for _ in range(chance.randrange(60, 140)):
        x, y = 640 * chance.random() ** 1.7, 640 * (1 - chance.random() ** 1.7)
        size = chance.uniform(5, 34) * (1 - (x + 640 - y) / 2200)
        drawn.append(_circle(x, y, size, f'fill="{chance.choice(colours[1:])}" fill-opacity="0.88"'))
    return "".join(drawn)


def shards(chance: random.Random, colours: list[str]) -> str:
    """Triangles around one point, like broken glass."""
    x, y = chance.uniform(200, 440), chance.uniform(200, 440)
    count = chance.randrange(7, 14)
    angles = sorted(chance.uniform(0, 2 * math.pi) for _ in range(count))
    corners = [(x + 900 * math.cos(angle), y + 900 * math.sin(angle)) for angle in angles]
    drawn = []
    for place, (left, top) in enumerate(corners):
        right, low = corners[(place + 1) % count]
        drawn.append(
            f'<path d="M{_round(x)} {_round(y)}L{_round(left)} {_round(top)}L{_round(right)} {_round(low)}Z" '
            f'fill="{colours[place % 4]}"/>'
        )
    return "".join(drawn)


def bloom(chance: random.Random, colours: list[str]) -> str:
    """Petals turned around the middle."""
    petals = chance.choice((5, 6, 8, 12))
    drawn = []
    for layer, size in enumerate((250, 180, 110)):
        for petal in range(petals):
            turn = 360 / petals * (petal + layer / 2)
            drawn.append(
                f'<ellipse cx="320" cy="{320 - size * 0.6:.0f}" rx="{size * 0.28:.0f}" ry="{size * 0.6:.0f}" '
                f'transform="rotate({_round(turn)} 320 320)" fill="{colours[1 + layer]}" fill-opacity="0.8"/>'
            )
    return "".join(drawn) + _circle(320, 320, 30, f'fill="{colours[4]}"')


COMPOSITIONS: tuple[Paint, ...] = (suns, rings, tiles, waves, bars, scatter, shards, bloom, suns, tiles)


def _svg(ground: str, drawn: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" height="{SIDE}">'
        f'<rect width="{SIDE}" height="{SIDE}" fill="{ground}"/>{drawn}</svg>'
    )


def cover(album: Album) -> str:
    """An album's sleeve; those of one act are akin in colour, and often in composition."""
    chance = dice("cover", album.id)
    hue = GENRES[album.genre].hue if album.genre in GENRES else 40
    kin = dice("sleeves", album.artist_ids[0])
    paint = kin.choice(COMPOSITIONS) if chance.random() < 0.45 else chance.choice(COMPOSITIONS)
    colours = palette(chance, hue + kin.uniform(-40, 40))
    return _svg(colours[0], paint(chance, colours))


def portrait(artist: Artist) -> str:
    """A head and shoulders cut from paper."""
    chance = dice("portrait", artist.id)
    hue = GENRES[artist.genres[0]].hue if artist.genres and artist.genres[0] in GENRES else 40
    colours = palette(chance, hue)
    skin = _hex(chance.uniform(18, 34), chance.uniform(0.3, 0.5), chance.uniform(0.28, 0.80))
    x, wide = chance.uniform(290, 350), chance.uniform(92, 124)
    left, right, near, far = (_round(x + side) for side in (-wide - 14, wide + 14, -wide * 0.5, wide * 0.5))
    drawn = [
        _circle(320 + chance.uniform(-90, 90), 270, chance.uniform(200, 270), f'fill="{colours[2]}"'),
        f'<path d="M{_round(x - 230)} 640C{_round(x - 210)} 460 {_round(x - 90)} 430 {_round(x)} 430'
        f'S{_round(x + 210)} 460 {_round(x + 230)} 640Z" fill="{colours[1]}"/>',
        f'<rect x="{_round(x - 42)}" y="330" width="84" height="130" rx="40" fill="{skin}"/>',
        f'<ellipse cx="{_round(x)}" cy="260" rx="{_round(wide)}" ry="{_round(wide * 1.28)}" fill="{skin}"/>',
        f'<path d="M{left} 262C{_round(x - wide - 30)} 60 {_round(x + wide + 30)} 60 {right} 262'
        f'C{far} 170 {near} 170 {left} 262Z" fill="{colours[4]}"/>',
    ]
    return _svg(colours[0], "".join(drawn))


def mosaic(playlist: Playlist) -> str:
    """A playlist's picture: four squares of its own."""
    chance = dice("mosaic", playlist.id)
    drawn = []
    for corner in range(4):
        colours = palette(chance, chance.uniform(0, 360))
        inner = _svg(colours[0], chance.choice(COMPOSITIONS)(chance, colours)).replace(
            "<svg ", f'<svg x="{corner % 2 * 320}" y="{corner // 2 * 320}" ', 1
        )
        drawn.append(inner.replace(f'width="{SIDE}" height="{SIDE}">', 'width="320" height="320">', 1))
    return _svg("#777777", "".join(drawn))
