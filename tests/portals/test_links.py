"""Links: making one, putting a tracker's macros and a deep link into it, switching it off."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from tests.portals.signed_in import HOSTILE, alice, charlie


def links(**which: Any) -> list[Any]:
    """Return what is stored of links, oldest first."""
    from redound.console.catalog.models import Link

    return list(Link.objects.filter(**which).select_related("campaign").order_by("pk"))


def made(page: str) -> str:
    """Return the link that the builder shows."""
    found = re.search(r'id="made".*?<pre[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert found
    return unescape(found[1])


def test_the_list_has_address_and_use(world):
    """Copying needs one click; a stranger's links are not in it."""
    page = alice(world).text("/links/")
    (own,) = links(pk=world.link)
    (other,) = links(pk=world.charlies_link)
    assert f"http://track.test/c/{own.code}" in page
    assert other.code not in page


def test_a_link_in_a_new_campaign(world):
    """One form makes both, and leads to the builder."""
    browser = alice(world)
    answer = browser.post(
        "/links/", {"offer_id": world.offer, "campaign_id": "", "campaign": "TikTok", "name": "Ad 1"}
    )
    row = links(name="Ad 1")[0]
    assert answer["Location"] == f"/links/{row.pk}/"
    assert (row.campaign.name, row.campaign.affiliate_id, row.offer_id) == (
        "TikTok",
        world.alice_id,
        world.offer,
    )


def test_a_form_without_an_offer_says_so(world):
    """Nothing is stored, not even the campaign; what was typed stays."""
    answer = alice(world).post("/links/", {"offer_id": "", "campaign": "TikTok", "name": "Ad 1"})
    page = answer.content.decode()
    assert "This field is needed." in page
    assert 'value="Ad 1"' in page
    from redound.console.catalog.models import Campaign

    assert not Campaign.objects.filter(name="TikTok").exists()


def test_the_trackers_macro_goes_into_the_first_slot(world):
    """As the tracker writes it, not encoded; other sub IDs beside it."""
    page = alice(world).text(
        f"/links/{world.link}/?tracker=keitaro&sub2=a b&sub3=%7Bsource%7D&source=news%26x"
    )
    (row,) = links(pk=world.link)
    assert (
        made(page)
        == f"http://track.test/c/{row.code}?sub1={{subid}}&sub2=a%20b&sub3={{source}}&source=news%26x"
    )


def test_deep_links_only_to_hosts_that_the_offer_allows(world):
    """Any other is left out, and why is said."""
    world.bob.patch(f"offers/{world.offer}", {"deep_link_hosts": ["shop.example.com"]})
    browser = alice(world)
    good = made(browser.text(f"/links/{world.link}/?url=https://shop.example.com/sale%3Fa%3D1"))
    assert good.endswith("?url=https%3A%2F%2Fshop.example.com%2Fsale%3Fa%3D1")
    for bad in (
        "https://evil.example/",
        "//shop.example.com/",
        "https://shop.example.com@evil.example/",
        "x",
        "http://[",
    ):
        page = browser.get(f"/links/{world.link}/", data={"url": bad}).content.decode()
        assert "url=" not in made(page), bad
        assert 'class="note warn"' in page, bad


def test_renaming_and_switching_off(world):
    """Both are stored and noted."""
    alice(world).post(f"/links/{world.link}/change/", {"name": "Old banner"})
    (row,) = links(pk=world.link)
    assert (row.name, row.active) == ("Old banner", False)


def test_charlie_has_no_hand_in_alices_links(world):
    """Neither seeing nor changing hers, nor making one in her campaign."""
    browser = charlie(world)
    assert browser.get(f"/links/{world.link}/").status_code == 404
    assert browser.post(f"/links/{world.link}/change/", {"name": "Mine"}).status_code == 404
    before = len(links())
    form = {"offer_id": world.offer, "campaign_id": world.campaign, "name": "Mine"}
    assert browser.post("/links/", form).status_code == 200
    assert len(links()) == before
    assert not links(name="Mine")


def test_names_are_escaped(world):
    """A hostile name of a link is text."""
    world.alice.patch(f"links/{world.link}", {"name": HOSTILE})
    browser = alice(world)
    for path in ("/links/", f"/links/{world.link}/"):
        assert HOSTILE not in browser.text(path)
