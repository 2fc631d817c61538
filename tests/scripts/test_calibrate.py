import csv
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.calculator.catalog.loader import changed, load
from app.calculator.catalog.rows import Figure
from app.calculator.pipeline.quote import quote
from app.contract.catalog_rows import CatalogChanges
from scripts.calibration import fit as fitting
from scripts.calibration.command import main
from scripts.calibration.marks import marks
from scripts.calibration.times import Timed, read_times
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


def write_milled(folder: Path, jobs: int, parts: int) -> Path:
    """Jobs of milling alone, each part made in several quantities, half as long again as the engine says."""
    path = folder / "milled.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["facts", "service_id", "material_id", "quantity", "actual_hours"])
        for number in range(jobs):
            facts = make_facts((60 + 9 * (number % parts), 40, 20), seconds=0.1 + number)
            (folder / f"{number}.json").write_text(facts.model_dump_json())
            request = make_price_request(facts=facts, quantity=1 + number)
            hours = 1.5 * quote(request, CATALOG).hours.total
            rows.writerow([f"{number}.json", "cnc-milling", "alum_D16", 1 + number, hours])
    return path


def test_marks_only_the_processes_whose_jobs_were_fitted(tmp_path: Path) -> None:
    proposal = tmp_path / "proposal.toml"
    shared = "cutting/cutting_factor"

    assert main([str(write_milled(tmp_path, 10, 5)), "--figure", shared, "--write", str(proposal)]) == 0
    learned = changed(CATALOG, CatalogChanges(toml=proposal.read_text()))

    milled = make_price_request(facts=make_facts())
    turned = make_price_request(facts=make_facts((100, 40, 40), volume_mm3=110_000), service_id="cnc-lathe")
    assert quote(milled, learned).engine == "learned"
    assert quote(turned, learned).engine == "features"


def test_a_process_that_reads_the_figures_of_another_has_not_learned_with_it() -> None:
    table, jobs = "laser-cutting", [timed("laser-cutting"), timed("laser-cutting")]
    row = next(row for row in CATALOG.rows if isinstance(row, Figure) and row.process == table)

    assert marks(jobs, [row], CATALOG) == {"laser-cutting": 1, "bending": 0}
    assert marks([*jobs, timed("laser-cutting", "bending")], [row], CATALOG) == {table: 1, "bending": 1}


def timed(*tables: str) -> Timed:
    return Timed(2, "part", tables, make_price_request(), 1.0)


def test_jobs_of_one_part_are_left_out_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = read_times(write_milled(tmp_path, 12, 4), CATALOG)
    figure = next(row for row in CATALOG.rows if row.key == "cutting/cutting_factor")
    assert isinstance(figure, Figure)
    seen: list[set[str]] = []

    def factors(others: Sequence[Timed], *_rest: object) -> Any:
        seen.append({job.part for job in others})
        return np.ones(1)

    monkeypatch.setattr(fitting, "_factors", factors)
    fitting.fit(jobs, [figure], CATALOG, 5)

    everything, *folds = seen
    assert len(everything) == 4
    assert [len(parts) for parts in folds] == [3, 3, 3, 3]
    assert set.intersection(*folds) == set()


def test_refuses_jobs_of_one_part_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(write_milled(tmp_path, 6, 1)), "--figure", "cutting/cutting_factor"]) == 1
    assert "one part" in capsys.readouterr().err
