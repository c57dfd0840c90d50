"""HTML postbacks: whatever the values are, the browser reads the template that the manager approved."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from redound.core.templates import Position, Template, parse_template
from tests.builders import make_postback

BREAKERS = st.lists(
    st.sampled_from(
        [
            *(
                "<",
                ">",
                '"',
                "'",
                "&",
                "/",
                "=",
                " ",
                "\n",
                "\t",
                "\r",
                "`",
                ";",
                "--",
                "-->",
                "<!--",
                "&#34;",
            ),
            *(
                "</script>",
                "<script>",
                "<img src=x onerror=y>",
                "javascript:",
                "\\",
                "\0",
                "]]>",
                "é",
                "\ud800",
            ),
            *("data:text/html,", "\u2028", "\x80", "&quot;", "%22", "{sub1}", "\ufdd0", "K", "</title>"),
        ]
    ),
    max_size=6,
).map("".join) | st.text(max_size=20)
TEMPLATE = (
    "<p title='{sub1}' class=\"a {sub1}\">Thanks, {sub1}!</p>"
    '<img src="https://t.example.com/{sub1}/p?cid={sub1}&amp;raw={sub1|raw}#{sub1}" alt="{sub1}">'
    '<script data-value="{sub1}" src="https://t.example.com/t.js?v={sub1}"></script>'
    "<!-- counted -->{sub1}<br/>"
)


class Reader(HTMLParser):
    """Notes what is there: tags with the names of their attributes, the values, the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shape: list[tuple] = []
        self.values: list[str | None] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        """Note the tag."""
        self.shape.append((tag, tuple(name for name, _ in attrs)))
        self.values += [value for _, value in attrs]

    def handle_endtag(self, tag):
        """Note the end."""
        self.shape.append((f"/{tag}",))

    def handle_comment(self, data):
        """Note the comment."""
        self.shape.append(("!", data))

    def handle_data(self, data):
        """Note the text."""
        self.text += data


def read(html: str) -> Reader:
    """Read it as a browser would."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def template(text: str) -> Template:
    """Compile a template that must be fine."""
    parsed = parse_template(text, Position.HTML)
    assert isinstance(parsed, Template), parsed
    return parsed


def codes(text: str) -> list[str]:
    """What is wrong with a template."""
    parsed = parse_template(text, Position.HTML)
    assert isinstance(parsed, list), parsed.render({})
    return [error.code for error in parsed]


@given(BREAKERS)
@example('"><script>alert(1)</script>')
@example("' onload='x")
@example("amp;#34")
def test_no_value_breaks_out(value):
    """The browser finds the same tags and attributes for every value, and no URL at another host."""
    rendered = template(TEMPLATE).render({"sub1": value})
    found, plain = read(rendered), read(template(TEMPLATE).render({"sub1": "x"}))
    assert found.shape == plain.shape
    urls = [each for each in found.values if each and each.startswith("https://")]
    assert len(urls) == 2
    assert all(url.startswith("https://t.example.com/") for url in urls)
    assert not any(character in url for url in urls for character in '"<> \n\t')


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30))
def test_the_page_reads_exactly_the_value(value):
    """Escaped once: what a script reads from its dataset, and what the visitor sees, is the value."""
    found = read(template('<b title="{sub1}">{sub1}</b>').render({"sub1": value}))
    assert (found.values, found.text) == ([value or ""], value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('<script>track("{sub1}")</script>', "macro_in_script"),
        ("<script>track({payout})</script>", "macro_in_script"),
        ("<script>`${'{sub1}'}`</script>", "macro_in_script"),
        ("<iframe>{sub1}</iframe>", "macro_in_script"),
        ("<img onload=\"x('{sub1}')\">", "macro_in_attribute"),
        ('<p style="color:{sub1}">', "macro_in_attribute"),
        ('<iframe srcdoc="{sub1}"></iframe>', "macro_in_attribute"),
        ('<img srcset="{sub1}">', "macro_in_attribute"),
        ('<img id="{sub1}">', "macro_in_attribute"),
        ("<img alt={sub1}>", "macro_unquoted"),
        ("<img {sub1}>", "bad_markup"),
        ("<{sub1}>", "bad_markup"),
        ("<p{sub1}>", "bad_markup"),
        ('<img src="{sub1}">', "macro_in_host"),
        ('<img src="//{sub1}/">', "macro_in_host"),
        ('<img src="https://t.example.com{sub1}">', "macro_in_host"),
        ('<img src="https://{sub1}.example.com/">', "macro_in_host"),
        ("<a href='javascript:x(\"{sub1}\")'>", "macro_in_host"),
        ("<a href='data:text/html,{sub1}'>", "macro_in_host"),
        ("<!-- {sub1} -->", "macro_in_comment"),
        ('<img src="https://t.example.com/?a=1&{sub1}=2">', "bare_ampersand"),
        ("&#{sub1};", "bare_ampersand"),
        ("<svg><style>{sub1}</style></svg>", "element_not_allowed"),
        ("<noscript><img src='https://t.example.com/{sub1}'></noscript>", "element_not_allowed"),
        ("<style>{sub1}</style>", "element_not_allowed"),
        ("<base href='https://t.example.com/'>", "element_not_allowed"),
        ("<meta http-equiv=refresh>", "element_not_allowed"),
        ("<textarea>{sub1}", "element_not_allowed"),
        ("<!doctype html>{sub1}", "bad_markup"),
        ("<![CDATA[{sub1}]]>", "bad_markup"),
        ("<!--> {sub1} -->", "bad_markup"),
        ("<script><!--<script>{sub1}</script>", "bad_markup"),
        ("<script>{sub1}", "bad_markup"),
        ("<script>x</ſcript>{sub1}", "bad_markup"),
        ("<img alt='{sub1}>", "bad_markup"),
        ("<img\u00a0alt='{sub1}'>", "bad_markup"),
        ("a < b {sub1}", "bad_markup"),
        ("\ufdd0{sub1}", "control_char"),
        ("{subb1}", "unknown_macro"),
        ("{sub1", "unbalanced_macro"),
    ],
)
def test_a_macro_stands_where_every_value_is_safe_or_nowhere(text, code):
    """Charlie's template is refused with what is wrong."""
    assert code in codes(text)


def test_an_error_tells_where_it_is():
    """Alice is shown the characters, macros before them counted as written."""
    text = '<img alt="{sub1}"><img alt={sub2}>'
    (error,) = parse_template(text, Position.HTML)
    assert text[error.start : error.end] == "{sub2}"


def test_braces_of_scripts_and_texts_stay():
    """A script is full of them, and so is JSON in an attribute."""
    text = "<script>function f(a) { if (a) {return {b: 1}} } f({c:2})</script><p data-x='{\"a\": 1}'>{}</p>"
    assert template(text).render({}) == text


def test_hostile_markup_is_read_in_linear_time():
    """Charlie's 64 KiB of anything cost no more than other text."""
    for text in (
        "<p " * 20_000,
        "<p a" + " " * 60_000,
        "<!--" * 15_000,
        "<script>" * 8_000,
        "<p a='" * 10_000,
    ):
        assert isinstance(parse_template(text, Position.HTML), list)
    assert isinstance(parse_template("<p " + "a='b' " * 10_000 + "<", Position.HTML), list)


def test_each_piece_is_shown_in_a_frame_of_its_own():
    """Alice's HTML and the manager's do not see each other, and markup cannot leave its frame."""
    from redound.core.pixels import page

    found = read(page(["</iframe><script>x</script>", '"><b>']))
    assert [each for each in found.shape if each[0] == "iframe"] == [
        ("iframe", ("sandbox", "referrerpolicy", "width", "height", "title", "srcdoc"))
    ] * 2
    assert "</iframe><script>x</script>" in found.values
    assert not [each for each in found.shape if each[0] == "script"]


def test_what_belongs_to_the_delivery_is_filled_in():
    """Postback, delivery, time and a number for caches."""
    from redound.core.pixels import show

    body = "{postback_id} {delivery_id} {attempt} {timestamp} {random} {sub1}"
    html = show(make_postback(delivery="html", body=body), {"sub1": "s"}, "dlv_1", 1_700_000_000_000)
    postback, delivery, attempt, timestamp, random, sub1 = html.split(" ")
    assert (postback, delivery, attempt, timestamp, sub1) == ("pbk_tracker", "dlv_1", "1", "1700000000", "s")
    assert random.isdecimal()
