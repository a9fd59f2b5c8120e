"""What a text is like, by plain words."""

import pytest

from ingest.lyrics import facts


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I walked all night without you and the rain came down on my window", "en"),
        ("Ich gehe ohne dich durch die Nacht und der Regen ist bei mir", "de"),
        ("La nuit est longue sans toi et je suis dans la rue", "fr"),
        ("La noche sin ti no es para mí, yo en la ciudad", "es"),
        ("Ночь над городом, и я не сплю без тебя", "ru"),
        ("Ніч без тебе, і дощ над Дніпром", "uk"),
        ("雨の交差点で君の手紙を読んでいる", "ja"),
        ("月亮代表我的心", "zh"),
        ("너 없는 밤에 비가 내려", "ko"),
        ("Η νύχτα χωρίς εσένα", "el"),
        ("qwrt zxcv bnmp", ""),
        ("", ""),
    ],
)
def test_language(text, language):
    assert facts(text)["language"] == language


def test_themes_words_and_explicit_words():
    told = facts("[00:12.30] Dance, dance, dance till midnight\n[00:15.00] damn the moon, damn this Night's moon")
    assert told == {"language": "en", "words": 12, "themes": ["night", "party"], "explicit_words": 2}


def test_the_text_cannot_be_read_from_its_facts():
    assert "corner" not in str(facts("I stood at the corner where you left me in the rain by the sea"))
