"""clearline replay and scenario lint: output, pacing, exit codes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clearline.cli import replay as verb
from clearline.cli.main import build
from clearline.cli.replay import paced
from clearline.scenarios.library import names

RUN = CliRunner()


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and output of a command."""
    done = RUN.invoke(build(arguments), arguments)
    return done.exit_code, done.output


def test_list_has_a_line_for_every_scenario() -> None:
    """One line each, with its title and its accounts; of one scenario alone also theirs."""
    code, text = run("replay", "--list")
    assert 0 == code
    lines = text.splitlines()
    assert [line.partition(":")[0] for line in lines] == list(names())
    assert len(lines) >= 7
    (il20,) = [line for line in lines if line.startswith("il20: ")]
    assert il20.endswith("[--variant russia | israel | unknown]")
    code, text = run("replay", "il20", "--list")
    assert 0 == code
    assert 4 == len(text.splitlines())
    assert "  --variant russia: " in text


def test_json_is_an_array_of_events() -> None:
    """With t, by, kind, text always, and figures as numbers."""
    code, text = run("replay", "il20", "--variant", "russia", "--json")
    assert 0 == code
    told = json.loads(text)
    assert all({"t", "by", "kind", "text", "layer"} <= event.keys() for event in told)
    lead = next(event for event in told if event["kind"] == "lead" and event["by"] == "RUS")
    assert (0, 120, 1800) == (lead["lead_time_s"], lead["lead_time_s_max"], lead["shortfall_s"])


def test_text_tells_claims_and_the_line_apart() -> None:
    """Claims stand with claimant and evidence, the line's own events with their own mark."""
    code, text = run("replay", "il20", "--variant", "russia")
    assert 0 == code
    assert "18:39:00Z claim   C03 RUS says:" in text
    assert "[disputed by C04]" in " ".join(text.split())
    assert "18:40:00Z   LINE  ISR: REFUSED by its own node" in text
    assert "no time   claim   C04 ISR says:" in text
    assert "| 24 min sooner" in text
    assert "| cannot be said: the" in text
    assert "--- 2018-09-17 ---" in text
    assert "expectations met." not in text.partition("What failed then")[0]
    assert "expectations met." in text
    assert "removes no protection" in text


def test_speed_paces_the_timeline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hours and forty minutes at 60 times the speed take that many sixtieths, by an injected
    pause; nothing sleeps here."""
    waits: list[float] = []
    monkeypatch.setattr(verb, "PAUSE", waits.append)
    code, _ = run("replay", "deir-ez-zor", "--speed", "60")
    assert 0 == code
    first, last = "13:50:00", "15:00:00"
    whole_s = (int(last[:2]) - int(first[:2])) * 3600 + (int(last[3:5]) - int(first[3:5])) * 60
    assert 0 < sum(waits) <= whole_s / 60
    assert sum(waits) == pytest.approx((46 * 60 + 16) / 60)


def test_pacing_waits_by_the_difference_of_times() -> None:
    """Untimed lines wait for nothing."""
    lines = [(None, "a"), ("2018-09-17T18:39:00Z", "b"), ("2018-09-17T18:40:00Z", "c"), (None, "d")]
    assert [0, 0, 6, 0] == [wait for wait, _ in paced(lines, 10.0)]
    assert [0, 0, 0, 0] == [wait for wait, _ in paced(lines, None)]


@pytest.mark.parametrize(
    "arguments",
    [
        ("replay",), ("replay", "nothing"), ("replay", "il20"),
        ("replay", "il20", "--variant", "x"),
        ("replay", "il20", "--variant", "russia", "--speed", "0"), ("replay", "gone.toml"),
    ],
)  # fmt: skip
def test_wrong_use_is_said_and_exits_2(arguments: tuple[str, ...]) -> None:
    """A scenario, variant or speed that there is not."""
    code, text = run(*arguments)
    assert 2 == code
    assert text.startswith("clearline:")


def test_lint_names_file_pointer_and_sentence(tmp_path: Path) -> None:
    """Every fault, with where it stands; a good file beside it is said to be one."""
    source = Path(verb.__file__).parents[1] / "scenarios" / "data" / "wildfire.toml"
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_bytes(source.read_bytes())
    bad.write_bytes(source.read_bytes().replace(b'evidence = "F"', b'evidence = "Q"'))
    code, text = run("scenario", "lint", str(good), str(bad), "--play")
    assert 1 == code
    assert f"{bad}: /claims/0/evidence: 'Q' is not one of F, M, D" in text
    assert f"{good}: nothing wrong" in text
    code, text = run("scenario", "lint", str(bad), "--json")
    assert 1 == code
    assert ["/claims/0/evidence", "/claims/1/evidence"] == [
        fault["at"] for fault in json.loads(text)["faults"]
    ]


def test_expectation_that_is_not_met_exits_1(tmp_path: Path) -> None:
    """A scenario that expects what the line does not do fails, in replay and in lint --play."""
    source = Path(verb.__file__).parents[1] / "scenarios" / "data" / "deir-ez-zor.toml"
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(source.read_text("utf-8").replace('phase = "ALL-CLEAR"', 'phase = "TAIL"'))
    code, text = run("replay", str(wrong))
    assert 1 == code
    assert "NOT MET (phase: expected TAIL, found ALL-CLEAR)" in " ".join(text.split())
    code, text = run("scenario", "lint", str(wrong), "--play")
    assert 1 == code
    assert "/expect" in text
