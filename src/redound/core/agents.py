"""Programs that follow links without being a visitor: search engines, link previews, monitors, scanners.

The list names programs that say who they are. A script or an HTTP library is not on it: testing a link with
one is what careful people do, and fraud does not introduce itself.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

KNOWN_BOTS: Final = (
    # search engines and archives
    "googlebot",
    "google-inspectiontool",
    "googleother",
    "google-read-aloud",
    "google-site-verification",
    "storebot-google",
    "adsbot-google",
    "apis-google",
    "mediapartners-google",
    "feedfetcher-google",
    "bingbot",
    "bingpreview",
    "adidxbot",
    "msnbot",
    "slurp",
    "duckduckbot",
    "duckassistbot",
    "baiduspider",
    "yandex.com/bots",
    "sogou",
    "exabot",
    "applebot",
    "petalbot",
    "seznambot",
    "naverbot",
    "yeti/",
    "coccocbot",
    "qwantify",
    "ia_archiver",
    "archive.org_bot",
    # link previews
    "facebookexternalhit",
    "facebookcatalog",
    "meta-externalagent",
    "meta-externalfetcher",
    "twitterbot",
    "linkedinbot",
    "slackbot",
    "slack-imgproxy",
    "telegrambot",
    "discordbot",
    "skypeuripreview",
    "pinterestbot",
    "redditbot",
    "vkshare",
    "whatsapp/",
    "viber/",
    "embedly",
    "iframely",
    "bitlybot",
    "google-pagerenderer",
    "googleimageproxy",
    "yahoomailproxy",
    # seo and ai
    "ahrefs",
    "semrush",
    "mj12bot",
    "dotbot",
    "rogerbot",
    "screaming frog",
    "bytespider",
    "gptbot",
    "chatgpt-user",
    "oai-searchbot",
    "claudebot",
    "claude-user",
    "anthropic-ai",
    "perplexity",
    "ccbot",
    "amazonbot",
    "cohere-ai",
    "diffbot",
    "dataforseo",
    # monitors and validators
    "uptimerobot",
    "pingdom",
    "statuscake",
    "site24x7",
    "gtmetrix",
    "lighthouse",
    "pagespeed",
    "w3c_validator",
    "w3c-checklink",
    "newrelicpinger",
    "datadog",
    "betteruptime",
    "better stack",
    # scanners
    "censysinspect",
    "zgrab",
    "masscan",
    "nmap",
    "nuclei",
    "nikto",
    "sqlmap",
    "expanseinc",
    "internetmeasurement",
    "netcraft",
)
"""Parts of agent strings, in lower case, by which known programs are told."""

_SAYS_SO = re.compile(r"(?<!cu)bot\b|crawler|spider\b")


@lru_cache(maxsize=8192)
def is_bot(user_agent: str) -> bool:
    """Return whether an agent string is a known program's, or calls itself bot, crawler or spider.

    CUBOT is a brand of telephones.
    """
    agent = user_agent.lower()
    return _SAYS_SO.search(agent) is not None or any(name in agent for name in KNOWN_BOTS)
