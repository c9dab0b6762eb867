"""Join links and addresses: what is written is read, and what is wrong is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proves import proves
from udpchat_cli.links import Link, LinkError, encoded, parse_address, parse_link
from udpchat_core.text import is_name
from udpchat_protocol.limits import ROOM_MAX

KEY = bytes(range(32))
SECRET = bytes(range(16))

hosts = st.one_of(
    st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}(\.[a-z0-9-]{1,10}){0,2}", fullmatch=True),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
    st.just("fe80::1%eth0"),
)
rooms = st.text(min_size=1, max_size=20).filter(lambda room: is_name(room) and len(room.encode()) <= ROOM_MAX)


@st.composite
def links(draw: st.DrawFn) -> Link:
    key = draw(st.none() | st.binary(min_size=32, max_size=32))
    secret = draw(st.none() | st.binary(min_size=16, max_size=16)) if key else None
    return Link(draw(hosts), draw(st.integers(0, 65535)), draw(st.none() | rooms), key, secret)


@given(links())
def test_a_link_that_was_written_is_read_as_the_same(link: Link):
    assert parse_link(str(link)) == link


@given(st.text())
def test_whatever_is_given_is_a_server_or_a_link_error(text: str):
    try:
        link = parse_link("udpchat://" + text)
    except LinkError:
        return
    assert parse_link(str(link)) == link


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("example.org", "example.org", 9999),
        ("Example.ORG:7", "example.org", 7),
        ("192.0.2.1:65535", "192.0.2.1", 65535),
        ("::1", "::1", 9999),
        ("[::1]:5", "::1", 5),
        ("[fe80::1%eth0]", "fe80::1%eth0", 9999),
    ],
)
def test_an_address_may_be_short(text: str, host: str, port: int):
    assert parse_address(text) == (host, port)
    assert parse_link(text) == Link(host, port)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no host"),
        (":9", "names no host"),
        ("http://example.org/", "no join link"),
        ("exa mple.org", "cannot be a host"),
        ("me@example.org", "cannot be a host"),
        ("\x1bcexample.org", "cannot be a host"),
        ("examp\u200ble.org", "cannot be a host"),
        ("[example.org]:9", "cannot be a host"),
        ("example.org:ten", "no port"),
        ("example.org:65536", "no port"),
        ("example.org:٣", "no port"),
        ("udpchat:///lobby", "names no host"),
        ("udpchat://h/@staff", "cannot be a room's name"),
        ("udpchat://h/a/b", "cannot be a room's name"),
        ("udpchat://h/%FF", "is not UTF-8"),
        (f"udpchat://h/a?key={encoded(KEY)}&key={encoded(KEY)}", "more than one key"),
    ],
)
def test_what_is_wrong_with_a_link_is_named(text: str, said: str):
    with pytest.raises(LinkError, match=said):
        parse_link(text)


@proves("UC-LINK-1")
@pytest.mark.parametrize(
    ("tail", "said"),
    [
        ("?key=", "key"),
        (f"?key={encoded(KEY[:-1])}", "key"),
        (f"?key={encoded(KEY)}A", "key"),
        (f"?key={encoded(KEY)}=", "key"),
        (f"?key={encoded(KEY)[:-1]}+", "key"),
        (f"?key={encoded(KEY)}#", "secret"),
        (f"?key={encoded(KEY)}#{encoded(SECRET + b'x')}", "secret"),
        (f"?key={encoded(KEY)}#{encoded(SECRET)[:-1]}x", "secret"),
        (f"#{encoded(SECRET)}", "secret but no key"),
    ],
)
def test_a_damaged_key_or_secret_is_refused(tail: str, said: str):
    assert parse_link(f"udpchat://h/a?key={encoded(KEY)}#{encoded(SECRET)}") == Link("h", 9999, "a", KEY, SECRET)
    with pytest.raises(LinkError, match=said):
        parse_link("udpchat://h/a" + tail)
