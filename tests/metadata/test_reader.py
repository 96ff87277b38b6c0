"""What a file says, leaf for leaf; and that a hostile file is refused and does nothing else."""

from __future__ import annotations

import time

import pytest

from changeover import errors
from changeover.apps.connected_app import ConnectedApp
from changeover.apps.document import Leaf
from changeover.metadata.encoding import MAX_BYTES
from changeover.metadata.file_error import FileError
from changeover.metadata.reader import MAX_DEPTH, NAMESPACE, Source, read
from changeover.metadata.shape import shape_of

PATH = "connectedApps/Billing.connectedApp-meta.xml"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def app(inner: str, attributes: str = "") -> bytes:
    return f'{HEAD}<ConnectedApp xmlns="{NAMESPACE}"{attributes}>{inner}</ConnectedApp>\n'.encode()


def root(inner: str) -> bytes:
    return app(inner).split(b"\n", 1)[1]


def read_app(data: bytes) -> Source:
    return read(data, PATH, "ConnectedApp", shape_of(ConnectedApp))


def leaves(inner: str, attributes: str = "") -> dict[str, str]:
    return dict(read_app(app(inner, attributes)).leaves)


def refused(data: bytes) -> FileError:
    with pytest.raises(FileError) as caught:
        read_app(data)
    assert caught.value.path == PATH
    return caught.value


def test_leaves_bear_paths_and_lines() -> None:
    source = read_app(
        app(
            "\n<label>Billing</label>\n<oauthConfig>\n<scopes>Api</scopes>\n<scopes>Web</scopes>\n</oauthConfig>\n"
        )
    )
    assert source.leaves == (
        Leaf("label", "Billing"),
        Leaf("oauthConfig/scopes[1]", "Api"),
        Leaf("oauthConfig/scopes[2]", "Web"),
    )
    assert source.comments == ()


def test_an_unknown_element_bears_an_index_from_its_second_occurrence_on() -> None:
    assert leaves("<new>1</new><new>2</new><group><inner>3</inner></group>") == {
        "new": "1",
        "new[2]": "2",
        "group/inner": "3",
    }


def test_empty_elements_and_groups_are_leaves() -> None:
    assert leaves("<label></label><startUrl/><oauthConfig>\n    </oauthConfig>") == {
        "label": "",
        "startUrl": "",
        "oauthConfig": "\n    ",
    }


def test_attributes_are_leaves() -> None:
    xsi = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="2"'
    assert leaves('<label xsi:nil="true"/><description lang="de">Rechnung</description>', xsi) == {
        "@version": "2",
        "label/@xsi:nil": "true",
        "description/@lang": "de",
        "description": "Rechnung",
    }


def test_text_beside_elements_is_kept() -> None:
    assert leaves("<oauthConfig>before<scopes>Api</scopes>after</oauthConfig>") == {
        "oauthConfig": "beforeafter",
        "oauthConfig/scopes[1]": "Api",
    }


def test_comments_and_instructions_are_reported_and_part_no_value() -> None:
    source = read_app(app("<!-- one -->\n<label>Bil<!-- two -->ling</label>\n<?php echo 1 ?>\n"))
    assert source.leaves == (Leaf("label", "Billing"),)
    assert source.comments == (2, 3, 4)
    assert read_app(app("").replace(b"<Conn", b"<!-- before -->\n<Conn", 1) + b"<!-- after -->").comments == (
        2,
        4,
    )


def test_cdata_and_references_are_text() -> None:
    assert leaves("<label><![CDATA[A & B]]> &amp; &#67; &quot;&apos;</label>") == {"label": "A & B & C \"'"}


@pytest.mark.parametrize("space", ["\u00a0", "\u2003", "\u3000"])
def test_only_the_spaces_of_xml_are_nothing(space: str) -> None:
    assert leaves(f"<oauthConfig>{space}<scopes>Api</scopes></oauthConfig>")["oauthConfig"] == space


class TestCarriageReturns:
    def test_of_a_value_are_kept(self) -> None:
        assert leaves("\n<label>a\r\nb\rc\n</label>\n") == {"label": "a\r\nb\rc\n"}

    def test_of_a_cdata_value_are_kept(self) -> None:
        assert leaves("\n<label><![CDATA[a\r\n<b>\r]]></label>\n") == {"label": "a\r\n<b>\r"}

    def test_of_every_line_are_the_style_of_the_file(self) -> None:
        data = app("\n<label>a\nb</label>\n").replace(b"\n", b"\r\n")
        assert dict(read_app(data).leaves) == {"label": "a\nb"}

    def test_of_the_one_value_of_a_file_without_lines_are_kept(self) -> None:
        data = app("<label>a\r\nb</label>").replace(HEAD.encode(), b"").removesuffix(b"\n")
        assert dict(read_app(data).leaves) == {"label": "a\r\nb"}

    @pytest.mark.parametrize(
        "inner",
        [
            "<label\r\n\t>x</label\r>",
            "\r\n<!-- a\r\n<b>\r\n -->\n<label>x</label>",
            "<?a\r?>\n<label>x</label>",
            "\r<label>x</label>\r\n",
        ],
    )
    def test_outside_values_are_white_space(self, inner: str) -> None:
        assert leaves(inner) == {"label": "x"}

    def test_around_the_root_are_white_space(self) -> None:
        data = (
            HEAD.encode()
            + b"\r<!-- </x>\r -->\r"
            + app("<label>a\rb</label>").split(b"\n", 1)[1]
            + b"\r<!--</y>-->\r"
        )
        assert dict(read_app(data).leaves) == {"label": "a\rb"}

    def test_of_an_attribute_are_a_space_as_in_xml(self) -> None:
        assert leaves('\n<label a="x\r\ny > z">v</label>\n')["label/@a"] == "x y > z"

    @pytest.mark.parametrize("junk", ["<", "<a '", '<a "', "<!--", "<![CDATA[", "<?", ">\r\n", "&#13;"])
    def test_cost_no_more_than_the_file_is_long(self, junk: str) -> None:
        data = app("\r" + junk * (1_000_000 // len(junk)))
        started = time.process_time()
        refused(data) if junk not in {">\r\n", "&#13;"} else read_or_refuse(data)
        assert time.process_time() - started < 5


def read_or_refuse(data: bytes) -> None:
    try:
        read_app(data)
    except FileError:
        return


class TestHostileFiles:
    def test_an_external_entity_is_never_read(self) -> None:
        error = refused(
            b'<!DOCTYPE ConnectedApp [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n'
            + root("<label>&x;</label>")
        )
        assert error.kind is errors.XML_DOCTYPE
        assert error.line == 1
        assert "root:" not in str(error)

    def test_an_entity_bomb_is_refused_at_once(self) -> None:
        entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol"}">' for n in range(12))
        started = time.process_time()
        error = refused(f"<!DOCTYPE x [{entities}]>".encode() + root("<label>&e11;</label>"))
        assert error.kind is errors.XML_DOCTYPE
        assert time.process_time() - started < 2

    def test_a_doctype_without_entities_is_refused_too(self) -> None:
        error = refused(HEAD.encode() + b"\n<!DOCTYPE ConnectedApp>" + root(""))
        assert (error.kind, error.line) == (errors.XML_DOCTYPE, 3)

    def test_the_word_doctype_in_a_value_is_none(self) -> None:
        assert leaves("<label>&lt;!DOCTYPE x></label>") == {"label": "<!DOCTYPE x>"}

    @pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 300, 100_000])
    def test_deep_nesting_is_refused(self, depth: int) -> None:
        assert refused(app("<a>" * depth + "</a>" * depth)).kind is errors.XML_TOO_LARGE

    def test_nesting_up_to_the_limit_is_read(self) -> None:
        depth = MAX_DEPTH
        assert list(leaves("<a>" * depth + "x" + "</a>" * depth).values()) == ["x"]

    def test_a_file_beyond_the_limit_is_refused(self) -> None:
        assert refused(app("<label>" + "x" * MAX_BYTES + "</label>")).kind is errors.XML_TOO_LARGE

    def test_many_elements_are_read_in_time(self) -> None:
        started = time.process_time()
        assert len(leaves("<a/>" * 200_000)) == 200_000
        assert time.process_time() - started < 20

    def test_text_between_many_elements_is_read_in_time(self) -> None:
        started = time.process_time()
        assert leaves("<a>" + "<b/>x" * 200_000 + "</a>")["a"] == "x" * 200_000
        assert time.process_time() - started < 20

    @pytest.mark.parametrize("bom", ["\ufeff", ""])
    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
    def test_utf_16_is_named(self, encoding: str, bom: str) -> None:
        text = bom + app("<label>x</label>").decode()
        error = refused(text.encode(encoding))
        assert error.kind is errors.XML_ENCODING
        assert "UTF-16" in error.message

    def test_a_byte_order_mark_of_utf_8_is_none_of_the_file(self) -> None:
        assert dict(read_app(b"\xef\xbb\xbf" + app("<label>\u00fc</label>")).leaves) == {"label": "\u00fc"}

    def test_another_encoding_is_refused_where_it_makes_a_difference(self) -> None:
        text = app("<label>\u00fc</label>").decode().replace("UTF-8", "ISO-8859-1")
        for data in (text.encode("latin-1"), text.encode()):
            error = refused(data)
            assert error.kind is errors.XML_ENCODING
            assert "ISO-8859-1" in error.message

    @pytest.mark.parametrize("declared", ["ISO-8859-1", "utf-16", "UTF-7", "x" * 40, "no-such"])
    def test_another_encoding_is_nothing_in_a_file_of_ascii(self, declared: str) -> None:
        data = app("<label>x+AGEAYg-</label>").replace(b"UTF-8", declared.encode())
        assert dict(read_app(data).leaves) == {"label": "x+AGEAYg-"}

    def test_a_byte_that_is_no_utf_8_is_refused_with_its_line(self) -> None:
        error = refused(app("\n<label>\n").replace(b"<label>", b"<label>\xfc"))
        assert (error.kind, error.line) == (errors.XML_ENCODING, 3)

    def test_nul_is_refused_with_its_line(self) -> None:
        error = refused(app("\n<label>x\0y</label>"))
        assert (error.kind, error.line) == (errors.XML_BROKEN, 3)

    @pytest.mark.parametrize(
        ("data", "line"),
        [
            (b"", None),
            (b"   \n", 2),
            (b"not XML", 1),
            (app("\n<label>x"), 3),
            (app("\n<label>x</lable>"), 3),
            (app("\n\n<label>a & b</label>"), 4),
            (app("\n<label>&nbsp;</label>"), 3),
            (app("\n<label a='1' a='2'/>"), 3),
            (app("\n<label>\x01</label>"), 3),
            (app("<label>x</label>") + b"\n<more/>", 4),
            (app("<label>x</label>")[:-20], 2),
        ],
    )
    def test_what_is_no_xml_is_refused_with_its_line(self, data: bytes, line: int | None) -> None:
        error = refused(data)
        assert error.kind is errors.XML_BROKEN
        if line is not None:
            assert error.line == line
            assert f"{PATH}, line {line}: " in error.message

    @pytest.mark.parametrize(
        "inner",
        [
            "<consumerSecret>A&B4711;</consumerSecret>",
            "<consumerSecret>A<B4711 C4711</consumerSecret>",
            "<consumerSecret B4711=x>A</consumerSecret>",
            "<consumerSecret>A</B4711>",
            "<B4711:x>A</B4711:x>",
        ],
    )
    def test_no_piece_of_a_broken_file_is_quoted(self, inner: str) -> None:
        assert "4711" not in str(refused(app(inner)))

    @pytest.mark.parametrize(
        "data",
        [
            HEAD.encode() + f'<Profile xmlns="{NAMESPACE}"/>'.encode(),
            HEAD.encode() + b"<ConnectedApp/>",
            HEAD.encode() + b'<ConnectedApp xmlns="http://example.com"/>',
            app('<x:label xmlns:x="http://example.com">x</x:label>'),
            app('<label xmlns="">x</label>'),
            app('<label xmlns:x="http://example.com" x:a="1">x</label>'),
        ],
    )
    def test_what_is_no_connected_app_is_refused(self, data: bytes) -> None:
        assert refused(data).kind is errors.FILE_NOT_AN_APP

    def test_text_right_in_the_root_is_refused(self) -> None:
        assert refused(app("text")).kind is errors.XML_BROKEN
        assert refused(app("<label>x</label>text")).kind is errors.XML_BROKEN
