"""Routes that answer a query (GET) and a body (POST) alike: what is asked may be long; nothing is stored."""

from collections.abc import Callable
from typing import TypeVar

from ninja import Query, Router

from redound.console.accounts.callers import Caller
from redound.console.api.requests import ApiRequest
from redound.console.forms import Form, Shape
from redound.console.render import Values

F = TypeVar("F", bound=Form)


def answers(
    router: Router, name: str, form: type[F], shape: type[Shape], answer: Callable[[F, Caller], Values]
) -> None:
    """Add `GET /{name}` and `POST /{name}`, both answered by `answer`, whose docstring they have."""

    def by_query(request: ApiRequest, given: Query[form]) -> Values:  # type: ignore[valid-type]  # read at run time
        return answer(given, request.caller)

    def by_body(request: ApiRequest, given: form) -> Values:  # type: ignore[valid-type]  # as above
        return answer(given, request.caller)

    for method, route in (("get", by_query), ("post", by_body)):
        route.__name__ = f"{method}_{name}"
        route.__doc__ = answer.__doc__
        getattr(router, method)(f"/{name}", response=shape)(route)
