"""Which route a request matched, as people write it."""

from starlette.types import Scope

UNMATCHED = "unmatched"


def route_template(scope: Scope) -> str:
    """The whole path with its parameters unfilled, such as ``/api/v1/orders/{order_id}``.

    A route knows only its own end of the path; what routers put before it is read off the request.
    """
    template: str | None = getattr(scope.get("route"), "path_format", None)
    if template is None:
        return UNMATCHED
    filled = template.format(**scope.get("path_params", {}))
    path: str = scope["path"]
    return path.removesuffix(filled) + template if path.endswith(filled) else template
