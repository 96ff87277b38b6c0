"""The tests' own reader, held to what it is trusted with."""

from __future__ import annotations

from tests.corpus.own_xml import meaning, read

SAMPLE = b"""<?xml version="1.0" encoding="UTF-8"?>
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <contactEmail>a&amp;b@example.com</contactEmail>
    <oauthConfig>
        <callbackUrl
        >https://a.example\r\nhttps://b.example</callbackUrl>
        <!-- a remark -->
        <scopes>Api</scopes>
        <scopes>Full</scopes>
        <consumerKey/>
    </oauthConfig>\r
</ConnectedApp>
"""


def test_values_keep_their_carriage_returns() -> None:
    assert read(SAMPLE).value("oauthConfig/callbackUrl") == "https://a.example\r\nhttps://b.example"


def test_paths_count_from_one_and_miss_what_is_not_there() -> None:
    root = read(SAMPLE)
    second = root.at("oauthConfig/scopes[2]")
    assert second is not None
    assert second.text == "Full"
    assert root.at("oauthConfig/scopes[3]") is None
    assert root.at("oauthConfig/scopes[0]") is None
    assert root.value("contactEmail[1]") == "a&b@example.com"


def test_an_empty_element_is_a_leaf() -> None:
    assert meaning(SAMPLE) == [
        ("ConnectedApp", ""),
        ("contactEmail[1]", "a&b@example.com"),
        ("oauthConfig[1]/callbackUrl[1]", "https://a.example\r\nhttps://b.example"),
        ("oauthConfig[1]/scopes[1]", "Api"),
        ("oauthConfig[1]/scopes[2]", "Full"),
        ("oauthConfig[1]/consumerKey[1]", ""),
    ]
