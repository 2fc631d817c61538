"""What is refused, in which order, and what the refusal says."""

from typing import Any

import pytest

from app.calculator.catalog.loader import load
from app.calculator.errors import (
    LONGEST_DETAIL,
    CalculatorError,
    MaterialNotAllowed,
    PartOutsideLimits,
    PriceOnRequest,
    UnknownCatalog,
    ValidationFailed,
)
from app.calculator.pipeline.quote import quote
from app.calculator.pricing.choices import MOST_TOLD
from app.calculator.processes import PROCESSES
from app.contract.pricing import PriceRequest
from tests.factories.parts import make_facts, make_price_request

CATALOG = load()


def refusal(kind: type[CalculatorError], **changes: Any) -> CalculatorError:
    with pytest.raises(kind) as refused:
        quote(make_price_request(**changes), CATALOG)
    return refused.value


class TestChoices:
    @pytest.mark.parametrize(
        ("field", "wish", "allowed"),
        [
            ("service_id", "juggling", "cnc-milling"),
            ("material_id", "unobtainium", "alum_D16"),
            ("material_form", "foam", "hexagon"),
            ("tolerance_id", "1", "IT10"),
            ("finish_id", "3.2", "Ra3.2"),
            ("control_id", "1.0", "control-customer"),
            ("location_id", "location_3", "location_2"),
        ],
    )
    def test_an_unknown_id_is_named_with_the_allowed_ones(self, field: str, wish: str, allowed: str) -> None:
        refused = refusal(ValidationFailed, **{field: wish})

        assert [error.field for error in refused.errors] == [field]
        assert allowed in refused.errors[0].message

    def test_all_unknown_ids_are_named_at_once(self) -> None:
        refused = refusal(ValidationFailed, cover_ids=["gold", "painting"], certificate_ids=["z"])

        assert [error.field for error in refused.errors] == ["cover_ids", "certificate_ids"]

    @pytest.mark.parametrize(
        ("params", "field"),
        [({"colour": "red"}, "params.colour"), ({"n_dimensions": 0}, "params.n_dimensions")],
    )
    def test_a_parameter_the_process_cannot_use_is_named(self, params: dict[str, Any], field: str) -> None:
        refused = refusal(ValidationFailed, params=params)

        assert [error.field for error in refused.errors] == [field]

    def test_an_automatic_service_needs_a_material(self) -> None:
        refused = refusal(ValidationFailed, material_id=None)

        assert [(error.field, error.code) for error in refused.errors] == [("material_id", "missing")]

    def test_the_sentence_says_what_is_wrong_and_not_only_where(self) -> None:
        refused = refusal(ValidationFailed, material_id=None, tolerance_id="IT1")

        assert "material_id: A material is needed; allowed: " in refused.detail
        assert "tolerance_id: Unknown 'IT1'; allowed: IT7, " in refused.detail

    def test_a_sentence_about_many_mistakes_is_cut(self) -> None:
        refused = refusal(ValidationFailed, cover_ids=[f"cover-{number}" for number in range(20)])

        assert "cover-12" in refused.detail
        assert refused.detail.count("Unknown") == MOST_TOLD
        assert len(refused.detail) <= LONGEST_DETAIL

    def test_many_mistakes_make_a_short_refusal(self) -> None:
        refused = refusal(ValidationFailed, params={f"{'p' * 60}{number}": 1 for number in range(30)})

        assert len(refused.errors) == 20

    @pytest.mark.parametrize("service_id", ["welding", "casting", "handing", "other"])
    def test_a_service_without_automatic_price_says_so_before_anything_else(self, service_id: str) -> None:
        wish = PriceRequest(
            service_id=service_id, material_id="unobtainium", tolerance_id="IT1", facts=make_facts(bodies=9)
        )

        with pytest.raises(PriceOnRequest):
            quote(wish, CATALOG)

    def test_another_catalogue_version_is_refused(self) -> None:
        assert CATALOG.version in refusal(UnknownCatalog, catalog_version="old").detail

    def test_the_own_catalogue_version_is_accepted(self) -> None:
        wish = make_price_request(catalog_version=CATALOG.version)

        assert quote(wish, CATALOG).catalog_version == CATALOG.version


class TestMaterials:
    @pytest.mark.parametrize(
        ("service_id", "material_id", "form", "said"),
        [
            ("printing", "alum_D16", None, "cannot work alum_D16"),
            ("cnc-milling", "PA12", None, "cannot work PA12"),
            ("cnc-lathe", "alum_D16", "sheet", "allowed: rod, hexagon"),
            ("cnc-lathe", "alum_AMC", "sheet", "allowed: rod"),
            ("cnc-milling", "alum_AK7pch", None, "no density"),
            ("cnc-milling", "other", None, "no density"),
        ],
    )
    def test_the_process_cannot_use_are_refused(
        self, service_id: str, material_id: str, form: str | None, said: str
    ) -> None:
        wish = {"service_id": service_id, "material_id": material_id, "material_form": form}

        assert said in refusal(MaterialNotAllowed, **wish).detail


class TestParts:
    @pytest.mark.parametrize(
        "changes",
        [
            {"volume_mm3": None, "watertight": False},
            {"volume_mm3": 0},
            {"volume_mm3": -5},
            {"area_mm2": 0},
            {"volume_mm3": 1e300},
            {"volume_mm3": 130_000},
            {"oriented_box_mm": {"x": 0, "y": 50, "z": 25}},
        ],
        ids=str,
    )
    def test_without_a_sure_volume_are_never_priced(self, changes: dict[str, Any]) -> None:
        open_mesh = {
            "code": "open-mesh",
            "severity": "warning",
            "message": "The mesh is open.",
            "fix": "Close it.",
        }

        refused = refusal(PartOutsideLimits, facts=make_facts(findings=[open_mesh], **changes))

        assert [finding.code for finding in refused.findings] == ["open-mesh", "no-sure-volume"]

    def test_with_a_volume_that_is_no_number_are_never_priced(self) -> None:
        facts = make_facts().model_copy(update={"volume_mm3": float("nan")})
        wish = make_price_request(facts=make_facts()).model_copy(update={"facts": facts})

        with pytest.raises(PartOutsideLimits):
            quote(wish, CATALOG)

    def test_too_large_for_every_machine_are_told_which_and_why(self) -> None:
        wish = {"length_mm": 5000, "width_mm": 50, "height_mm": 25}

        finding = refusal(PartOutsideLimits, dimensions=wish).findings[0]

        assert (finding.code, finding.value) == ("no-machine-fits", 5000)
        assert "machine_104" in finding.message

    def test_too_large_for_the_location_are_told_where_they_fit(self) -> None:
        wish = {"diameter_mm": 1000, "length_mm": 2000}

        finding = refusal(PartOutsideLimits, dimensions=wish, service_id="cnc-lathe").findings[0]

        assert finding.fix == "Ask for location_2."

    def test_too_small_to_be_held_are_refused(self) -> None:
        wish = {"length_mm": 100, "width_mm": 50, "height_mm": "0.000001"}

        assert refusal(PartOutsideLimits, dimensions=wish).findings[0].code == "extent-too-small"

    @pytest.mark.parametrize(
        "changes",
        [
            {"dimensions": {"length_mm": 50, "width_mm": 50, "height_mm": 50}},
            {"facts": make_facts((50, 50, 50), volume_mm3=125_000)},
            {"facts": make_facts((100, 50, 25))},
            {"facts": make_facts((100, 25, 25), faces={"plane": 9})},
        ],
        ids=["box", "cube", "flat block", "without round faces"],
    )
    def test_that_are_not_round_cannot_be_turned(self, changes: dict[str, Any]) -> None:
        refused = refusal(PartOutsideLimits, service_id="cnc-lathe", **changes)

        assert refused.findings[0].code == "not-round"

    @pytest.mark.parametrize(
        "facts",
        [
            make_facts((1e17, 1e17, 1e17), volume_mm3=1e17),
            make_facts(area_mm2=1e18),
            make_facts((1e-5, 1e-5, 1e-5)),
        ],
        ids=["vast", "crumpled", "invisible"],
    )
    @pytest.mark.parametrize(
        ("service_id", "material_id"), [("cnc-milling", "alum_D16"), ("printing", "PA12")]
    )
    def test_of_absurd_size_are_refused_in_words(self, facts: Any, service_id: str, material_id: str) -> None:
        wish = {"facts": facts, "service_id": service_id, "material_id": material_id}

        assert refusal(PartOutsideLimits, **wish, quantity=1_000_000).findings

    @pytest.mark.parametrize(
        "service_id",
        sorted(PROCESSES.keys() - {"printing"}),
    )
    @pytest.mark.parametrize("is_measured", [False, True])
    def test_too_small_to_be_held_are_refused_by_every_process(
        self, service_id: str, *, is_measured: bool
    ) -> None:
        size = 0.001
        part: dict[str, Any] = {"dimensions": {f"{side}_mm": size for side in ("length", "width", "height")}}
        if is_measured:
            part = {"facts": make_facts((size, size, size))}

        material_id = next(
            row.id
            for row in CATALOG.materials.values()
            if row.unpriced is None and any(service_id in form.processes for form in row.forms)
        )
        refused = refusal(PartOutsideLimits, service_id=service_id, material_id=material_id, **part)

        assert refused.findings[-1].severity == "error"

    def test_the_largest_part_in_the_largest_quantity_still_has_a_price(self) -> None:
        wish = make_price_request(
            dimensions={"length_mm": 4200, "width_mm": 3200, "height_mm": 1250},
            material_id="steel_14X17H2",
            material_form="sheet",
            quantity=1_000_000,
            params={"n_dimensions": 10_000},
            tolerance_id="IT7",
        )

        answer = quote(wish, CATALOG)

        assert sum(line.amount for line in answer.lines) == answer.total_price
