import pytest

from app.calculator.errors import CadTooComplex, CadUnreadable
from app.calculator.readers.base import ReadLimits
from app.calculator.readers.step_syntax import check_syntax, converted_length_unit, declared_solids

END = b"ENDSEC;END-ISO-10303-21;"


def check(text: bytes, entities: int = 100) -> None:
    check_syntax(b"ISO-10303-21;" + text + END, ReadLimits(max_entities=entities))


def test_ordinary_text_passes() -> None:
    check(b"/* note */#1=CARTESIAN_POINT('(((',(0.,0.,0.));" * 50)


def test_a_file_without_its_end_was_cut() -> None:
    with pytest.raises(CadUnreadable, match="cut"):
        check_syntax(b"ISO-10303-21;#1=POINT();", ReadLimits())


def test_too_many_entities_are_too_complex() -> None:
    with pytest.raises(CadTooComplex):
        check(b"#1=POINT();" * 101)


def test_an_open_comment_is_refused() -> None:
    with pytest.raises(CadUnreadable, match="comment"):
        check(b"#1=POINT();/* never closed ")


def test_a_comment_mark_inside_a_name_is_no_comment() -> None:
    check(b"#1=PRODUCT('C:/*.stp');")


def test_endless_nesting_is_refused() -> None:
    with pytest.raises(CadUnreadable, match="nested"):
        check(b"#1=A" + b"(1," * 600 + b")" * 600 + b";")


def test_parentheses_left_open_in_names_do_not_add_up() -> None:
    check(b"#1=PRODUCT('a (b');" * 90 + b"#2=P('(((((');")


def test_declared_solids_are_counted() -> None:
    assert declared_solids(b"#1= MANIFOLD_SOLID_BREP('',#2);#3=BREP_WITH_VOIDS('',#4,(#5));") == 2


@pytest.mark.parametrize(
    "text",
    [
        b"#9=(CONVERSION_BASED_UNIT('INCH',#8)LENGTH_UNIT()NAMED_UNIT(#7));",
        b"#9=(LENGTH_UNIT() CONVERSION_BASED_UNIT ('INCH',#8) NAMED_UNIT(#7));",
    ],
)
def test_the_unit_of_conversion_is_found(text: bytes) -> None:
    assert converted_length_unit(text) == "inch"


def test_angles_in_degrees_are_no_length() -> None:
    text = b"#9=(CONVERSION_BASED_UNIT('DEGREE',#8)NAMED_UNIT(#7)PLANE_ANGLE_UNIT());"

    assert converted_length_unit(text) is None
