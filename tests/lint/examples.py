# ruff: noqa: E501
# One line a text; letters of other alphabets are the point of some.
"""For every code a URL that has the mistake, one near it that has not, and what to know about it.

`docs/lint.md` is made of this: `python -m tests.lint.page`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """One code. `context` is written as in the corpus."""

    code: str
    wrong: str
    right: str
    why: str
    context: str = ""


T = "https://tracker.example.com"
PB = f"{T}/pb?cid={{sub1}}"
LINK = "link=https://go.example.net/c/ab12cd3"

STRUCTURE = (
    Example("empty", "", PB, "Paste the URL that your tracker shows for postbacks."),
    Example(
        "missing_scheme",
        "tracker.example.com/pb?cid={sub1}",
        PB,
        "A URL without https:// cannot be called. Copying from a browser's address bar often leaves it out.",
    ),
    Example(
        "bad_scheme",
        "htps://tracker.example.com/pb?cid={sub1}",
        PB,
        "Mistyped (`htps`, `https//`, `https:/`), left as in a manual (`http(s)://`), or of another kind (`ftp`, `mailto`).",
    ),
    Example(
        "double_scheme",
        "https://https://tracker.example.com/pb?cid={sub1}",
        PB,
        "Happens when a domain that was copied with its scheme is put behind `https://`.",
    ),
    Example(
        "http_scheme",
        "http://tracker.example.com/pb?cid={sub1}",
        PB,
        "Everything in the URL can be read on the way. It works, so it is information only; whether the tracker answers at https:// is for you to try.",
    ),
    Example(
        "missing_query_separator",
        f"{T}/pb&cid={{sub1}}&payout={{payout}}",
        f"{T}/pb?cid={{sub1}}&payout={{payout}}",
        "Parameters begin at the first `?`. Without it all of them are part of the path. A missing `&` between two parameters is named the same.",
    ),
    Example(
        "double_question_mark",
        f"{PB}?payout={{payout}}",
        f"{PB}&payout={{payout}}",
        "Happens when parameters are copied together with their `?`. All from the second one on becomes part of the value before it.",
    ),
    Example(
        "empty_pair",
        f"{PB}&&payout={{payout}}",
        f"{PB}&payout={{payout}}",
        "Harmless nearly everywhere; a parameter may have been lost.",
    ),
    Example(
        "stray_space",
        f"{T}/pb?cid = {{sub1}}",
        PB,
        "Manuals put blanks around `=` and `&` to be readable. A blank that belongs to a value is written %20.",
    ),
    Example("surrounding_space", f" {PB}", PB, "Copied along; the fix takes them away."),
    Example(
        "control_char",
        f"{T}/pb?cid=\n{{sub1}}",
        PB,
        "A URL that was copied out of a document in two lines has a line break inside.",
    ),
    Example(
        "invisible_char",
        f"{T}/pb?cid={{sub1}}\u200b&payout={{payout}}",
        f"{PB}&payout={{payout}}",
        "Zero-width blanks, byte-order marks and non-breaking blanks come from pages and messengers. A name or value with one in it is another name or value.",
    ),
    Example(
        "smart_quote",
        f"“{PB}”",
        PB,
        "Word processors and messengers turn plain quotation marks into typographic ones.",
    ),
    Example(
        "backslash",
        "https:\\\\tracker.example.com\\pb?cid={sub1}",
        PB,
        "Slashes lean the other way; `\\&` and `\\?` are somebody's escaping. Programs disagree on what a backslash means, so such URLs are never called.",
    ),
    Example(
        "semicolon_separator",
        f"{PB};payout={{payout}}",
        f"{PB}&payout={{payout}}",
        "Old software took `;` for `&`; today's does not.",
    ),
    Example(
        "double_equals",
        f"{T}/pb?cid=={{sub1}}",
        f"{PB}&key2=YWJjZA==",
        "The tracker would look for a click ID that begins with `=`. `==` at the end of a value is fine: Base64 ends so. A value such as `subid={sub1}` has the parameter's name once too often.",
    ),
    Example(
        "trailing_punctuation",
        f"{PB}&payout={{payout}}.",
        f"{PB}&v=1.2",
        "The full stop, comma or bracket after a URL in a text is not part of it, and would be sent in the last value.",
    ),
    Example(
        "trailing_dot_host",
        "https://tracker.example.com./pb?cid={sub1}",
        PB,
        "Such a host is another name to certificates and caches, so it is refused.",
    ),
    Example(
        "html_entity",
        f"{PB}&amp;payout={{payout}}",
        f"{PB}&payout={{payout}}",
        "In the source of a page `&` is written `&amp;`. Copied from there, the tracker gets a parameter `amp;payout`.",
    ),
    Example(
        "html_entity_mangled",
        f"{PB}¤cy={{currency}}",
        f"{PB}&currency={{currency}}",
        "The other way round: a page showed `&currency` without escaping, and the browser took `&curren` for ¤. `¶m` was `&param`, `®ion` was `&region`, `×tamp` was `&timestamp`.",
    ),
    Example(
        "html_wrapped",
        f'<img src="{PB}">',
        PB,
        "A pixel, a link or a frame around the URL: only the URL itself is called.",
    ),
    Example(
        "invalid_percent_escape",
        f"{PB}&rate=100%",
        f"{PB}&rate=100%25",
        "% announces two hexadecimal digits. Some servers refuse the whole request otherwise.",
    ),
    Example(
        "unencoded_char",
        f"{PB}&name=Größe",
        f"{PB}&name=Gr%C3%B6%C3%9Fe",
        "Letters of other scripts, quotation marks, `<`, `>`, `|` and the like are encoded in a URL. Redound encodes the letters for you; what comes through of the others depends on the server.",
    ),
    Example(
        "fragment",
        f"{PB}#top",
        f"{PB}&anchor=%23top",
        "Browsers keep what follows `#` for themselves, and so does every other client.",
    ),
    Example(
        "macro_in_fragment",
        f"{T}/#/pb?cid={{sub1}}",
        f"{T}/pb?cid={{sub1}}",
        "The tracker would be called without these parameters. Often the URL is a page of the tracker's own, not its postback URL; a `#` inside a value is written %23.",
    ),
    Example(
        "macro_in_host",
        "https://{sub2}.example.com/pb?cid={sub1}",
        f"{PB}&sub={{sub2}}",
        "Where a postback goes is settled when it is saved, never by what a visitor sends.",
    ),
    Example(
        "macro_in_path",
        f"{T}/pb/{{sub1}}?payout={{payout}}",
        f"{PB}&payout={{payout}}",
        "Some trackers want it so. The value is encoded for a path, a slash in it too.",
    ),
    Example(
        "no_query",
        f"{T}/pb",
        PB,
        "Without parameters the tracker learns nothing. Values that are sent in request parameters or a body count as well.",
    ),
    Example(
        "duplicate_param",
        f"{PB}&tid={{txid}}&tid={{conversion_id}}",
        f"{PB}&tid={{txid}}",
        "Which of the two counts differs from tracker to tracker. Names that end in `[]` are lists and may be repeated.",
    ),
    Example(
        "valueless_param",
        f"{PB}&payout=",
        f"{PB}&payout={{payout}}",
        "Something was to be filled in, or the parameter is not needed.",
    ),
    Example(
        "nested_url",
        f"{PB}&back=https://shop.example.com/?a=b",
        f"{PB}&back=https%3A%2F%2Fshop.example.com%2F%3Fa%3Db",
        "A URL inside a value is percent-encoded. Two URLs in a row come from pasting twice.",
    ),
    Example(
        "userinfo",
        "https://alice:secret@tracker.example.com/pb?cid={sub1}",
        PB,
        "Use the postback's authentication: there the password is stored sealed.",
    ),
    Example(
        "bad_port",
        "https://tracker.example.com:6379/pb?cid={sub1}",
        "https://tracker.example.com:8443/pb?cid={sub1}",
        "Ports of mail, databases and the like are never called, nor is what is no port.",
    ),
    Example(
        "private_host",
        "https://192.168.0.10/pb?cid={sub1}",
        PB,
        "Names and addresses of private networks mean something else on our server. An operator can allow networks of their own.",
    ),
    Example(
        "ip_host",
        "https://93.184.216.34/pb?cid={sub1}",
        PB,
        "Certificates are for names, and addresses change. Addresses in unusual forms (`2130706433`, `0x7f.1`) are refused.",
    ),
    Example("single_label_host", "https://tracker/pb?cid={sub1}", PB, "The domain is missing."),
    Example(
        "idn_host",
        "https://bücher.example.com/pb?cid={sub1}",
        "https://buecher.example.com/pb?cid={sub1}",
        "Such names exist; it is worth a look that it is the one you mean.",
    ),
    Example(
        "mixed_script_host",
        "https://trасker.example.com/pb?cid={sub1}",
        PB,
        "A Cyrillic а looks like a Latin a and leads to another server, or to none.",
    ),
    Example(
        "host_placeholder",
        "https://DOMAIN/pb?cid={sub1}",
        PB,
        "Words such as DOMAIN, SUB or your-tracker.com stand in manuals for your own address.",
    ),
    Example(
        "bad_host",
        "https://tracker..example.com/pb?cid={sub1}",
        PB,
        "No name has two dots in a row, begins with a hyphen, or holds such a character.",
    ),
    Example(
        "too_long",
        f"{PB}&x={'a' * 2500}",
        f"{PB}&x={'a' * 1500}",
        "Beyond 2048 characters many servers cut or refuse (a warning); beyond 8192 it is not called (an error).",
    ),
)

MACROS = (
    Example(
        "unknown_macro",
        f"{T}/pb?cid={{clickid}}",
        PB,
        "Names that mean different things on different platforms (`{clickid}`, `{cid}`, `{subid}`, `{transaction_id}`, `{tid}`) are not guessed: the tracker's own click ID is in a sub slot, such as `{sub1}`; our click ID is `{click_id}`. [Macros](macros.md) lists every name.",
    ),
    Example(
        "unknown_modifier",
        f"{T}/pb?cid={{sub1|uper}}",
        f"{T}/pb?cid={{sub1|upper}}",
        "The list of [modifiers](macros.md#modifiers) is closed. Values are encoded for their place anyway; there is no modifier for that.",
    ),
    Example(
        "bad_modifier",
        f"{T}/pb?cid={{sub1|date:%Y}}",
        f"{PB}&d={{click_time|date:%Y}}",
        "`date`, `unix` and `ms` apply to times; `map`, `truncate`, `default` and `date` need an argument, the others take none.",
    ),
    Example(
        "macro_not_visible",
        f"{PB}&r={{revenue}}",
        f"{PB}&r={{payout}}",
        "What the advertiser pays is between the advertiser and the network.",
        "affiliate",
    ),
    Example(
        "foreign_macro",
        f"{T}/pb?cid=#s2#&payout=#price#",
        f"{T}/pb?cid={{sub2}}&payout={{payout}}",
        "Only `{name}` is replaced here; any other style would go out as it stands. Names of other platforms in braces that mean one thing (`{aff_sub}`, `{p1}`, `{SubId1}`) work and are information only. `redound translate` rewrites whole URLs.",
    ),
    Example(
        "mixed_macro_styles",
        f"{PB}&payout=[payout]",
        f"{PB}&payout={{payout}}",
        "One platform writes its macros in one style. Two styles in a URL mean that part of it comes from somewhere else.",
    ),
    Example(
        "unbalanced_macro",
        f"{T}/pb?cid={{sub1&payout={{payout}}",
        f"{PB}&payout={{payout}}",
        "A bracket was lost, or is of another kind than its partner.",
    ),
    Example(
        "empty_macro",
        f"{PB}&payout={{}}",
        f"{PB}&payout={{payout}}",
        "Put a name between the braces or take the parameter out.",
    ),
    Example(
        "encoded_macro",
        f"{T}/pb?cid=%7Bsub1%7D",
        PB,
        "A tool has encoded the braces. %7Bsub1%7D would be sent as that text.",
    ),
    Example("space_in_macro", f"{T}/pb?cid={{ sub1 }}", PB, "Names are compared exactly."),
    Example(
        "placeholder_left",
        f"{PB}&payout=REPLACE",
        f"{PB}&payout={{payout}}",
        "REPLACE, OPTIONAL, YOUR_KEY and the like were left in the URL by the tracker for you to fill in, or to take out.",
    ),
    Example(
        "literal_for_macro",
        f"{T}/pb?cid=sub1",
        PB,
        "Without its braces the name of a macro is a word like any other.",
    ),
    Example(
        "literal_option_list",
        f"{PB}&status=approved|rejected",
        f"{PB}&status={{status}}",
        "A manual lists what may stand there. `{status|map:approved=sale,rejected=trash}` sends a tracker's own words.",
    ),
    Example(
        "composite_number",
        f"{PB}&payout={{payout}},{{currency}}",
        f"{PB}&payout={{payout}}&currency={{currency}}",
        "A tracker that expects a number reads none, or a wrong one.",
    ),
    Example(
        "tracker_macro",
        f"{T}/cf/cv?click_id={{cf_click_id}}",
        f"{T}/cf/cv?click_id={{sub1}}",
        "The tracker's macro belongs into your link (`…?sub1={cf_click_id}`); the postback returns the slot.",
    ),
    Example(
        "currency_symbol",
        f"{PB}&payout=€{{payout}}",
        f"{PB}&payout={{payout}}&currency={{currency}}",
        "`{payout}` is a plain decimal; a currency sign before or after it is not.",
    ),
)

CONTRACT = (
    Example(
        "no_click_id",
        f"{T}/pb?payout={{payout}}&status={{status}}",
        f"{PB}&payout={{payout}}&status={{status}}",
        "The tracker needs its own click ID back. It arrives in a sub slot of your link.",
    ),
    Example(
        "slot_mismatch",
        PB,
        f"{T}/pb?cid={{sub2}}",
        "Your link, or the clicks that really came, carry the tracker's click ID in another slot than the postback returns.",
        f"{LINK}?sub2={{clickid}}",
    ),
    Example(
        "slot_differs",
        PB,
        f"{T}/pb?cid={{param.gclid}}",
        "The names differ. On some networks that is as it should be, so verify: here a parameter `x` of the link is returned by `{param.x}`.",
        f"{LINK}?gclid={{clickid}}",
    ),
    Example(
        "case_differs",
        f"{T}/pb?cid={{SUB1}}",
        PB,
        "`{SUB1}` is not `{sub1}`, and a link's `Sub1` is not `sub1`.",
    ),
    Example(
        "network_id_as_click_id",
        f"{T}/pb?cid={{click_id}}",
        PB,
        "`{click_id}` and `{conversion_id}` are our IDs, which the tracker has never seen. It wants its own back.",
    ),
    Example(
        "missing_status",
        f"{PB}&payout={{payout}}",
        f"{PB}&payout={{payout}}&status={{status}}",
        "Normal for a postback that fires for one status. A warning when it fires for several, or when the tracker takes a conversion without a status for a sale.",
        "statuses=approved,rejected",
    ),
    Example(
        "constant_status",
        f"{PB}&status=approved",
        f"{PB}&status={{status}}",
        "Fine while the postback fires for that status alone; a warning when it fires for several.",
        "statuses=approved,rejected",
    ),
    Example(
        "missing_payout",
        PB,
        f"{PB}&payout={{payout}}",
        "The tracker then counts nothing, or what its own settings say.",
    ),
    Example(
        "constant_payout",
        f"{PB}&payout=12.50",
        f"{PB}&payout={{payout}}",
        "Right as long as every conversion earns the same.",
    ),
    Example(
        "missing_currency",
        f"{PB}&payout={{payout}}",
        f"{PB}&payout={{payout}}&currency={{currency}}",
        "The tracker takes its default currency.",
    ),
    Example(
        "missing_txid",
        PB,
        f"{PB}&txid={{conversion_id}}",
        "Most postbacks have none. It matters when one click may convert several times: some trackers drop the repeat.",
    ),
    Example(
        "unstable_txid",
        f"{PB}&txid={{timestamp}}",
        f"{PB}&txid={{conversion_id}}",
        "A delivery that is tried again must be recognisable as the same.",
    ),
    Example(
        "secret_in_url",
        f"{PB}&api_key=a1b2c3d4",
        f"{PB}&k={{param.k}}",
        "Use the postback's authentication or a secret header, if the tracker takes one.",
    ),
    Example(
        "wrong_click_param",
        f"{T}/click.php?cid={{sub1}}&cnv_status={{status}}",
        f"{T}/click.php?cnv_id={{sub1}}&cnv_status={{status}}",
        "Said when the tracker is known: from its address, its path, or because you named it.",
    ),
    Example(
        "wrong_endpoint",
        "https://alice.bemobtrcks.com/pb?cid={sub1}",
        "https://alice.bemobtrcks.com/postback?cid={sub1}",
        "Said when the tracker is known; its documentation names another path.",
    ),
    Example(
        "looks_like_offer_link",
        "https://go.example.net/c/ab12cd3?sub1=test",
        PB,
        "A link sends visitors to an offer. The postback URL comes from your tracker's settings.",
    ),
    Example(
        "status_param_typo",
        f"{PB}&staus={{status}}",
        f"{PB}&status={{status}}",
        "The tracker ignores a parameter that it does not know, and takes its default. Keitaro's lists are called `lead_status`, `sale_status`, `rejected_status` and `ignore_status`.",
    ),
    Example(
        "lookalike_param",
        f"{T}/pb?сid={{sub1}}",
        PB,
        "A Cyrillic с looks like a Latin c, and is another name.",
    ),
)

EXAMPLES = (*STRUCTURE, *MACROS, *CONTRACT)
