"""One part, every way to make it: prices side by side, and why the others cannot."""

from typing import Any, Generic

from pydantic import model_validator

from app.contract.base import Finite, Message, Text
from app.contract.pricing import L, PriceOf
from app.contract.problem import Problem


class ComparedOf(Message, Generic[L]):
    """A service with the parameters tried: its price, or the problem it has with the part."""

    service_id: str
    params: dict[str, Any]
    price: PriceOf[L] | None = None
    problem: Problem | None = None

    @model_validator(mode="after")
    def _one_outcome(self) -> "ComparedOf[L]":
        if (self.price is None) == (self.problem is None):
            message = "exactly one of price and problem is needed"
            raise ValueError(message)
        return self


class Comparison(Message):
    """The calculator's answer, in the order of the services."""

    items: tuple[ComparedOf[Text], ...]
    catalog_version: str
    calculator_seconds: Finite
