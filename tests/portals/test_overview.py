"""The affiliate's first page: what fails and why, the last day, and what is left to set up."""

from __future__ import annotations

from html import unescape

from tests.console.traffic import attempt, convert, disable, open_click
from tests.portals.signed_in import HOSTILE, alice, charlie, without_postbacks


def newest_delivery() -> str:
    """Return the ID of the delivery that was owed last."""
    from redound.console.traffic.models import Delivery

    return str(Delivery.objects.order_by("-pk").values_list("pk", flat=True)[0])


def test_a_new_affiliate_is_led_through_the_set_up(world):
    """Nothing is done yet, and every step leads somewhere."""
    page = alice(world).text("/")
    assert "0 / 5" in page
    assert 'href="/postbacks/new/"' in page
    assert 'href="/links/"' in page
    assert "#missing" not in page


def test_what_is_done_is_ticked(world):
    """A postback and a click: two of five."""
    world.make_postback()
    open_click(world)
    assert "2 / 5" in alice(world).text("/")


def test_a_disabled_postback_is_the_first_thing_that_is_seen(world):
    """With its name, escaped, and where to mend it."""
    made = world.make_postback(name=HOSTILE)
    disable(made["id"])
    page = alice(world).text("/")
    assert HOSTILE not in page
    assert f"{HOSTILE} is disabled." in unescape(page)
    assert f'href="/postbacks/{made["id"]}/"' in page


def test_a_failing_one_tells_how_far_it_is(world):
    """Attempts used of those that there are, and the tracker's last answer."""
    from redound.core.deliveries import Health
    from redound.store.plans.steps import Step
    from redound.store.rows import sending
    from tests.console.traffic import perform

    made = world.make_postback(name="Voluum")
    last = '{"status":404,"body":"Click ID not found","error":{"kind":"status","detail":""},"at":1}'
    health = Health(made["id"], "failing", 11, 11, 1, None, None, "", last)
    perform([Step("put_health", sending.health_values(health))])
    page = unescape(alice(world).text("/"))
    assert "Voluum is failing: 11 of 25 attempts used." in page
    assert "The tracker answers 404 “Click ID not found”." in page


def test_own_postbacks_with_their_last_deliveries(world):
    """A strip and the rate; a stranger's page has none of it."""
    world.make_postback(name="Keitaro")
    for status in (200, 404):
        convert(world)
        attempt(newest_delivery(), status=status)
    page = alice(world).text("/")
    assert "1 delivered and 1 failed of the last 2 deliveries" in page
    assert "50 %" in page
    strangers = charlie(world).text("/")
    assert "Keitaro" not in strangers
    assert "No postbacks yet" in strangers


def test_without_postbacks_it_speaks_of_traffic(world):
    """Nothing of postbacks is shown but whom to ask."""
    made = world.make_postback(name="Keitaro")
    disable(made["id"])
    without_postbacks(world)
    page = alice(world).text("/")
    assert "Ask your manager" in page
    assert "Keitaro" not in page
    assert "/postbacks/" not in page


def test_in_russian(world):
    """Every text of the page."""
    page = alice(world, language="ru").text("/")
    for words in (
        "Обзор",
        "С чего начать",
        "Доставки по часам",
        "Ваши постбэки",
        "Почему не удались доставки",
    ):
        assert words in page


def test_a_test_that_got_through_is_ticked(world):
    """Before any real conversion was."""
    from redound.console.traffic.models import Delivery

    made = world.make_postback()
    convert(world)
    browser = alice(world)
    before = browser.text("/")
    Delivery.objects.update(test=True, state="delivered")
    after = browser.text("/")
    assert "2 / 5" in before
    assert "3 / 5" in after
    assert made["id"] in after
