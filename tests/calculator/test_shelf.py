import pytest

from app.calculator.catalog.loader import changed, load
from app.calculator.errors import CatalogRefused, UnknownCatalog
from app.calculator.shelf import CatalogShelf
from app.contract.catalog_rows import CatalogChanges, CatalogContent, CatalogProposal

SHIPPED = load()


def variant(days: int) -> CatalogContent:
    row = {"table": "cover", "fields": {**SHIPPED.covers["painting"].content(), "days": days}}
    return changed(SHIPPED, CatalogChanges.model_validate({"rows": [row]})).content


class TestGet:
    def test_answers_with_the_shipped_one_unless_another_is_named(self) -> None:
        shelf = CatalogShelf(SHIPPED, 2)

        assert shelf.get(None) is shelf.get(SHIPPED.version) is SHIPPED

    def test_does_not_know_what_was_never_sent(self) -> None:
        with pytest.raises(UnknownCatalog):
            CatalogShelf(SHIPPED, 2).get(variant(5).version)


class TestPut:
    def test_keeps_what_is_asked_for(self) -> None:
        shelf, first, second, third = CatalogShelf(SHIPPED, 2), variant(5), variant(6), variant(7)

        shelf.put(first)
        shelf.put(second)
        shelf.get(first.version)
        shelf.put(third)

        assert shelf.get(first.version).covers["painting"].days == 5
        assert shelf.public(third.version).version == third.version
        with pytest.raises(UnknownCatalog):
            shelf.get(second.version)

    def test_refuses_rows_of_another_version(self) -> None:
        content = variant(5).model_copy(update={"version": "0" * 64})

        with pytest.raises(CatalogRefused, match="these rows are those of"):
            CatalogShelf(SHIPPED, 2).put(content)


class TestPropose:
    def test_refuses_a_catalogue_that_lacks_a_figure_a_process_needs(self) -> None:
        name = {"table": "figure", "key": "printing/clearance_mm"}
        proposal = CatalogProposal.model_validate({"base": SHIPPED.version, "remove": [name]})

        with pytest.raises(CatalogRefused, match="printing/clearance_mm"):
            CatalogShelf(SHIPPED, 2).propose(proposal)

    def test_keeps_nothing(self) -> None:
        shelf = CatalogShelf(SHIPPED, 2)
        name = {"table": "cover", "key": "galvanic"}

        content = shelf.propose(CatalogProposal.model_validate({"base": SHIPPED.version, "remove": [name]}))

        with pytest.raises(UnknownCatalog):
            shelf.get(content.version)
