"""protocol/vectors/handshake.json is right, and the packages speak it byte for byte (SPEC.md 5 and 6).

The file is held against two things: `generate_handshake.py`, which shares no code with the packages, and the
packages.
"""

import ast
import importlib.util
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from proves import proves
from udpchat_core import keys
from udpchat_core.cookie import CookieJar
from udpchat_core.keys import Entropy, PrivateKey
from udpchat_core.noise import Initiator, NoiseError, NoiseReason, Responder
from udpchat_core.seal import Seal
from udpchat_protocol.packets import Answer, Hello, Offer, Retry, Welcome

FOLDER = Path(__file__).parents[2] / "protocol" / "vectors"
GENERATOR = FOLDER / "generate_handshake.py"
TEXT = (FOLDER / "handshake.json").read_text(encoding="ascii")
VECTORS = json.loads(TEXT)

vector = pytest.mark.parametrize("told", VECTORS["handshakes"], ids=lambda told: told["name"])


def giving(chunk: bytes) -> Entropy:
    return lambda count: chunk[:count]


def octets(told: str) -> bytes:
    return bytes.fromhex(told)


def datagrams(told: dict[str, Any]) -> list[bytes]:
    return [octets(packet["datagram"]) for packet in told["packets"]]


def static(side: dict[str, str]) -> PrivateKey:
    return PrivateKey(octets(side["static_private"]))


def initiator(told: dict[str, Any]) -> Initiator:
    client, server_key = told["client"], octets(told["server"]["static_public"])
    secret = told["secret"] and octets(told["secret"])
    return Initiator(
        static(client),
        server_key,
        keys.psk(secret, server_key),
        keys.prologue(told["version"], int(told["token"], 16)),
        giving(octets(client["ephemeral_private"])),
    )


def responder(told: dict[str, Any]) -> Responder:
    return Responder(static(told["server"]), octets(told["psk"]), giving(octets(told["server"]["ephemeral_private"])))


def test_the_file_fits_its_schema():
    schema = json.loads((FOLDER / "handshake.schema.json").read_text(encoding="ascii"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(VECTORS, schema)


def test_the_file_is_what_its_generator_makes():
    found = importlib.util.spec_from_file_location("generate_handshake", GENERATOR)
    assert found is not None
    assert found.loader is not None
    generator = importlib.util.module_from_spec(found)
    found.loader.exec_module(generator)
    assert generator.text() == TEXT


def test_the_generator_shares_no_code_with_the_packages():
    imported = {
        name.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse(GENERATOR.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert "cryptography.hazmat.primitives.ciphers.aead" in imported
    assert not [name for name in imported if name is None or name.startswith("udpchat")]


@vector
def test_what_is_derived_from_keys(told: dict[str, Any]):
    for side in (told["client"], told["server"]):
        assert keys.public_key(static(side)) == octets(side["static_public"])
        assert keys.fingerprint(octets(side["static_public"])) == octets(side["fingerprint"])
    server = told["server"]
    secret = told["secret"] and octets(told["secret"])
    assert keys.psk(secret, octets(server["static_public"])) == octets(told["psk"])
    assert keys.reset_key(static(server)) == octets(server["reset_key"])
    token = keys.reset_token(keys.reset_key(static(server)), int(told["session"], 16))
    assert token == octets(told["reset_token"])
    assert keys.prologue(told["version"], int(told["token"], 16)) == octets(told["prologue"])


@proves("UC-GATE-2")
@vector
def test_the_cookie(told: dict[str, Any]):
    cookie, token = told["cookie"], int(told["token"], 16)
    jar, now = CookieJar(giving(octets(cookie["secret"]))), cookie["issued"] / 1000
    assert jar.bake(token, octets(cookie["path"]), now) == octets(cookie["value"])
    assert jar.check(octets(cookie["value"]), token, octets(cookie["path"]), now)


@proves("UC-NOISE-1")
@vector
def test_the_client_says_what_the_file_says(told: dict[str, Any]):
    _, _, hello, welcome, first, terms = datagrams(told)
    token, cookie = int(told["token"], 16), octets(told["cookie"]["value"])
    client = initiator(told)
    message1 = client.message1(Offer(device=told["device"], versions=(told["version"],)).build())
    assert message1 == octets(told["noise"]["message1"]["bytes"])
    assert Hello(version=1, token=token, cookie=cookie, noise=message1).build() == hello
    payload, split = client.read2_untrusted(Welcome.parse_untrusted(welcome).noise)
    answer = Answer.parse_untrusted(payload)
    assert answer == Answer(session=int(told["session"], 16), versions=(told["version"],))
    seal = Seal(answer.session, split.to_server, split.to_client)
    assert seal.seal(octets(told["packets"][4]["plaintext"])) == first
    assert seal.open_untrusted(terms) == (0, octets(told["packets"][5]["plaintext"]))


@proves("UC-NOISE-1")
@vector
def test_the_server_says_what_the_file_says(told: dict[str, Any]):
    _, retry, hello, welcome, first, terms = datagrams(told)
    token, session = int(told["token"], 16), int(told["session"], 16)
    assert (
        Retry(
            version=1,
            token=token,
            flags=0 if told["secret"] is None else 1,
            cookie=octets(told["cookie"]["value"]),
            key=octets(told["server"]["static_public"]),
        ).build()
        == retry
    )
    said = Hello.parse_untrusted(hello)
    offered = responder(told).read1_untrusted(said.noise, keys.prologue(said.version, said.token))
    assert offered.public == octets(told["client"]["static_public"])
    assert Offer.parse_untrusted(offered.payload) == Offer(device=told["device"], versions=(told["version"],))
    message2, split = offered.message2(Answer(session=session, versions=(told["version"],)).build())
    assert message2 == octets(told["noise"]["message2"]["bytes"])
    assert Welcome(version=1, token=token, noise=message2).build() == welcome
    seal = Seal(session, split.to_client, split.to_server)
    assert seal.open_untrusted(first) == (0, octets(told["packets"][4]["plaintext"]))
    assert seal.seal(octets(told["packets"][5]["plaintext"])) == terms


@proves("UC-NOISE-4")
@vector
def test_the_split_keys_are_used_as_they_are(told: dict[str, Any]):
    split, first, terms = told["noise"]["split"], told["packets"][4], told["packets"][5]
    assert (first["from"], first["key"]) == ("client", split["to_server"])
    assert (terms["from"], terms["key"]) == ("server", split["to_client"])


@vector
def test_the_first_hello_says_nothing_but_its_token(told: dict[str, Any]):
    first = datagrams(told)[0]
    assert Hello(version=1, token=int(told["token"], 16), cookie=b"", noise=b"").build() == first


@proves("UC-NOISE-2")
@pytest.mark.parametrize("key", VECTORS["low_order_keys"])
def test_a_key_of_low_order_is_refused(key: str):
    told = VECTORS["handshakes"][0]
    client = initiator(told)
    client.message1(b"")
    with pytest.raises(NoiseError) as by_the_client:
        client.read2_untrusted(octets(key) + bytes(16))
    with pytest.raises(NoiseError) as by_the_server:
        responder(told).read1_untrusted(octets(key) + bytes(64), octets(told["prologue"]))
    assert by_the_client.value.reason is by_the_server.value.reason is NoiseReason.LOW_ORDER


def test_an_open_and_a_closed_server_are_told():
    assert [told["secret"] is None for told in VECTORS["handshakes"]] == [True, False]
