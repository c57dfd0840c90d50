"""Templates: what is refused, what each modifier does, and that values arrive exactly and nowhere else."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from redound.core.macros import MACROS
from redound.core.modifiers import MODIFIERS
from redound.core.templates import Part, Position, Template, join, literal, parse_template

VALUES = {
    "sub1": "abc",
    "sub2": "",
    "payout": "12.99",
    "status": "approved",
    "click_time": "2026-11-20T11:58:03.250Z",
    "timestamp": "1763640000",
    "goal": "sale",
}
TEXT = st.text(st.characters(exclude_categories=("Cs",)))
NASTY = st.one_of(
    TEXT,
    st.sampled_from(
        [
            "{payout}",
            "a&b=c",
            "x\r\nHost: evil",
            '"},{"a":"',
            "\\",
            "a b+c",
            "%41",
            "..",
            "#x",
            "\x00",
            "é€😀",
            "{sub1|upper}",
        ]
    ),
)


def template(text, position=Position.URL):
    """The compiled template; the test fails when it is refused."""
    parsed = parse_template(text, position)
    assert isinstance(parsed, Template), parsed
    return parsed


def render(text, position=Position.QUERY_VALUE, **values):
    """The text with Alice's values, in a parameter unless said otherwise."""
    return template(text, position).render(VALUES | values)


def codes(text, position=Position.URL):
    """The codes of what is wrong with a template, in order."""
    parsed = parse_template(text, position)
    return [] if isinstance(parsed, Template) else [error.code for error in parsed]


def test_values_are_put_in():
    """Alice's tracker gets its click ID and the payout."""
    url = "https://t.example.com/pb?cid={sub1}&sum={payout}"
    assert render(url, Position.URL) == "https://t.example.com/pb?cid=abc&sum=12.99"


def test_known_but_empty_is_an_empty_string():
    """A slot that the visitor's link did not fill stays empty; the macro never goes out."""
    assert (
        render("https://t.example.com/?a={sub2}&b={sub3}&c={param.x}", Position.URL)
        == "https://t.example.com/?a=&b=&c="
    )


def test_aliases_work_when_sent():
    """A URL written for another platform delivers the same slot."""
    assert render("https://t.example.com/?a={affS1}&b={aff_sub}&c={p1}", Position.URL).endswith(
        "?a=abc&b=abc&c=abc"
    )


def test_literal_text_of_a_url_is_sent_as_written():
    """What Alice typed is not encoded again, whatever it is."""
    url = "https://t.example.com/a%20b/(x)?q=a+b&q=%41|[1]&;=é#end"
    assert render(url, Position.URL) == url


def test_literal_text_of_a_parameter_is_what_the_receiver_reads():
    """A typed parameter value may hold anything; it arrives as typed and adds no parameter."""
    written = 'a b&c=d#%20"\\+é'
    assert unquote(render(written)) == written
    assert parse_qsl("x=" + render(written, Position.FORM_VALUE)) == [("x", written)]
    assert json.loads(f'"{render(written, Position.JSON_VALUE)}"') == written


def test_a_space_becomes_percent_20():
    """Everywhere in a URL a space is %20; in a form body it is a plus, as in HTML forms."""
    assert render("{sub1}", sub1="a b") == "a%20b"
    assert (
        render("https://t.example.com/{sub1}?x={sub1}", Position.URL, sub1="a b")
        == "https://t.example.com/a%20b?x=a%20b"
    )
    assert render("{sub1}", Position.FORM_VALUE, sub1="a b") == "a+b"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("https://t.example.com/?a={nonsense}", "unknown_macro"),
        ("https://t.example.com/?a={clickid}", "unknown_macro"),
        ("https://t.example.com/?a={SUB1}", "unknown_macro"),
        ("https://t.example.com/?a={sub1.x}", "unknown_macro"),
        ("https://t.example.com/?a={}", "empty_macro"),
        ("https://t.example.com/?a={ sub1 }", "space_in_macro"),
        ("https://t.example.com/?a={sub1", "unbalanced_macro"),
        ("https://t.example.com/?a=sub1}", "unbalanced_macro"),
        ("https://t.example.com/?a={sub1&b={sub2}", "unbalanced_macro"),
        ("https://t.example.com/?a={{sub1}}", "foreign_macro"),
        ("https://t.example.com/?a={sub1|shout}", "unknown_modifier"),
        ("https://t.example.com/?a={sub1|}", "unknown_modifier"),
        ("https://t.example.com/?a={sub1|upper:1}", "bad_modifier"),
        ("https://t.example.com/?a={sub1|truncate}", "bad_modifier"),
        ("https://t.example.com/?a={sub1|truncate:0}", "bad_modifier"),
        ("https://t.example.com/?a={sub1|truncate:x}", "bad_modifier"),
        ("https://t.example.com/?a={sub1|unix}", "bad_modifier"),
        ("https://t.example.com/?a={sub1|date:%Y}", "bad_modifier"),
        ("https://t.example.com/?a={click_time|date:%Q}", "bad_modifier"),
        ("https://t.example.com/?a={click_time|date:%}", "bad_modifier"),
        ("https://t.example.com/?a={click_time|date:}", "bad_modifier"),
        ("https://t.example.com/?a={status|map:approved}", "bad_modifier"),
        ("https://t.example.com/?a={status|map:a=1,a=2}", "bad_modifier"),
        ("{sub1}", "macro_in_host"),
        ("{sub1}://t.example.com/", "macro_in_host"),
        ("http{sub1}://t.example.com/", "macro_in_host"),
        ("https://{sub1}/pb", "macro_in_host"),
        ("https://{sub1}.example.com/pb", "macro_in_host"),
        ("https://t.example.com{sub1}", "macro_in_host"),
        ("https://t.example.com:{sub1}/", "macro_in_host"),
        ("https://{sub1}@t.example.com/", "macro_in_host"),
        ("t.example.com/?a={sub1}", "missing_scheme"),
        ("//t.example.com/?a={sub1}", "missing_scheme"),
        ("", "missing_scheme"),
        ("https://t.example.com/?a=\ud800", "control_char"),
        ("https://t.example.com/?a=" + "x" * 65_536, "too_long"),
        ("https://t.example.com/?" + "{sub1}" * 201, "too_long"),
    ],
)
def test_what_is_refused(text, code):
    """A template that would not do what Alice means is refused, with the reason as a code."""
    assert codes(text) == [code]


def test_all_errors_are_told_at_once():
    """Alice mends a URL in one go: each error names its characters."""
    text = "https://t.example.com/?a={nonsense}&b={sub1|shout}&c={}"
    parsed = parse_template(text, Position.URL)
    assert [text[error.start : error.end] for error in parsed] == ["{nonsense}", "{sub1|shout}", "{}"]


def test_a_suggestion_comes_with_an_unknown_macro():
    """A slip of the pen is answered with the right name."""
    (error,) = parse_template("https://t.example.com/?a={payuot}", Position.URL)
    assert error.suggestions[0] == "payout"
    assert "{payout}" in error.message


def test_hostile_templates_are_read_in_linear_time():
    """Charlie's 64 KiB of braces cost no more than other text, and neither do thousands of mistakes."""
    for text in ("{" * 60_000, "{x" * 30_000, "{a}" * 20_000, "}" * 60_000, '{"' * 30_000, "{sub1|" * 10_000):
        for position in Position:
            parsed = parse_template(text, position)
            assert isinstance(parsed, Template) or len(parsed) <= 25


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{status|upper}", "APPROVED"),
        ("{status|upper|lower}", "approved"),
        ("{sub2|default:none}", "none"),
        ("{sub1|default:none}", "abc"),
        ("{sub2|default:}", ""),
        ("{sub2|upper|default:a|upper}", "A"),
        ("{status|map:approved=1,rejected=2}", "1"),
        ("{status|map:pending=1,rejected=2}", "approved"),
        ("{status|map:approved=}", ""),
        ("{status|map:approved=a=b}", "a%3Db"),
        ("{status|map:approved=1|default:9}", "1"),
        ("{click_time}", "2026-11-20T11%3A58%3A03.250Z"),
        ("{click_time|date:%Y-%m-%d}", "2026-11-20"),
        ("{click_time|date:%d.%m.%y %H:%M:%S}", "20.11.26%2011%3A58%3A03"),
        ("{click_time|date:%j%%}", "324%25"),
        ("{click_time|unix}", "1795175883"),
        ("{click_time|ms}", "1795175883250"),
        ("{conversion_time|unix}", ""),
        ("{conversion_time|date:%Y|default:never}", "never"),
        ("{timestamp}", "1763640000"),
        ("{timestamp|unix}", "1763640000"),
        ("{timestamp|ms}", "1763640000000"),
        ("{timestamp|date:%Y-%m-%d}", "2025-11-20"),
        ("{sub1|md5}", "900150983cd24fb0d6963f7d28e17f72"),
        ("{sub1|sha256}", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("{sub1|base64}", "YWJj"),
        ("{sub2|md5}", ""),
        ("{sub2|sha256}", ""),
        ("{sub2|base64}", ""),
        ("{sub1|truncate:2}", "ab"),
        ("{sub1|truncate:9}", "abc"),
        ("{payout|int}", "12"),
        ("{sub1|int}", ""),
        ("{sub1|raw}", "abc"),
    ],
)
def test_modifiers(text, result):
    """Each modifier of the closed list does what its page says."""
    assert render(text) == result


def test_every_modifier_is_tested():
    """None was added without a line above."""
    lines = test_modifiers.pytestmark[0].args[1]
    tested = {part.split(":")[0] for text, _ in lines for part in text.strip("{}").split("|")[1:]}
    assert tested == set(MODIFIERS)


@given(
    st.sampled_from(sorted(MACROS)),
    NASTY,
    st.lists(
        st.sampled_from(
            [
                "upper",
                "lower",
                "raw",
                "default:x y",
                "map:a=b,c=d",
                "md5",
                "sha256",
                "base64",
                "truncate:3",
                "int",
                "unix",
                "ms",
                "date:%Y",
            ]
        ),
        max_size=4,
    ),
    st.sampled_from(sorted(Position)),
)
def test_no_value_breaks_a_template(name, value, modifiers, position):
    """Rendering never fails: every value, modifier and position gives printable ASCII."""
    written = f"{{{'|'.join([name, *modifiers])}}}"
    text = f"https://t.example.com/?x={written}" if position is Position.URL else written
    parsed = parse_template(text, position)
    if isinstance(parsed, Template):
        rendered = parsed.render({name: value})
        assert rendered.isascii()
        assert rendered.isprintable()


@given(NASTY, NASTY, NASTY)
@example("{sub2}", "&a=b", "%")
def test_the_receiver_reads_exactly_the_values(first, second, third):
    """Parsed by the receiver, the query gives the values back, and no parameter more."""
    values = {"sub1": first, "sub2": second, "param.x": third}
    url = template("https://t.example.com/{sub1}/p?a={sub1}&b={sub2}&c={param.x}").render(values)
    parts = urlsplit(url)
    assert parts.netloc == "t.example.com"
    assert parts.fragment == ""
    query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)
    assert query == [("a", first), ("b", second), ("c", third)]
    assert unquote(parts.path) == f"/{first}/p"


@given(NASTY)
@example("&x=1")
@example("a;b")
@example("a\r\nX: 1")
def test_raw_adds_nothing_to_a_request(value):
    """Left raw, a value still stays in its parameter and on its line."""
    url = template("https://t.example.com/{sub1|raw}/x?a={sub1|raw}&b=1").render({"sub1": value})
    parts = urlsplit(url)
    assert url.isascii()
    assert url.isprintable()
    assert " " not in url
    assert parts.netloc == "t.example.com"
    assert parts.fragment == ""
    assert [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)] == ["a", "b"]
    assert ";" not in parts.query


@pytest.mark.parametrize(
    ("value", "query", "path"),
    [
        ("a%20b", "a%20b", "a%20b"),
        ("a/b:c@d", "a/b:c@d", "a/b:c@d"),
        ("a b", "a%20b", "a%20b"),
        ("50%", "50%25", "50%25"),
        ("a?b", "a?b", "a%3Fb"),
        ("a&b", "a%26b", "a&b"),
        ("é", "%C3%A9", "%C3%A9"),
        ("../x", "../x", "%2E%2E/x"),
        ("a/./b", "a/./b", "a/%2E/b"),
        ("..a", "..a", "..a"),
    ],
)
def test_raw_leaves_what_may_stand(value, query, path):
    """A value that is already encoded, or is a path, goes out as it is."""
    url = template("https://t.example.com/{sub1|raw}?x={sub1|raw}").render({"sub1": value})
    assert url == f"https://t.example.com/{path}?x={query}"


def test_a_value_in_a_path_cannot_climb():
    """`..` as a value stays a name, not the folder above."""
    assert render("https://t.example.com/a/{sub1}/b", Position.URL, sub1="..").endswith("/a/%2E%2E/b")


@given(TEXT)
def test_values_are_never_expanded_again(value):
    """A visitor who writes a macro into a link gets its text sent, never its value."""
    rendered = template("{sub1}", Position.QUERY_VALUE).render(
        {"sub1": f"{value}{{payout}}", "payout": "SECRET"}
    )
    assert "SECRET" not in rendered
    assert unquote(rendered) == f"{value}{{payout}}"


@given(NASTY, st.sampled_from(["", "12.50", "-3", "0", "007", "1e5", "NaN", "1" * 40, "abc", '"']))
def test_json_bodies_always_parse(text, number):
    """Inside quotes a value is text; outside it is a number or text, and the body is JSON whatever comes."""
    body = '{"a": "x{sub1}y", "b": {sub1}, "n": {payout},'
    body += ' "l": [{payout|int}, {sub2|default:z}], "{goal}": {test}}'
    parsed = json.loads(
        template(body, Position.JSON_BODY).render({"sub1": text, "payout": number, "goal": "k"})
    )
    assert parsed["a"] == f"x{text}y"
    assert parsed["b"] == text
    assert parsed["l"][1] == "z"
    assert parsed["k"] == ""
    assert parsed["n"] is None if number == "" else str(parsed["n"]) in {number, "12.5"}


def test_json_shows_numbers_as_numbers_and_ids_as_text():
    """A payout is a number; a sub ID stays text even if it looks like a number, so no digit is lost."""
    body = '{"p": {payout}, "s": {sub1}, "i": {sub1|int}, "t": {click_time},'
    body += ' "u": {click_time|unix}, "e": {amount}}'
    parsed = json.loads(render(body, Position.JSON_BODY, sub1="0123"))
    assert parsed == {
        "p": 12.99,
        "s": "0123",
        "i": "0123",
        "t": VALUES["click_time"],
        "u": 1795175883,
        "e": None,
    }


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "{sub1}{sub2}",
        "-{payout}",
        "1{payout}",
        "{{goal}: 1}",
        '{"a": {sub1} x}',
        '{"a": "\\{sub1}"}',
        '{"a": "\\u00{sub1}"}',
        '{"a": {sub1}',
        '{"a": NaN}',
        '{"a": 1,}',
        "a={sub1}",
    ],
)
def test_a_body_that_might_not_be_json_is_refused(body):
    """A template is refused when some value could break it, not when one does."""
    assert codes(body, Position.JSON_BODY) in (["bad_json"], ["foreign_macro"])


def test_json_errors_point_to_the_place():
    """Alice finds the comma too many, counted in her own text."""
    body = '{"a": {status|map:approved=1}, "b": 1,}'
    (error,) = parse_template(body, Position.JSON_BODY)
    assert body[: error.start].endswith(",")


@pytest.mark.parametrize(
    "body", ['{"a": {}}', '{"a": {"b": {"c": {sub1}}}}', '{"a": "{\\"x\\": 1}"}', "[]", '"{sub1}"', "{sub1}"]
)
def test_braces_of_json_are_no_macros(body):
    """Objects nest as they do; only a name after a brace makes a macro."""
    json.loads(render(body, Position.JSON_BODY))


@given(NASTY)
@example("a\r\nEvil: 1")
def test_a_value_never_ends_a_header(value):
    """No value can begin another header: control characters become blanks."""
    rendered = render("id {sub1}", Position.HEADER, sub1=value)
    assert rendered.isascii()
    assert rendered.isprintable()


def test_header_values_are_readable():
    """A header shows plain text as it is and other scripts percent-encoded."""
    assert render("{sub1}", Position.HEADER, sub1="a b/é\r\n") == "a b/%C3%A9  "


def test_parts_of_a_url_are_told():
    """A linter sees where each macro stands."""
    parsed = template("https://t.example.com/{sub1}?a={sub2|upper}&u=/?{sub3}#{sub4}")
    assert [(use.name, use.part) for use in parsed.uses] == [
        ("sub1", Part.PATH),
        ("sub2", Part.QUERY),
        ("sub3", Part.QUERY),
        ("sub4", Part.FRAGMENT),
    ]
    assert parsed.names == {"sub1", "sub2", "sub3", "sub4"}


def test_joined_templates_render_like_their_parts():
    """A URL and its parameters become one template."""
    parts = [
        literal("x{sub1}"),
        template("{sub1}-{sub1}", Position.FORM_VALUE),
        literal(""),
        template("{sub1}", Position.QUERY_VALUE),
        literal("&z"),
    ]
    joined = join(parts)
    assert joined.render({"sub1": "a b"}) == "x{sub1}a+b-a+ba%20b&z"
    assert join([]).render({}) == ""
    assert join([literal("a"), literal("b")]).render({}) == "ab"
