import pytest

from app.core.locale import preferred_language, spoken


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("ru", "ru"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("en;q=0.5, ru;q=0.9", "ru"),
        ("de, ru;q=0.1", "ru"),
        ("de", "en"),
        ("ru;q=0", "en"),
        ("ru;q=nonsense", "en"),
    ],
)
def test_picks_the_best_language(header: str | None, language: str) -> None:
    assert preferred_language(header) == language


def test_says_labels_at_any_depth_in_one_language() -> None:
    document = {
        "label": {"en": "Line", "ru": "Строка"},
        "children": [{"label": {"en": "a", "ru": "б"}}],
        "n": 1,
    }

    assert spoken(document, "ru") == {"label": "Строка", "children": [{"label": "б"}], "n": 1}
