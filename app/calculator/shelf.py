"""The catalogues at hand: the shipped one, and those that were sent last."""

from collections import OrderedDict
from dataclasses import dataclass

from app.calculator.catalog.catalog import Catalog
from app.calculator.catalog.loader import changed, received
from app.calculator.catalog.reading import CatalogError
from app.calculator.errors import CatalogRefused, UnknownCatalog
from app.calculator.pipeline.quote import public_catalog
from app.contract.catalog import Catalog as PublicCatalog
from app.contract.catalog_rows import CatalogContent, CatalogProposal
from app.contract.problem import FieldError


@dataclass(frozen=True)
class _Kept:
    catalog: Catalog
    public: PublicCatalog


class CatalogShelf:
    """Catalogues by version. The shipped one always stays; of the others the ``most`` asked for last.

    Raises ``CatalogError`` when the shipped one lacks a figure that a process needs.
    """

    def __init__(self, shipped: Catalog, most: int) -> None:
        self._shipped = _Kept(shipped, public_catalog(shipped))
        self._sent: OrderedDict[str, _Kept] = OrderedDict()
        self._most = most

    @property
    def shipped(self) -> CatalogContent:
        """The catalogue that came with this service, with all its rates."""
        return self._shipped.catalog.content

    def get(self, version: str | None) -> Catalog:
        """The catalogue of this version, the shipped one for ``None``; raises ``UnknownCatalog``."""
        return self._find(version).catalog

    def public(self, version: str | None) -> PublicCatalog:
        """What everybody may know of it; raises ``UnknownCatalog``."""
        return self._find(version).public

    def put(self, content: CatalogContent) -> None:
        """Keep a catalogue, and forget the one that was not asked for the longest.

        Raises ``CatalogRefused`` for bad rows, rows of another version, and missing figures.
        """
        try:
            catalog = received(content)
            kept = _Kept(catalog, public_catalog(catalog))
        except CatalogError as error:
            raise refusal(error) from error
        self._sent[content.version] = kept
        while len(self._sent) > self._most:
            self._sent.popitem(last=False)

    def propose(self, proposal: CatalogProposal) -> CatalogContent:
        """The catalogue that changes to another one would make; it is not kept.

        Raises ``UnknownCatalog`` when the other one is not at hand and ``CatalogRefused`` as ``put`` does.
        """
        base = self.get(proposal.base)
        try:
            catalog = changed(base, proposal)
            public_catalog(catalog)
        except CatalogError as error:
            raise refusal(error) from error
        return catalog.content

    def _find(self, version: str | None) -> _Kept:
        if version in {None, self._shipped.catalog.version}:
            return self._shipped
        kept = self._sent.get(str(version))
        if kept is None:
            raise UnknownCatalog("This service does not hold that catalogue; send it and repeat.")
        self._sent.move_to_end(str(version))
        return kept


def refusal(error: CatalogError) -> CatalogRefused:
    """The same faults for the one who sent the catalogue."""
    faults = [
        FieldError(field=fault.where, message=fault.message, code="invalid-row") for fault in error.faults
    ]
    return CatalogRefused(f"The catalogue cannot be used. {error.faults[0]}", errors=faults)
