"""What the API answers when it says no, as its schema tells it: RFC 9457 problem+json, both languages, by field."""

from typing import Any

MEDIA = "application/problem+json"

_TEXT = {"type": "string"}
SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail", "detail_en"],
    "properties": {
        "type": {**_TEXT, "description": "Stable, for programs.", "examples": ["urn:postal:missing_paper"]},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": {**_TEXT, "description": "The sentence in Vietnamese."},
        "detail_en": {**_TEXT, "description": "The sentence in English."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": _TEXT, "detail": _TEXT},
            },
        },
    },
}

_MEANINGS = {
    401: "Nobody is signed in: the token is missing, unknown or too old.",
    403: "The account may not do this here.",
    404: "The code is not known here.",
    409: "The state of the thing does not allow this now.",
    413: "The body is too large.",
    422: "What was sent cannot be done as it stands; `errors` names the fields.",
    429: "Too many tries.",
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the refusals of an operation for the OpenAPI schema."""
    return {status: {"description": _MEANINGS[status], "content": {MEDIA: {"schema": SCHEMA}}} for status in statuses}
