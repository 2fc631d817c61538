"""Settings of the calculator: environment variables ``MILLWRIGHT_CALCULATOR__NAME``."""

from ipaddress import ip_address
from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.contract.settings import CALCULATOR_PREFIX

MEBIBYTE = 2**20


class CalculatorSettings(BaseSettings):
    """Where the calculator listens and how much a part may cost it.

    ``memory_bytes`` is what one child may take beyond the imported kernel; ``queue`` is how many parts may
    wait for a child before the service answers that it is busy. ``cached_catalogs`` are kept besides the
    shipped one; any other is sent again by whoever needs it.
    """

    model_config = SettingsConfigDict(
        env_prefix=CALCULATOR_PREFIX,
        env_file=".env",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 7000
    secret: SecretStr | None = None
    max_file_bytes: Annotated[int, Field(gt=0)] = 250 * MEBIBYTE
    children: Annotated[int, Field(ge=1, le=64)] = 2
    queue: Annotated[int, Field(ge=0, le=10_000)] = 16
    wall_seconds: Annotated[float, Field(gt=0, le=3_600)] = 30.0
    cpu_seconds: Annotated[int, Field(ge=1, le=3_600)] = 30
    memory_bytes: Annotated[int, Field(ge=64 * MEBIBYTE)] = 2_048 * MEBIBYTE
    max_triangles: Annotated[int, Field(ge=1)] = 5_000_000
    max_entities: Annotated[int, Field(ge=1)] = 1_000_000
    max_model_bytes: Annotated[int, Field(gt=0)] = 256 * MEBIBYTE
    cached_analyses: Annotated[int, Field(ge=0, le=100_000)] = 256
    cached_catalogs: Annotated[int, Field(ge=2, le=1_000)] = 8

    @model_validator(mode="after")
    def _secret_beyond_loopback(self) -> Self:
        if not is_loopback(self.host) and not (self.secret and self.secret.get_secret_value()):
            message = f"{CALCULATOR_PREFIX}SECRET: a calculator that listens on {self.host} needs a secret"
            raise ValueError(message)
        return self


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
