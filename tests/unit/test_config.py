"""node.toml is closed: what is not known, or would open the node to others, is refused in words."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.cli.new_config import template
from clearline.config import (
    ConfigError,
    parse_address,
    parse_config,
    read_config,
)


def fault(text: str) -> str:
    """What is said of a configuration that cannot be used."""
    with pytest.raises(ConfigError) as error:
        parse_config(text.encode())
    return str(error.value)


def test_new_configuration_is_one_that_can_be_read() -> None:
    """What init writes is taken as it is, with a route for every role of the agreement."""
    text = template(party="../alfa", roles=("one", "two"), api="127.0.0.1:0", listen="[::]:7443")
    config = parse_config(text.encode())
    assert [role.role for role in config.roles] == ["one", "two"]
    assert config.link.listen == "[::]:7443"


DESKS = (
    '[party]\nfolder = "x"\n[[roles]]\nrole = "watch-officer"\nchannels = ["desk"]\n'
    '[channels.desk]\nkind = "desk"\n[[desks]]\nname = "north"\n'
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[prty]\nfolder = "x"', "unknown key prty: did you mean party?"),
        ('[party]\nfolder = "x"\n[api]\nbnd = "x"', "unknown key api.bnd: did you mean bind?"),
        ('[party]\nfolder = "x"\n[[roles]]\nrol = "w"', "unknown key roles[0].rol: did you mean"),
        ('[party]\nfolder = 1', "Expected `str`"),
        ('[party]\nfolder = "x"\n[api]\nbind = "0.0.0.0:1"', "open to other machines"),
        ('[party]\nfolder = "x"\n[api]\nbind = "127.0.0.1"', "not HOST:PORT"),
        ('[party]\nfolder = "x"\n[api]\nbind = "127.0.0.1:70000"', "not HOST:PORT"),
        ('[party]\nfolder = "x"\n[link.peers]\nbravo = "a:1"', "a party's id"),
        ('[party]\nfolder = "x"\n[api]\nkey = "k"', "belong together"),
        ('[party]\nfolder = "x"\n[[roles]]\nrole = "w"\nchannels = ["dsk"]\n'
         '[channels.desk]\nkind = "desk"', "did you mean desk?"),
        (f'{DESKS}roles = ["watch-oficer"]', "did you mean watch-officer?"),
        (f'{DESKS}lines = ["XY"]', "is not the start of a line's name"),
        (f"{DESKS}exercise = true", "nothing real would be heard"),
        (f'{DESKS}[[desks]]\nname = "north"', "north stands twice"),
        (f'{DESKS}[[desks]]\nname = "a/b"', "desks[1].name"),
        (f'{DESKS}role = "x"', "unknown key desks[0].role: did you mean roles?"),
        ('[party]\nfolder = "x"\n[channels.pager]\nurl = "x"', "needs kind"),
        ('[party', "not TOML"),
        ("", "missing required"),
    ],
)  # fmt: skip
def test_fault_is_named_with_its_key(text: str, says: str) -> None:
    """Each fault names the key and, where there is one, what was meant."""
    assert says in fault(text)


def test_every_unknown_key_is_told_at_once() -> None:
    """A person corrects the file once, not once for each fault."""
    said = fault('[party]\nfolder = "x"\nfoldr = "y"\n[store]\ndatabse = "z"')
    assert "party.foldr" in said
    assert "store.databse" in said


def test_other_machines_need_tls_or_an_explicit_word() -> None:
    """The API is open beyond this machine only with a certificate, or when somebody said so."""
    base = '[party]\nfolder = "x"\n[api]\nbind = "0.0.0.0:1"\n'
    parse_config(f"{base}plain_http = true".encode())
    parse_config(f'{base}certificate = "c"\nkey = "k"'.encode())
    for host in ("127.0.0.1", "[::1]", "localhost", "127.9.9.9"):
        parse_config(f'[party]\nfolder = "x"\n[api]\nbind = "{host}:1"'.encode())


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    """Whatever the file holds, it is a configuration or a ConfigError."""
    with suppress(ConfigError):
        assert parse_config(raw).party.folder is not None


@given(st.text(max_size=40))
def test_address_is_host_and_port_or_refused(text: str) -> None:
    """No text gives a port that does not exist."""
    try:
        host, port = parse_address(text)
    except ValueError:
        return
    assert host
    assert 0 <= port <= 65_535


def test_notation_of_a_party_is_one_that_is_written() -> None:
    """A notation, a zone and a file of names; what reads in two ways is not written, and a zone is
    a name, never a path."""
    base = '[party]\nfolder = "x"\n[notation]\n'
    table = parse_config(f'{base}write = "mgrs"\nzone = "Asia/Damascus"'.encode()).notation
    assert (table.write.value, table.zone, table.places) == ("mgrs", "Asia/Damascus", None)
    assert "not written" in fault(f'{base}write = "dotted"')
    for zone in ("Asia/Nowhere", "/etc/passwd", "../UTC", "Asia", ""):
        assert "notation.zone" in fault(f'{base}zone = "{zone}"')


def test_list_of_places_is_read_with_the_configuration(tmp_path) -> None:
    """One that is missing or at fault is named, before a node starts without it."""
    (tmp_path / "node.toml").write_text(
        '[party]\nfolder = "x"\n[notation]\nplaces = "places.toml"', "utf-8"
    )
    placed = read_config(tmp_path)
    with pytest.raises(ConfigError, match=r"notation\.places: No such file"):
        placed.places()
    file = tmp_path / "places.toml"
    file.write_text('[[places]]\nnames = ["A"]\nat = "35.30 36.15"', "utf-8")
    with pytest.raises(ConfigError, match="has 2 meanings"):
        placed.places()
    file.write_text('[[places]]\nnames = ["A"]\nat = "37S BV 70000 20000"', "utf-8")
    assert [place.names for place in placed.places().places] == [("A",)]


def test_language_that_nobody_reviewed_is_not_the_only_one() -> None:
    """FM20: English stands beside it, for the node and for each desk; a desk for exercises may do
    without; a language that is not there is named."""
    base = '[party]\nfolder = "x"\n'
    assert parse_config(base.encode()).languages == ("en",)
    assert parse_config(f'languages = ["ar", "en"]\n{base}'.encode()).languages == ("ar", "en")
    assert "nobody has reviewed" in fault(f'languages = ["ar"]\n{base}')
    assert "no language 'xx'" in fault(f'languages = ["xx"]\n{base}')
    desk = f'{base}[[desks]]\nname = "a"\n[[desks]]\nname = "b"\nlanguages = ["he"]\n'
    assert "desks[1].languages: nobody has reviewed" in fault(desk)
    assert parse_config(f"{desk}exercise = true".encode()).desks[1].languages == ("he",)
