"""The commands of parties and agreements, from keys to adopted terms."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from clearline.cli import main as cli
from clearline.model.time import HOUR
from clearline.store import keyfile
from clearline.store.party_files import PartyFiles
from clearline.trust.chain import read_chain
from clearline.trust.documents import DocType, read
from clearline.trust.party import EpochOpening
from tests.trust_people import good

LINE, ROOT = "a" * 64, "b" * 64


def run(*words: object, code: int = 0, feed: str | None = None) -> Result:
    arguments = [str(word) for word in words]
    result = CliRunner().invoke(cli.build(arguments), arguments, input=feed)
    assert code == result.exit_code, (result.output, result.exception)
    return result


def run_json(*words: object, code: int = 0) -> dict[str, object]:
    found: dict[str, object] = json.loads(run(*words, "--json", code=code).stdout)
    return found


@pytest.fixture(autouse=True)
def _quick_seal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sealing is tested at full cost elsewhere."""
    sealed = keyfile.write_key

    def quick(path: Path, seed: bytes, passphrase: bytes | None) -> None:
        sealed(path, seed, passphrase, scrypt_n=1 << 10)

    monkeypatch.setattr(keyfile, "write_key", quick)


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a passphrase and two parties, and the terms that both are to sign."""
    monkeypatch.chdir(tmp_path)
    Path("pass").write_text("horse battery\n")
    for party in ("ALFA", "BRAVO"):
        run("party", "new", party, "--name", f"{party} Command", "--dir", party.lower(),
            "--passphrase-file", "pass")  # fmt: skip
    run("agreement", "draft", "bilateral-air", "--party", "alfa/card.json",
        "--party", "bravo/card.json", "-o", "line.toml")  # fmt: skip
    run("agreement", "compile", "line.toml", "-o", "line.json")
    return tmp_path


def sign(party: str, file: str = "line.json", code: int = 0) -> Result:
    return run("agreement", "sign", file, "--as", party, "--passphrase-file", "pass", code=code)


def test_party_new_makes_a_whole_party(town: Path) -> None:
    """Card, chain and keys belong together; private files are their owner's alone."""
    files = PartyFiles(town / "alfa")
    card = good(files.card()).body
    chain = good(files.chain(card.id, card.root_key))
    assert card.root_key == good(files.root(card.root_key, lambda: b"horse battery")).public.hex
    assert chain.manifest is not None
    assert chain.manifest.keys[0].key == good(files.node_key(chain)).public.hex
    assert all(path.exists() for path in good(files.tls(chain)))
    for path in (town / "alfa" / "keys").iterdir():
        wanted = 0o644 if path.suffix == ".pem" else 0o600
        assert wanted == path.stat().st_mode & 0o777


def test_party_new_never_touches_a_folder_in_use(town: Path) -> None:
    """A second party in the same folder is refused, and the first stays as it was."""
    before = sorted(os.listdir(town / "alfa" / "keys"))
    result = run("party", "new", "ALFA", "--name", "x", "--dir", "alfa", "--no-passphrase", code=1)
    assert "alfa: the folder is not empty" in result.stderr
    assert before == sorted(os.listdir(town / "alfa" / "keys"))


def test_interrupted_party_new_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while keys are made leaves no folder and no scratch folder."""

    def interrupted(_: object) -> tuple[bytes, bytes]:
        raise KeyboardInterrupt

    monkeypatch.setattr(keyfile, "new_tls", interrupted)
    run("party", "new", "ALFA", "--name", "x", "--dir", tmp_path / "alfa", "--no-passphrase",
        code=130)  # fmt: skip
    assert [] == os.listdir(tmp_path)


@pytest.mark.parametrize(
    "words",
    [
        ("party", "new", "alfa", "--name", "x", "--dir", "p", "--no-passphrase"),
        ("party", "new", "ALFA", "--name", "x", "--dir", "p"),
        ("party", "new", "ALFA", "--name", "x", "--dir", ".", "--no-passphrase"),
        ("party", "nothing"),
        ("nothing",),
        ("agreement", "draft", "-o", "x.toml"),
        ("agreement", "draft", "no-such", "-o", "x.toml"),
        ("agreement", "draft", "wildfire", "-o", "x.toml"),
    ],
)
def test_wrong_usage_exits_two(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A misused command does nothing and says how it is used."""
    monkeypatch.chdir(tmp_path)
    run(*words, code=2)
    assert [] == os.listdir(tmp_path)


def test_name_that_reads_otherwise_is_refused(tmp_path: Path) -> None:
    """A direction override in a name never gets onto a card."""
    result = run("party", "new", "ALFA", "--name", "a\u202eb", "--dir", tmp_path / "p",
                 "--no-passphrase", code=1)  # fmt: skip
    assert "CL-TRU-004" in result.stderr
    assert [] == os.listdir(tmp_path)


def test_fingerprint_is_the_same_at_both_ends(town: Path) -> None:
    """What the owner reads from its own screen is what the other computes from the card."""
    own = run_json("party", "card", "--dir", "alfa")["fingerprint"]
    found = run_json("party", "fingerprint", "alfa/card.json", "--expect", own)
    assert (own, True) == (found["fingerprint"], found["same"])
    other = run_json("party", "card", "--dir", "bravo")["fingerprint"]
    refused = run_json("party", "fingerprint", "alfa/card.json", "--expect", other, code=1)
    assert "CL-TRU-011" == refused["refused"][0]["clause"]


def test_agreement_goes_from_draft_to_adopted(town: Path) -> None:
    """Both sign, in turn; only then does a node get the terms."""
    sign("alfa")
    half = run("agreement", "verify", "line.json", code=1)
    assert "BRAVO (BRAVO Command) not signed" in half.stdout
    early = run("agreement", "adopt", "line.json", "--node", "node", code=1)
    assert "BRAVO (BRAVO Command)" in early.stderr
    assert not Path("node").exists()
    sign("bravo")
    state = run_json("agreement", "verify", "line.json", "--card", "alfa/card.json")
    assert (["ALFA", "BRAVO"], [], True) == (state["signed"], state["missing"], state["complete"])
    adopted = run_json("agreement", "adopt", "line.json", "--node", "node")
    assert Path("line.json").read_bytes() == Path(str(adopted["file"])).read_bytes()
    assert adopted == run_json("agreement", "adopt", "line.json", "--node", "node")
    assert "BRAVO BRAVO Command: signed" in run("agreement", "show", "line.json").stdout


def test_signatures_made_apart_are_merged(town: Path) -> None:
    """Parties that cannot pass one file sign copies."""
    for party in ("alfa", "bravo"):
        run("agreement", "sign", "line.json", "--as", party, "--passphrase-file", "pass",
            "-o", f"{party}.json")  # fmt: skip
    run("agreement", "merge", "alfa.json", "bravo.json", "-o", "both.json")
    assert run_json("agreement", "verify", "both.json")["complete"]


def test_second_version_follows_the_first(town: Path) -> None:
    """The next version is drafted from the signed one and adopted after it, not before."""
    sign("alfa")
    sign("bravo")
    run("agreement", "draft", "--from", "line.json", "-o", "v2.toml")
    for source in ("v2.toml", "v2.json"):
        sign("alfa" if source == "v2.toml" else "bravo", source)
    run("agreement", "verify", "v2.json", "--previous", "line.json")
    assert "not-found" in run("agreement", "adopt", "v2.json", "--node", "n", code=1).stderr
    run("agreement", "adopt", "line.json", "--node", "n")
    run("agreement", "adopt", "v2.json", "--node", "n")
    assert 2 == len(list(Path("n/agreements").iterdir()))
    run("agreement", "verify", "line.json", "--previous", "v2.json", code=1)


def test_joiner_by_its_card_is_in_the_next_draft(town: Path) -> None:
    """A card given with --from adds a party to the next version; one that is in it is refused."""
    sign("alfa")
    sign("bravo")
    run("party", "new", "DELTA", "--name", "DELTA Relief", "--dir", "delta",
        "--passphrase-file", "pass")  # fmt: skip
    run("agreement", "draft", "--from", "line.json", "--party", "delta/card.json",
        "--effective", "2031-01-01T00:00:00Z", "-o", "v2.toml")  # fmt: skip
    run("agreement", "compile", "v2.toml", "-o", "v2.json")
    shown = run("agreement", "show", "v2.json").stdout
    assert "DELTA DELTA Relief" in shown
    name = next(row for row in run("agreement", "show", "line.json").stdout.splitlines()
                if row.startswith("  line "))  # fmt: skip
    assert name in shown
    assert "2031-01-01" in shown
    again = run("agreement", "draft", "--from", "line.json", "--party", "alfa/card.json",
                "-o", "v3.toml", code=2)  # fmt: skip
    assert "ALFA is a party" in again.stderr


def test_wrong_passphrase_signs_nothing(town: Path) -> None:
    """A sealed root key stays sealed and the file as it was."""
    before = Path("line.json").read_bytes()
    Path("pass").write_text("wrong\n")
    assert "CL-KEY-003" in sign("alfa", code=1).stderr
    assert before == Path("line.json").read_bytes()


def test_passphrase_is_asked_for(town: Path) -> None:
    """Without a file the passphrase is typed at the prompt."""
    run("agreement", "sign", "line.json", "--as", "alfa", feed="horse battery\n")
    assert ["ALFA"] == run_json("agreement", "verify", "line.json", code=1)["signed"]


def test_swapped_root_in_the_terms_is_found_by_the_card(town: Path) -> None:
    """Terms that carry another root key than the compared card's are refused."""
    sign("alfa")
    run("party", "new", "BRAVO", "--name", "x", "--dir", "eve", "--no-passphrase")
    result = run("agreement", "verify", "line.json", "--card", "eve/card.json", code=1)
    assert "CL-TRU-011" in result.stderr
    assert "CL-AGR-002" in sign("eve", code=1).stderr


def test_all_faults_of_a_draft_are_printed(town: Path) -> None:
    """Each fault of a draft is told with its place, code, clause and sentence."""
    text = Path("line.toml").read_text().replace("heartbeat_s = 60", "heartbeat = 60")
    Path("line.toml").write_text(text.replace("exercise = false", ""))
    found = run_json("agreement", "compile", "line.toml", "-o", "x.json", code=1)["refused"]
    assert {"/times/heartbeat", "/exercise"} <= {fault["at"] for fault in found}
    assert all(fault["sentence"] and fault["clause"] for fault in found)
    assert not Path("x.json").exists()


def test_draft_does_not_overwrite_an_edited_one(town: Path) -> None:
    """Somebody's edits are not lost to a second draft."""
    run("agreement", "draft", "wildfire", "--party", "alfa/card.json", "--party",
        "bravo/card.json", "-o", "line.toml", code=2)  # fmt: skip
    assert "Eastern Mediterranean" in Path("line.toml").read_text()


def test_rekey_ends_the_old_key_where_stated(town: Path) -> None:
    """The next manifest ends the old key at size and root; both keys stay on disk."""
    run("party", "rekey", "--dir", "alfa", "--passphrase-file", "pass", "--new-tls",
        "--node-elsewhere", "--end", f"{LINE}:ALFA.0:12:{ROOT}", "--reason", "stolen")  # fmt: skip
    files = PartyFiles(town / "alfa")
    card = good(files.card()).body
    chain = good(read_chain(card.id, card.root_key, files.links()))
    assert chain.manifest is not None
    ended = chain.manifest.ended[0]
    assert (12, ROOT, "stolen") == (ended.feeds[0].size, ended.feeds[0].root, ended.reason)
    assert ended.next == good(files.node_key(chain)).public.hex
    assert 2 == len(chain.manifest.tls)
    assert 2 == len(list((town / "alfa" / "keys").glob("node-*.key")))


@pytest.mark.parametrize("mark", ["x", f"{LINE}:BRAVO.0:1:{ROOT}", f"{LINE}:ALFA.0:-1:{ROOT}"])
def test_rekey_refuses_a_place_that_is_none(town: Path, mark: str) -> None:
    """An end that is not a place in an own feed ends nothing."""
    run("party", "rekey", "--dir", "alfa", "--passphrase-file", "pass", "--end", mark, code=2)
    assert 1 == len(list((town / "alfa" / "chain").iterdir()))


def test_rekey_without_an_end_is_refused_unless_nothing_was_signed(town: Path) -> None:
    """Feeds that are not named end at size 0: a forgotten --end would void a whole record."""
    asked = ["party", "rekey", "--dir", "alfa", "--passphrase-file", "pass"]
    assert "--nothing-signed" in run(*asked, code=2).stderr
    assert not Path("alfa/chain/0002.json").exists()
    assert "--node" in run(*asked, "--nothing-signed", code=2).stderr
    run(*asked, "--nothing-signed", "--node-elsewhere")


def test_new_root_is_signed_by_both_and_makes_a_new_card(town: Path) -> None:
    """After a change of root the chain passes through both keys and the card shows the new one."""
    old = good(PartyFiles(town / "alfa").card()).body
    Path("pass2").write_text("other\n")
    run("party", "new-root", "--dir", "alfa", "--passphrase-file", "pass",
        "--new-passphrase-file", "pass2")  # fmt: skip
    files = PartyFiles(town / "alfa")
    fresh = good(files.card()).body
    assert old.root_key != fresh.root_key
    chain = good(files.chain(fresh.id, fresh.root_key))
    assert (old.root_key, fresh.root_key) == chain.roots
    run("party", "rekey", "--dir", "alfa", "--passphrase-file", "pass2", "--nothing-signed",
        "--node-elsewhere")  # fmt: skip


def test_epoch_is_opened_by_the_root(town: Path) -> None:
    """The opening names the node key in use and the last known checkpoint."""
    run("party", "epoch", "--dir", "alfa", "--epoch", "1", "--passphrase-file", "pass",
        "--previous", f"{LINE}:ALFA.0:12:{ROOT}", "-o", "opening.json")  # fmt: skip
    raw = Path("opening.json").read_bytes()
    signed = good(read(raw, DocType.EPOCH, EpochOpening))
    assert (1, 12, False) == (signed.body.epoch, signed.body.previous.size, signed.body.emergency)


def test_effective_time_is_said(town: Path) -> None:
    """Terms for later are handed over now and adopted then."""
    from clearline.cli.output import now, utc
    from clearline.model.time import Instant

    later = utc(Instant((now() // HOUR + 48) * HOUR))
    run("agreement", "draft", "humanitarian", "--party", "alfa/card.json", "--party",
        "bravo/card.json", "--effective", later, "-o", "later.toml")  # fmt: skip
    sign("alfa", "later.toml")
    sign("bravo", "later.json")
    result = run("agreement", "adopt", "later.json", "--node", "n")
    assert f"adopted from {later}" in result.stdout


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    """A missing file is one line, not a stack of calls."""
    result = run("agreement", "verify", tmp_path / "no.json", code=1)
    assert "no.json" in result.stderr


def test_only_the_named_verb_is_loaded() -> None:
    """Other verbs are not imported, so that a check never loads a server."""
    assert ["party"] == [group.name for group in cli.build(["party"]).registered_groups]
    assert len(cli.VERBS) == len(cli.build(["--help"]).registered_groups) + len(
        cli.build(["--help"]).registered_commands
    )


def test_version_is_printed() -> None:
    """The program says which it is."""
    assert run("--version").stdout.startswith("clearline ")


def test_main_tells_a_bad_folder_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the system refuses is said with the file's name, exit 1."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(SystemExit) as stop:
        cli.main(["party", "new", "ALFA", "--name", "x", "--no-passphrase",
                  "--dir", str(tmp_path / "file" / "p")])  # fmt: skip
    assert 1 == stop.value.code
    assert "file" in capsys.readouterr().err
