from http.cookies import SimpleCookie

import pytest
from starlette.responses import Response

from app.auth.cookies import COOKIE, RefreshCookie, refuse_foreign_pages
from app.auth.errors import ForeignOrigin


@pytest.mark.parametrize("secure", [True, False])
def test_the_cookie_is_secure_in_production_and_stays_under_the_base_path(*, secure: bool) -> None:
    response = Response()

    RefreshCookie("/shop", secure=secure).put(response, "token", 60)

    (morsel,) = SimpleCookie(response.headers["set-cookie"]).values()
    assert morsel.key == ("__Secure-" + COOKIE if secure else COOKIE)
    assert (morsel.value, morsel["path"], morsel["max-age"]) == ("token", "/shop/api/v1", "60")
    assert bool(morsel["secure"]) is secure


@pytest.mark.parametrize("origin", ["https://shop.example", "HTTPS://Shop.example", "http://localhost:5173"])
def test_configured_pages_may_use_it(origin: str) -> None:
    refuse_foreign_pages(
        {"origin": origin, "host": "api.example"}, ["https://shop.example/", "http://localhost:5173"]
    )


@pytest.mark.parametrize(
    "origin",
    ["http://shop.example", "https://shop.example:8443", "https://x.shop.example", "http://localhost"],
)
def test_pages_nearly_configured_may_not(origin: str) -> None:
    with pytest.raises(ForeignOrigin):
        refuse_foreign_pages(
            {"origin": origin, "host": "api.example"}, ["https://shop.example/", "http://localhost:5173"]
        )


def test_a_request_without_a_host_has_no_page_of_its_own() -> None:
    with pytest.raises(ForeignOrigin):
        refuse_foreign_pages({"origin": "http://millwright.test"}, [])
