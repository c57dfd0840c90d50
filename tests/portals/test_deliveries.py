"""The delivery log: what is shown of deliveries, to whom, and what can be done there."""

from __future__ import annotations

import pytest

from tests.console.traffic import attempt, convert, open_click, perform
from tests.portals.signed_in import HOSTILE, alice, bob, charlie, without_postbacks


def delivery_of(conversion_id: str):
    """The one delivery of a conversion."""
    from redound.console.traffic.models import Delivery

    return Delivery.objects.get(conversion_id=conversion_id).id


@pytest.fixture
def tracker(world):
    """Alice's postback."""
    return world.make_postback(name="Keitaro main")


def test_alice_sees_what_was_sent_for_her(world, tracker):
    """State, answer, postback and a link to the row's own page."""
    sent = delivery_of(convert(world))
    attempt(sent, status=404, body="Click ID not found")
    page = alice(world).text("/deliveries/")
    assert "Keitaro main" in page
    assert 'class="code c4">404<' in page
    assert f'href="/deliveries/{sent}/"' in page
    assert 'class="tag failed"' in page


def test_charlie_sees_nothing_of_alices(world, tracker):
    """Neither in the list, nor by the address, nor as a fragment, nor by a search for its click."""
    made = convert(world)
    sent = delivery_of(made)
    browser = charlie(world)
    assert sent not in browser.text("/deliveries/")
    assert browser.get(f"/deliveries/{sent}/").status_code == 404
    assert sent not in browser.text(f"/deliveries/rows/?ids={sent}")
    assert sent not in browser.text(f"/deliveries/?q={made}")
    assert sent not in browser.text(f"/deliveries/?postback_id={tracker['id']}")
    assert browser.get("/manage/deliveries/").status_code == 403


def test_charlie_can_do_nothing_to_alices(world, tracker):
    """Sending again and cancelling are refused, and nothing happens."""
    from redound.console.traffic.models import Delivery, Due

    sent = delivery_of(convert(world))
    attempt(sent, status=500)
    browser = charlie(world)
    assert browser.post(f"/deliveries/{sent}/retry/").status_code == 404
    assert browser.post(f"/deliveries/{sent}/cancel/").status_code == 404
    assert Delivery.objects.get(pk=sent).state == "failed"
    assert not Due.objects.filter(pk=sent).exists()


def test_without_postbacks_nothing_is_sent_again(world, tracker):
    """The switch of the affiliate holds on the page as in the API."""
    from redound.console.traffic.models import Delivery

    sent = delivery_of(convert(world))
    attempt(sent, status=500)
    browser = alice(world)
    without_postbacks(world)
    assert browser.post(f"/deliveries/{sent}/retry/").status_code == 403
    assert Delivery.objects.get(pk=sent).state == "failed"


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("state=failed", {"bad"}),
        ("state=delivered", {"good"}),
        ("state=pending", {"fresh"}),
        ("state=failed,pending", {"bad", "fresh"}),
        ("status=404", {"bad"}),
        ("status=4xx", {"bad"}),
        ("status=2xx", {"good"}),
        ("status=none", set()),
        ("since=1h", {"bad", "good", "fresh"}),
        ("until=2020-01-01T00:00", set()),
        ("test=true", set()),
        ("offer_id=ofr_none", set()),
    ],
)
def test_filters_stand_in_the_address(world, tracker, query, shown):
    """They are named as in the API, and combine with what the tabs set."""
    made = {name: delivery_of(convert(world)) for name in ("bad", "good", "fresh")}
    attempt(made["bad"], status=404)
    attempt(made["good"], status=200)
    page = alice(world).text(f"/deliveries/?{query}")
    assert {name for name, sent in made.items() if f'data-id="{sent}"' in page} == shown


def test_a_search_finds_by_click_conversion_and_delivery(world, tracker):
    """Whatever ID somebody has at hand; a click ID in any case."""
    click_id = open_click(world)
    from tests.console.traffic import report

    made = report(click_id).outcome.conversion.id
    sent, other = delivery_of(made), delivery_of(convert(world))
    browser = alice(world)
    for text in (click_id, click_id.upper(), made, sent):
        page = browser.text(f"/deliveries/?q={text}")
        assert (f'data-id="{sent}"' in page, f'data-id="{other}"' in page) == (True, False), text


def test_the_page_of_a_delivery_tells_what_is_the_matter(world, tracker):
    """The diagnosis in words, each attempt, the request with its masked secrets, the answer, a curl line."""
    sent = delivery_of(convert(world))
    attempt(sent, status=404, body="Click ID not found")
    page = alice(world).text(f"/deliveries/{sent}/")
    assert "does not know the click ID" in page or "click" in page
    assert "Click ID not found" in page
    assert "X-Token: ••••" in page
    assert "curl -i -X GET" in page
    assert "Send again" in page


def test_beside_the_list_only_the_delivery_is_sent(world, tracker):
    """For htmx there is no frame around it, and it can be closed; going back brings the whole page."""
    sent = delivery_of(convert(world))
    browser = alice(world)
    asked = {"HX-Request": "true"}
    page = browser.get(f"/deliveries/{sent}/", headers=asked).content.decode()
    assert ("<html" in page, "data-close" in page) == (False, True)
    asked["HX-History-Restore-Request"] = "true"
    assert "<html" in browser.get(f"/deliveries/{sent}/", headers=asked).content.decode()


def test_hostile_answers_are_only_text(world, tracker):
    """A tracker's body with a script in it is shown, not run; nor does it leave its attribute."""
    sent = delivery_of(convert(world))
    attempt(sent, status=500, body=HOSTILE)
    browser = alice(world)
    for headers in ({}, {"HX-Request": "true"}):
        page = browser.get(f"/deliveries/{sent}/", headers=headers).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_hostile_names_are_only_text(world):
    """A postback's name comes from somebody, too."""
    world.make_postback(name=HOSTILE)
    sent = delivery_of(convert(world))
    browser = bob(world)
    for path in ("/manage/deliveries/", f"/manage/deliveries/{sent}/"):
        assert "<script>alert" not in browser.text(path)


def test_alice_sends_a_failed_delivery_again(world, tracker):
    """It is due at once, and the worker is woken."""
    from redound.console.traffic.models import Due

    sent = delivery_of(convert(world))
    attempt(sent, status=500)
    woken = world.bus.notified
    answer = alice(world).post(f"/deliveries/{sent}/retry/")
    assert answer["Location"] == f"/deliveries/{sent}/"
    assert Due.objects.get(pk=sent).lease == ""
    assert world.bus.notified > woken


def test_alice_cancels_what_is_not_sent_yet(world, tracker):
    """Its end says that somebody wanted it so; what has ended cannot be cancelled."""
    from redound.console.traffic.models import Delivery

    sent = delivery_of(convert(world))
    browser = alice(world)
    answer = browser.post(f"/deliveries/{sent}/cancel/", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "toast" in answer["HX-Trigger"]
    row = Delivery.objects.get(pk=sent)
    assert (row.state, row.ended_because) == ("cancelled", "by_hand")
    assert browser.post(f"/deliveries/{sent}/cancel/").status_code == 409


def test_a_fragment_shows_the_rows_asked_for(world, tracker):
    """What changes while somebody looks is fetched row by row, in the columns of the list."""
    sent, other = delivery_of(convert(world)), delivery_of(convert(world))
    part = alice(world).text(f"/deliveries/rows/?ids={sent}&cols=state,postback")
    assert f'data-id="{sent}"' in part
    assert other not in part
    assert "<html" not in part
    assert part.count("<td") == 2


def test_a_fragment_keeps_to_the_filters_but_not_to_the_tab(world, tracker):
    """A row of another list is not put in; one that has just left its tab is renewed there."""
    sent = delivery_of(convert(world))
    attempt(sent)
    browser = alice(world)
    assert sent in browser.text(f"/deliveries/rows/?ids={sent}&state=retrying")
    assert sent not in browser.text(f"/deliveries/rows/?ids={sent}&offer_id=ofr_other")


def test_tabs_count(world, tracker):
    """Exactly, as long as there are not too many."""
    for status in (404, 404, 200):
        attempt(delivery_of(convert(world)), status=status)
    convert(world)
    page = " ".join(alice(world).text("/deliveries/").split())
    assert 'Failed<span class="c num">2</span>' in page
    assert 'Delivered<span class="c num">1</span>' in page
    assert 'All<span class="c num">4</span>' in page


def test_parked_deliveries_have_their_tab(world, tracker):
    """They wait for their postback to be enabled."""
    from redound.store.plans.people import switch_off_steps

    sent = delivery_of(convert(world))
    perform(switch_off_steps(tracker["id"], 1))
    page = " ".join(alice(world).text("/deliveries/?state=parked").split())
    assert f'data-id="{sent}"' in page
    assert 'Parked<span class="c num">1</span>' in page


def test_a_rare_row_is_found_by_looking_further(world, tracker, monkeypatch):
    """A filter without an index searches a bounded number of rows, and says so instead of "nothing"."""
    from redound.console.pages.deliveries import looking

    monkeypatch.setattr(looking, "WINDOW_OF", 3)
    rare = delivery_of(convert(world))
    attempt(rare, status=404)
    for _ in range(5):
        attempt(delivery_of(convert(world)), status=200)
    browser = alice(world)
    page, steps = browser.text("/deliveries/?status=404"), 0
    while f'data-id="{rare}"' not in page:
        assert "Nothing among the latest rows" in page
        page, steps = browser.text(_older(page)), steps + 1
    assert steps == 1


def _older(page: str) -> str:
    import html
    import re

    return html.unescape(re.search(r'rel="next" href="([^"]+)"', page)[1])


def test_bob_sees_everybodys_and_sends_them_again_as_a_job(world, tracker, monkeypatch):
    """The job counts first; confirmed, it sends what failed of what the filter finds, and nothing else."""
    from redound.console.jobs import starting
    from redound.console.jobs.running import run
    from redound.console.traffic.models import Due

    started: list[str] = []
    monkeypatch.setattr(starting, "_spawn", started.append)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    world.charlie.make("postbacks", name="Charlie's", url="http://127.0.0.1:9000/c?cid={sub1}")
    mine = [delivery_of(convert(world)) for _ in range(3)]
    charlies = delivery_of(convert(world, world.charlies_link))
    for sent in (*mine[:2], charlies):
        attempt(sent, status=500)
    browser = bob(world)
    assert charlies in browser.text("/manage/deliveries/")
    answer = browser.post("/manage/deliveries/retry/", {"query": f"?affiliate_id={world.alice_id}"})
    job = answer["Location"].rstrip("/").rpartition("/")[2]
    assert run(job).counted == {"retried": 2}
    assert not Due.objects.filter(pk__in=mine[:2]).exists()
    assert browser.post(f"/manage/jobs/{job}/confirm/").status_code == 302
    ended = run(job)
    assert (ended.state, ended.counts) == ("done", {"retried": 2})
    assert set(Due.objects.filter(pk__in=[*mine[:2], charlies]).values_list("pk", flat=True)) == set(mine[:2])
    assert started == [job, job]


def test_alice_may_not_begin_a_job(world, tracker):
    """Many at a time are the managers' affair."""
    from redound.console.jobs.models import Job

    assert alice(world).post("/deliveries/retry/", {"query": "?"}).status_code == 403
    assert not Job.objects.exists()


def test_the_list_keeps_to_its_budget(world, tracker, queries):
    """However many rows it shows, it asks the database as often."""
    for _ in range(4):
        attempt(delivery_of(convert(world)))
    browser, boss = alice(world), bob(world)
    sent = delivery_of(convert(world))
    queries("deliveries", lambda: browser.get("/deliveries/"))
    queries("deliveries of managers", lambda: boss.get("/manage/deliveries/"))
    queries("delivery", lambda: browser.get(f"/deliveries/{sent}/"))


def test_in_russian(world, tracker):
    """Words, states and the diagnosis."""
    sent = delivery_of(convert(world))
    attempt(sent, status=404, body="Click ID not found")
    browser = alice(world, language="ru")
    assert "Журнал доставки" in browser.text("/deliveries/")
    assert "Отправить снова" in browser.text(f"/deliveries/{sent}/")
