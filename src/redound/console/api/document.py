"""What ninja's OpenAPI document lacks: problem documents, and the headers that all routes share."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from ninja import NinjaAPI

if TYPE_CHECKING:
    from ninja.operation import Operation

_TEXT = {"type": "string"}
_FAULT = {
    "type": "object",
    "title": "Fault",
    "description": "One thing that is wrong: a JSON Pointer into the body, or the name of a query parameter.",
    "properties": {"pointer": _TEXT, "parameter": _TEXT, "code": _TEXT, "detail": _TEXT},
    "required": ["code", "detail"],
}
_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "An error (RFC 9457). `code` says which, `detail` what would be right.",
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "code": _TEXT,
        "detail": _TEXT,
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}},
        "request_id": _TEXT,
    },
    "required": ["type", "title", "status", "code", "detail", "errors", "request_id"],
}
_ANSWER = {
    "description": "A problem",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the version that the edit is meant for; another one answers 412.",
    "schema": _TEXT,
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sent again within 24 hours, the POST is answered again and not done again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
_HEADERS = {"post": _IDEMPOTENCY_KEY, "patch": _IF_MATCH, "delete": _IF_MATCH}


class DocumentedApi(NinjaAPI):
    """An API whose document is complete."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return the name of the endpoint, such as list_offers."""
        return str(operation.view_func.__name__)

    def get_openapi_schema(self, **options: Any) -> Any:
        """Return ninja's document with what it lacks."""
        document = super().get_openapi_schema(**options)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas |= {"Fault": copy.deepcopy(_FAULT), "Problem": copy.deepcopy(_PROBLEM)}
        document["paths"] = {
            path.replace("{row_id}", "{id}"): each for path, each in document["paths"].items()
        }
        for path in document["paths"].values():
            for method, operation in path.items():
                for parameter in operation.get("parameters", []):
                    if parameter["name"] == "row_id":
                        parameter |= {"name": "id", "schema": {"type": "string", "title": "ID"}}
                operation["responses"]["default"] = copy.deepcopy(_ANSWER)
                if method in _HEADERS:
                    operation.setdefault("parameters", []).append(copy.deepcopy(_HEADERS[method]))
        return document
