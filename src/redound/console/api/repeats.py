"""Idempotency-Key: a POST that is sent again is answered again, not done again.

The key counts per API key for 24 hours. The same key with another body is refused (422), while the first is
still being worked on too (409). Only successes are kept: a refused POST may be corrected and sent with the
same key. What a POST stores and the answer kept for it are committed together, except for those that wait
for something outside (tests) or take long (files to import), which commit as they go.
"""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone

from redound.console import sealing
from redound.console.accounts.models import RepeatablePost
from redound.console.api.requests import PREFIX
from redound.console.errors import ConflictError, Fault, InvalidError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http.response import HttpResponseBase

    from redound.console.api.requests import ApiRequest

KEPT = timedelta(hours=24)
ABANDONED = timedelta(minutes=2)
"""A POST that was begun so long ago and never finished died with its process: it may be done again."""
MAX_KEY = 255
UPLOADS = f"{PREFIX}imports"
IN_MEMORY = 1024 * 1024
PIECE = 256 * 1024
_KEPT_HEADERS = ("Content-Type", "ETag", "Location")
_SUCCESS = range(200, 300)


def answer(
    request: ApiRequest, get_response: Callable[[ApiRequest], HttpResponseBase], *, waits: bool
) -> HttpResponseBase:
    """Answer a POST with an Idempotency-Key: replayed if it was done before, else done and kept.

    InvalidError for a key that is no key or was used with another body, ConflictError while in progress.
    """
    with _second_reading(request):
        return _answer(request, get_response, waits=waits)


def _answer(
    request: ApiRequest, get_response: Callable[[ApiRequest], HttpResponseBase], *, waits: bool
) -> HttpResponseBase:
    key = request.headers["Idempotency-Key"]
    if not 0 < len(key) <= MAX_KEY or not key.isprintable():
        detail = f"Idempotency-Key must have 1 to {MAX_KEY} printable characters."
        raise InvalidError([Fault("", "bad_idempotency_key", detail)], code="bad_idempotency_key")
    fingerprint = _fingerprint(request)
    post = _begin(request.caller.key_id, key, fingerprint)
    if post.finished_at is not None:
        return _replay(post)
    try:
        if waits:
            response = get_response(request)
            _keep(post, response)
        else:
            with transaction.atomic():
                response = get_response(request)
                _keep(post, response)
                if response.status_code not in _SUCCESS:
                    transaction.set_rollback(True)
    except BaseException:
        _forget(post)
        raise
    if response.status_code not in _SUCCESS:
        _forget(post)
    return response


def _fingerprint(request: ApiRequest) -> str:
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.upload is None:
        digest.update(request.body)
        return digest.hexdigest()
    while piece := request.read(PIECE):
        digest.update(piece)
        request.upload.write(piece)
    request.upload.seek(0)
    return digest.hexdigest()


@contextmanager
def _second_reading(request: ApiRequest) -> Iterator[None]:
    """Keep the body of a file to import for a second reading; all others are small enough for memory."""
    if request.path != UPLOADS:
        yield
        return
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        request.upload = file
        yield


def _begin(key_id: str, key: str, fingerprint: str) -> RepeatablePost:
    """Return a new post to work on, or the finished one; the unique constraint settles who comes first."""
    now = timezone.now()
    RepeatablePost.objects.filter(started_at__lt=now - KEPT).delete()
    mine = RepeatablePost(api_key_id=key_id, idempotency_key=key, fingerprint=fingerprint, started_at=now)
    try:
        with transaction.atomic():
            mine.save(force_insert=True)
    except IntegrityError:
        pass
    else:
        return mine
    found = RepeatablePost.objects.filter(api_key_id=key_id, idempotency_key=key).first()
    if found is None or (found.fingerprint == fingerprint and found.finished_at is None):
        return _take_over(found, now)
    if found.fingerprint != fingerprint:
        detail = "This Idempotency-Key was used with another request. Use a new one for a new request."
        raise InvalidError([Fault("", "idempotency_key_reused", detail)], code="idempotency_key_reused")
    return found


def _take_over(found: RepeatablePost | None, now: object) -> RepeatablePost:
    # Compare-and-set on started_at: of several who find an abandoned post, one takes it.
    if found is not None:
        taken = RepeatablePost.objects.filter(
            pk=found.pk,
            finished_at=None,
            started_at=found.started_at,
            started_at__lt=timezone.now() - ABANDONED,
        ).update(started_at=now)
        if taken:
            return found
    raise ConflictError(
        "idempotency_in_progress",
        "The first request with this Idempotency-Key is still being worked on. Try again shortly.",
        retry_after_seconds=1,
    )


def _keep(post: RepeatablePost, response: HttpResponseBase) -> None:
    if response.status_code not in _SUCCESS or not isinstance(response, HttpResponse):
        return
    kept = {
        "headers": {name: response[name] for name in _KEPT_HEADERS if name in response},
        "body": response.content.decode(),
    }
    post.status = response.status_code
    post.answer = sealing.seal("repeatable_posts", str(post.pk), "answer", orjson.dumps(kept).decode())
    post.finished_at = timezone.now()
    post.save(update_fields=["status", "answer", "finished_at"])


def _forget(post: RepeatablePost) -> None:
    RepeatablePost.objects.filter(pk=post.pk, finished_at=None).delete()


def _replay(post: RepeatablePost) -> HttpResponse:
    kept = orjson.loads(sealing.unseal("repeatable_posts", str(post.pk), "answer", post.answer))
    response = HttpResponse(kept["body"], status=post.status)
    for name, value in kept["headers"].items():
        response[name] = value
    response["Idempotent-Replayed"] = "true"
    return response
