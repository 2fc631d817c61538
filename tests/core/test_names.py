import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.names import attachment, clean_name


class TestCleanName:
    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ("part.step", "part.step"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\me\\деталь.stp", "деталь.stp"),
            ("a\x00b\r\n.stl", "ab.stl"),
            ("\u202egnp.exe", "gnp.exe"),
            ("one\u2028two\u2029.stl", "onetwo.stl"),
            ("...", "part"),
            ("", "part"),
            ("   ", "part"),
            ("/", "part"),
            ("name with spaces.STEP", "name with spaces.STEP"),
        ],
    )
    def test_keeps_what_a_person_would_call_the_name(self, sent: str, kept: str) -> None:
        assert clean_name(sent) == kept

    def test_shortens_but_keeps_the_suffix(self) -> None:
        assert clean_name("x" * 400 + ".step") == "x" * 250 + ".step"

    @given(st.text())
    def test_always_gives_a_name_that_fits(self, sent: str) -> None:
        name = clean_name(sent)

        assert 1 <= len(name) <= 255
        assert not {"/", "\\", "\x00", "\n", "\r"} & set(name)


class TestAttachment:
    @given(st.text(alphabet=st.characters(exclude_categories=["C"]), min_size=1))
    def test_is_always_one_ascii_header(self, name: str) -> None:
        header = attachment(name)

        assert header.isascii()
        assert "\n" not in header
        assert header.count('"') == 2

    def test_carries_the_true_name(self) -> None:
        assert attachment('о"k.stl') == "attachment; filename=\"__k.stl\"; filename*=UTF-8''%D0%BE%22k.stl"
