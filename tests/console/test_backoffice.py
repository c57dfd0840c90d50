"""The backoffice: for superusers, and safe for secrets."""

from __future__ import annotations

import pytest

from tests.console.test_postbacks import SECRETS

MODELS = ("advertiser", "brand", "offer", "goal", "affiliate", "campaign", "link")


@pytest.fixture
def browser(world):
    """A superuser's browser."""
    from django.test import Client

    from redound.console.accounts.models import User

    olga = User.objects.create_superuser("olga@example.com", "a password", name="Olga")
    client = Client(SERVER_NAME="console.test")
    client.force_login(olga)
    return client


def test_managers_do_not_get_in(world):
    """Bob is led to sign in, and then told that he may not."""
    from django.test import Client

    client = Client(SERVER_NAME="console.test")
    assert client.get("/backoffice/").url == "/backoffice/login/?next=/backoffice/"
    client.force_login(world.bob_user)
    assert client.get("/backoffice/", follow=True).status_code == 403


def test_a_superuser_signs_in_where_everybody_does(world, browser):
    """Olga@Example.com is the same person; there is no second way in."""
    from django.test import Client

    client = Client(SERVER_NAME="console.test")
    login = client.get("/backoffice/", follow=True).redirect_chain[-1][0]
    assert login == "/accounts/login/?next=/backoffice/"
    form = {"login": "Olga@Example.com", "password": "a password", "next": "/backoffice/"}
    assert client.post("/backoffice/login/", form).url.startswith("/accounts/login/")
    assert client.post(login, form).url == "/backoffice/"
    assert client.get("/backoffice/").status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("model", MODELS)
def test_the_catalogue_can_be_looked_at(world, browser, model):
    """Lists and rows open; nothing there can be changed."""
    assert browser.get(f"/backoffice/catalog/{model}/").status_code == 200
    assert browser.get(f"/backoffice/catalog/{model}/add/").status_code == 403


def test_no_page_shows_a_secret(world, browser):
    """Neither in the clear nor sealed: not of a postback, an advertiser or an API key."""
    from redound.console.accounts.models import ApiKey
    from redound.console.postbacks.models import Postback

    made = world.make_postback(**SECRETS, sign=True)
    acme = world.bob.make("advertisers", name="Beta", tokens=["acme-token-1"])
    row = Postback.objects.get(pk=made["id"])
    key = ApiKey.objects.first()
    secrets = [
        row.signing_secret,
        row.auth["password"],
        row.headers[0]["value"],
        key.digest,
        "-secret",
        "v1.",
    ]
    for path in (
        f"postbacks/postback/{row.pk}",
        f"catalog/advertiser/{acme['id']}",
        f"accounts/apikey/{key.pk}",
    ):
        page = browser.get(f"/backoffice/{path}/change/")
        assert page.status_code == 200
        text = page.content.decode()
        assert not [secret for secret in [*secrets, "acme-token-1"] if secret in text]


def test_a_superuser_makes_a_manager(world, browser):
    """With an address and a password to log in with."""
    from redound.console.accounts.models import User

    form = {
        "email": "mia@example.com", "name": "Mia", "role": "manager", "affiliate": "",
        "usable_password": "true", "password1": "correct horse 7", "password2": "correct horse 7",
    }  # fmt: skip
    answer = browser.post("/backoffice/accounts/user/add/", form)
    assert answer.status_code == 302, answer.content.decode()
    assert User.objects.get(email="mia@example.com").check_password("correct horse 7")


def test_the_audit_log_can_be_read(world, browser):
    """Who made the offer."""
    assert "Bob" in browser.get("/backoffice/accounts/auditentry/").content.decode()
