"""HTML postbacks over the API: Alice writes one, Bob approves it, the operator allows them at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

BODY = '<img src="https://t.example.com/p?cid={sub1}" alt="">'
PIXEL = {"name": "Pixel", "delivery": "html", "body": BODY}


def make_pixel(world, **fields) -> str:
    """Return the path of a new pixel of Alice's."""
    return f"postbacks/{world.alice.make('postbacks', **(PIXEL | fields))['id']}"


def refused(world, **fields) -> list[tuple[str, str]]:
    """Return the places and codes that the refusal of a pixel of Alice's names."""
    answer = world.alice.post("postbacks", PIXEL | fields)
    assert answer.status == 422, answer.json
    return [(error["pointer"], error["code"]) for error in answer.json["errors"]]


def test_a_manager_approves_a_pixel(world):
    """Alice writes it, it waits; Bob approves what he read."""
    path = make_pixel(world)
    assert (world.alice.see(path)["html_approved"], world.alice.see(path)["url"]) == (False, "")
    answer = world.bob.post(f"{path}/approve-html", {"body": BODY})
    assert (answer.status, answer.json["html_approved"]) == (200, True)
    assert world.alice.see(path)["html_approved"] is True


def test_nobody_approves_their_own(world):
    """Alice may write HTML, not show it to visitors; Charlie may not even know of it."""
    path = make_pixel(world)
    for person in (world.alice, world.charlie):
        answer = person.post(f"{path}/approve-html", {"body": BODY})
        assert (answer.status, answer.code) == (403, "managers_only")
    assert world.alice.post("postbacks", PIXEL | {"html_approved": True}).status == 422
    assert world.alice.see(path)["html_approved"] is False


def test_a_change_of_the_html_withdraws_the_approval(world):
    """Also a manager's; a new name does not."""
    path = make_pixel(world)
    for person in (world.alice, world.bob):
        assert world.bob.post(f"{path}/approve-html").json["html_approved"]
        assert world.alice.patch(path, {"name": "renamed", "body": world.alice.see(path)["body"]}).json[
            "html_approved"
        ]
        changed = person.patch(path, {"body": f"<b>{person.name}</b>"})
        assert (changed.status, changed.json["html_approved"]) == (200, False)


def test_what_was_changed_meanwhile_is_not_approved(world):
    """Alice changes the HTML while Bob reads it: his approval names the old one, or its ETag."""
    path = make_pixel(world)
    seen = world.bob.get(path)
    world.alice.patch(path, {"body": "<script>steal()</script>"})
    answer = world.bob.post(f"{path}/approve-html", {"body": seen.json["body"]})
    assert (answer.status, answer.code) == (409, "html_changed")
    assert world.bob.post(f"{path}/approve-html", If_Match=seen.headers["ETag"]).status == 412
    assert world.bob.see(path)["html_approved"] is False


def test_an_approval_is_audited(world):
    """Who allowed what visitors are shown can be told later."""
    from redound.console.accounts.models import AuditEntry

    world.bob.post(f"{make_pixel(world)}/approve-html")
    assert AuditEntry.objects.filter(action="approve_html").count() == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"body": ""}, ("/body", "body_missing")),
        ({"body": "<script>x('{sub1}')</script>"}, ("/body", "macro_in_script")),
        ({"body": "<b>{revenue}</b>"}, ("/body", "macro_not_visible")),
        ({"body": "<b>{subb1}</b>"}, ("/body", "unknown_macro")),
        ({"body": "<b>{sig}</b>"}, ("/body", "bad_signature_macro")),
        ({"body": "<svg></svg>"}, ("/body", "element_not_allowed")),
        ({"url": "https://t.example.com/"}, ("/url", "not_for_pixels")),
        ({"params": [{"name": "a", "value": "b"}]}, ("/params", "not_for_pixels")),
        ({"headers": [{"name": "a", "value": "b"}]}, ("/headers", "not_for_pixels")),
        ({"auth": {"type": "bearer", "token": "t"}}, ("/auth", "not_for_pixels")),
        ({"sign": True}, ("/sign", "not_for_pixels")),
        ({"delay_seconds": 5}, ("/delay_seconds", "not_for_pixels")),
    ],
)
def test_a_pixel_is_its_html_and_nothing_else(world, fields, expected):
    """What could not be shown, or would be ignored, is refused by its place."""
    assert refused(world, **fields)[0] == expected


def test_a_pixel_needs_the_operators_leave_and_an_origin_of_its_own(world):
    """Off unless switched on, and never at the console's address; what is there can still be switched off."""
    from redound.console import runtime

    path = make_pixel(world)
    ours = runtime.settings()
    for changes, code in (
        ({"html_pixels": False}, "pixels_switched_off"),
        ({"tracking_url": ours.base_url}, "pixel_needs_own_origin"),
    ):
        runtime.start(replace(ours, **changes), world.bus)
        assert refused(world) == [("/delivery", code)]
        assert world.alice.patch(path, {"body": "<b>x</b>"}).status == 422
        assert world.alice.patch(path, {"enabled": False}).status == 200


def test_a_pixel_cannot_be_tested_from_here(world):
    """There is no request to send; the answer says what to do."""
    answer = world.alice.post(f"{make_pixel(world)}/test")
    assert (answer.status, answer.code) == (409, "html_not_testable")
    assert "thank-you page" in answer.json["detail"]


def test_only_pixels_have_html_to_approve(world):
    """An S2S postback, and a deleted one."""
    tracker = world.make_postback()["id"]
    answer = world.bob.post(f"postbacks/{tracker}/approve-html")
    assert (answer.status, answer.code) == (409, "not_html")
    path = make_pixel(world)
    assert world.alice.delete(path).status == 204
    assert world.bob.post(f"{path}/approve-html").status == 409


def test_a_postback_without_a_url_is_refused_as_ever(world):
    """Only pixels do without."""
    answer = world.alice.post("postbacks", {"name": "Tracker"})
    assert (answer.status, answer.pointers) == (422, ["/url"])


def test_a_pixel_is_previewed_as_the_browser_would_get_it(world):
    """Its macros filled and escaped; nothing is sent."""
    path = make_pixel(world)
    shown = world.alice.post(f"{path}/preview")
    assert shown.status == 200, shown.json
    assert shown.json["request"]["method"] == "HTML"
    assert shown.json["request"]["body"].startswith('<img src="https://t.example.com/p?cid=')
    assert "{sub1}" not in shown.json["request"]["body"]
    assert world.alice.get("deliveries").ids == []
