import csv
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from app.calculator.catalog.loader import load
from app.calculator.catalog.rows import Figure
from app.calculator.pipeline.quote import quote
from scripts.calibration.command import main
from tests.factories.parts import make_facts, make_hole, make_price_request

CATALOG = load()
FACTOR = "printing.fdm/outer_seconds_per_mm"
SETUP = "printing.fdm/setup_hours"


def shop(**factors: str) -> object:
    """The catalogue of a shop whose work takes so many times as long."""
    rows = [row for row in CATALOG.rows if isinstance(row, Figure) and row.key in factors]
    return CATALOG.with_rows(
        row.model_copy(update={"value": row.value * Decimal(factors[row.key])}) for row in rows
    )


def write_times(folder: Path, jobs: int, **factors: str) -> Path:
    """Jobs as such a shop did them."""
    real = shop(**factors)
    path = folder / "times.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["facts", "service_id", "material_id", "quantity", "actual_hours"])
        for number in range(jobs):
            facts = make_facts((20 + 7 * number, 30, 15 + 3 * number), features=[make_hole(number)])
            (folder / f"{number}.json").write_text(facts.model_dump_json())
            request = make_price_request(
                facts=facts, service_id="printing", material_id="PLA", quantity=1 + number % 3
            )
            hours = quote(request, real).hours.total  # type: ignore[arg-type]
            rows.writerow([f"{number}.json", "printing", "PLA", 1 + number % 3, hours])
    return path


def test_finds_what_takes_longer_in_this_shop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    times = write_times(tmp_path, 12, **{FACTOR: "1.6"})
    proposal = tmp_path / "proposal.toml"

    code = main([str(times), "--figure", FACTOR, "--write", str(proposal)])

    assert code == 0
    row, learned = tomllib.loads(proposal.read_text(), parse_float=Decimal)["figure"]
    was = CATALOG.figures["printing.fdm"]["outer_seconds_per_mm"]
    assert float(row["value"] / was) == pytest.approx(1.6, rel=0.02)
    assert "fitted to 12 times of times.csv" in row["source"]
    assert (learned["process"], learned["id"], learned["value"]) == ("printing.fdm", "learned", 1)
    assert "unseen jobs" in capsys.readouterr().out


def test_a_proposal_is_made_of_rows_a_catalogue_takes(tmp_path: Path) -> None:
    times = write_times(tmp_path, 10, **{SETUP: "2"})
    proposal = tmp_path / "proposal.toml"
    main([str(times), "--figure", SETUP, "--write", str(proposal)])

    rows = [
        Figure.model_validate(row)
        for row in tomllib.loads(proposal.read_text(), parse_float=Decimal)["figure"]
    ]
    answer = quote(
        make_price_request(facts=make_facts(), service_id="printing", material_id="PLA"),
        type(CATALOG)((*(row for row in CATALOG.rows if row.key != SETUP), *rows)),
    )

    assert answer.engine == "learned"


def test_says_when_a_fit_does_not_help(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    times = write_times(tmp_path, 10)

    assert main([str(times), "--figure", FACTOR]) == 0
    assert "keep the figures" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("figure", "sentence"),
    [("printing.fdm/patience", "there is no figure"), ("printing.sls/overhang_recommended_deg", "no figure")],
)
def test_refuses_figures_nobody_knows(
    figure: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(write_times(tmp_path, 6)), "--figure", figure]) == 1
    assert sentence in capsys.readouterr().err


def test_refuses_too_few_jobs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(write_times(tmp_path, 3)), "--figure", FACTOR]) == 1
    assert "too few" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("facts,service_id\n", "columns are missing: material_id, actual_hours"),
        ("facts,service_id,material_id,actual_hours\nnone.json,printing,PLA,1\n", "line 2"),
    ],
)
def test_names_the_line_that_cannot_be_used(
    text: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "times.csv"
    path.write_text(text)

    assert main([str(path), "--figure", FACTOR]) == 1
    assert sentence in capsys.readouterr().err
