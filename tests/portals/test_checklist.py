"""The checklist as a part of a page, and as one of its own."""

from __future__ import annotations

from tests.portals.signed_in import HOSTILE, alice, charlie, without_postbacks


def test_alice_sees_six_steps_with_evidence_and_what_to_do(world):
    """And a summary to send."""
    row = world.make_postback(name="Keitaro")
    page = alice(world).text(f"/postbacks/{row['id']}/checklist/")
    assert page.count("data-code=") == 6
    assert "of 6 steps are shown to work" in page
    assert f'href="/tester/?postback={row["id"]}"' in page
    assert "<h1>" in page


def test_a_page_takes_it_as_a_part(world):
    """Without the frame around it."""
    row = world.make_postback()
    answer = alice(world).get(f"/postbacks/{row['id']}/checklist/", headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert page.count("data-code=") == 6
    assert "<html" not in page


def test_it_speaks_russian(world):
    """Steps and frame alike."""
    row = world.make_postback()
    page = alice(world, language="ru").text(f"/postbacks/{row['id']}/checklist/")
    assert "Макросы существуют" in page
    assert "steps are shown" not in page


def test_charlies_is_not_alices(world):
    """Her postback does not exist for him; nor for her once she has none."""
    row = world.make_postback(name=HOSTILE)
    assert charlie(world).get(f"/postbacks/{row['id']}/checklist/").status_code == 404
    browser = alice(world)
    assert "<script>alert" not in browser.text(f"/postbacks/{row['id']}/checklist/")
    without_postbacks(world)
    assert browser.get(f"/postbacks/{row['id']}/checklist/").status_code == 403
