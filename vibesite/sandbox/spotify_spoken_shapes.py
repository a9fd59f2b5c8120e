"""Shows, episodes, audiobooks and chapters as Spotify's JSON objects."""

from __future__ import annotations

from typing import Any

from vibesite.sandbox.spotify_shapes import MARKETS, Shapes


def _markets(shapes: Shapes) -> dict[str, Any]:
    return {"available_markets": MARKETS} if shapes.extended else {}


def _words(name: str) -> dict[str, str]:
    text = f"About {name}."
    return {"description": text, "html_description": f"<p>{text}</p>"}


def show_brief(shapes: Shapes, show: Any) -> dict[str, Any]:
    publisher = {"publisher": show.publisher} if shapes.extended else {}
    return (
        shapes._base("show", show.id)
        | _words(show.name)
        | _markets(shapes)
        | publisher
        | {
            "copyrights": [],
            "explicit": False,
            "images": shapes.images(show.id),
            "is_externally_hosted": False,
            "languages": [show.language],
            "media_type": "audio",
            "name": show.name,
            "total_episodes": len(show.episode_ids),
        }
    )


def episode_brief(shapes: Shapes, episode: Any) -> dict[str, Any]:
    show = shapes.world.find_show(episode.show_id)
    return (
        shapes._base("episode", episode.id)
        | _words(episode.name)
        | {
            "audio_preview_url": None,
            "duration_ms": episode.duration_ms,
            "explicit": False,
            "images": shapes.images(episode.show_id),
            "is_externally_hosted": False,
            "is_playable": True,
            "language": show.language,
            "languages": [show.language],
            "name": episode.name,
            "release_date": episode.release_date,
            "release_date_precision": "day",
            "resume_point": {"fully_played": False, "resume_position_ms": 0},
        }
    )


def episode_full(shapes: Shapes, episode: Any) -> dict[str, Any]:
    return episode_brief(shapes, episode) | {"show": show_brief(shapes, shapes.world.find_show(episode.show_id))}


def audiobook_brief(shapes: Shapes, book: Any) -> dict[str, Any]:
    """Its type is `audiobook`, its URI a show's, as at Spotify."""
    publisher = {"publisher": "Sandbox House"} if shapes.extended else {}
    return (
        shapes._base("audiobook", book.id)
        | _words(book.name)
        | _markets(shapes)
        | publisher
        | {
            "authors": [{"name": book.author}],
            "copyrights": [],
            "edition": "Unabridged",
            "explicit": False,
            "external_urls": {"spotify": f"https://open.spotify.com/show/{book.id}"},
            "images": shapes.images(book.id),
            "languages": ["en"],
            "media_type": "audio",
            "name": book.name,
            "narrators": [{"name": book.author}],
            "total_chapters": len(book.chapter_ids),
            "uri": book.uri,
        }
    )


def chapter_brief(shapes: Shapes, chapter: Any) -> dict[str, Any]:
    book = shapes.world.find_audiobook(chapter.audiobook_id)
    return (
        shapes._base("chapter", chapter.id)
        | _words(chapter.name)
        | _markets(shapes)
        | {
            "audio_preview_url": None,
            "chapter_number": book.chapter_ids.index(chapter.id),
            "duration_ms": chapter.duration_ms,
            "explicit": False,
            "external_urls": {"spotify": f"https://open.spotify.com/episode/{chapter.id}"},
            "images": shapes.images(chapter.audiobook_id),
            "is_playable": True,
            "languages": ["en"],
            "name": chapter.name,
            "release_date": "2021-03-01",
            "release_date_precision": "day",
            "resume_point": {"fully_played": False, "resume_position_ms": 0},
            "type": "episode",
            "uri": chapter.uri,
        }
    )


def chapter_as_episode(shapes: Shapes, chapter: Any) -> dict[str, Any]:
    """As the player tells of one: an episode whose show is the book."""
    book = audiobook_brief(shapes, shapes.world.find_audiobook(chapter.audiobook_id))
    show = {name: value for name, value in book.items() if name not in ("authors", "narrators", "edition")}
    total = show.pop("total_chapters")
    show |= {"type": "show", "is_externally_hosted": False, "total_episodes": total}
    shape = chapter_brief(shapes, chapter)
    return shape | {
        "href": shape["href"].replace("/chapters/", "/episodes/"),
        "is_externally_hosted": False,
        "show": show,
    }


def chapter_full(shapes: Shapes, chapter: Any) -> dict[str, Any]:
    book = shapes.world.find_audiobook(chapter.audiobook_id)
    return chapter_brief(shapes, chapter) | {"audiobook": audiobook_brief(shapes, book)}
