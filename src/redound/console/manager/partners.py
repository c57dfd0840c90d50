"""The addresses of those whom the network works with: affiliates, advertisers, offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from redound.console.manager import advertisers, affiliates, goals, lists, offers, plans, renaming

if TYPE_CHECKING:
    from django.urls import URLPattern

urls: list[URLPattern] = [
    path("affiliates/", lists.affiliates, name="affiliates"),
    path("affiliates/new/", affiliates.new, name="affiliate-new"),
    path("affiliates/<str:row_id>/", affiliates.affiliate, name="affiliate"),
    path("affiliates/<str:row_id>/edit/", affiliates.edit, name="affiliate-edit"),
    path("affiliates/<str:row_id>/postbacks/", affiliates.switch_postbacks, name="affiliate-postbacks"),
    path("affiliates/<str:row_id>/campaigns/", affiliates.add_campaign, name="affiliate-campaigns"),
    path("affiliates/<str:row_id>/links/", affiliates.add_link, name="affiliate-links"),
    path("affiliates/<str:row_id>/links/<str:link_id>/", affiliates.switch_link, name="affiliate-link"),
    path("advertisers/", lists.advertisers, name="advertisers"),
    path("advertisers/new/", advertisers.new, name="advertiser-new"),
    path("advertisers/<str:row_id>/", advertisers.advertiser, name="advertiser"),
    path("advertisers/<str:row_id>/edit/", advertisers.edit, name="advertiser-edit"),
    path("advertisers/<str:row_id>/brands/", advertisers.add_brand, name="advertiser-brands"),
    path("advertisers/<str:row_id>/<str:kind>/", advertisers.add_secret, name="advertiser-secret"),
    path(
        "advertisers/<str:row_id>/<str:kind>/<int:position>/",
        advertisers.drop_secret,
        name="advertiser-secret-drop",
    ),
    path("offers/", lists.offers, name="offers"),
    path("offers/new/", offers.new, name="offer-new"),
    path("offers/<str:row_id>/", offers.offer, name="offer"),
    path("offers/<str:row_id>/edit/", offers.edit, name="offer-edit"),
    path("offers/<str:row_id>/goals/", offers.goals, name="offer-goals"),
    path("offers/<str:row_id>/postbacks/", offers.offer_postbacks, name="offer-postbacks"),
    path("offers/<str:row_id>/plans/", offers.plans, name="offer-plans"),
    path("offers/<str:offer_id>/goals/new/", goals.new, name="goal-new"),
    path("offers/<str:offer_id>/plans/new/", plans.new, name="plan-new"),
    path("brands/<str:row_id>/", renaming.brand, name="brand-edit"),
    path("campaigns/<str:row_id>/", renaming.campaign, name="campaign-edit"),
    path("links/<str:row_id>/", renaming.link, name="link-edit"),
    path("goals/<str:row_id>/", goals.edit, name="goal-edit"),
    path("plans/<str:row_id>/", plans.edit, name="plan-edit"),
]
