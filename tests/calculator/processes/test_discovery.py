import pkgutil
from importlib import import_module
from types import SimpleNamespace

import pytest

from app.calculator import processes
from app.calculator.catalog.loader import load
from app.calculator.dfm.rules import RULES
from app.calculator.pricing.band import FIGURES as ACCURACY
from app.calculator.processes import PROCESSES, DuplicateProcess, discover, missing_figures
from app.calculator.processes.cnc_milling import PROCESS as MILLING
from app.calculator.processes.plain import SMALLEST
from app.calculator.processes.printing import TECHNOLOGIES

VARIANTS = [technology.lower() for technology in TECHNOLOGIES]


class TestDiscovery:
    def test_every_process_stands_in_the_file_of_its_key(self) -> None:
        found = {
            module.name: import_module(f"{processes.__name__}.{module.name}").PROCESS.key
            for module in pkgutil.iter_modules(processes.__path__)
            if hasattr(import_module(f"{processes.__name__}.{module.name}"), "PROCESS")
        }

        assert {name.replace("_", "-") for name in found} == set(found.values())
        assert PROCESSES.keys() == set(found.values()) >= {"printing", "cnc-milling", "cnc-lathe"}

    def test_refuses_two_files_with_one_key(self, monkeypatch: pytest.MonkeyPatch) -> None:
        twin = SimpleNamespace(PROCESS=MILLING)
        monkeypatch.setattr(processes, "import_module", lambda _name: twin)

        with pytest.raises(DuplicateProcess, match="cnc-milling"):
            discover()


class TestFigures:
    def test_every_material_that_is_cut_has_its_cutting_data(self) -> None:
        cut = [
            row
            for row in load().materials.values()
            if row.unpriced is None and any("cnc-milling" in form.processes for form in row.forms)
        ]

        assert len(cut) == 44
        assert all(row.k_handle_min_per_g and row.machinability for row in cut)

    def test_the_shipped_catalogue_holds_every_figure_a_process_needs(self) -> None:
        assert missing_figures(load()) == []

    def test_the_shipped_catalogue_holds_no_figure_that_no_process_and_no_rule_reads(self) -> None:
        needed = {
            (table, name)
            for process in PROCESSES.values()
            for table, names in process.figure_ids.items()
            for name in names
        }
        limits = {name for rule in RULES for name in rule.figures} | ACCURACY | {SMALLEST}
        shipped = {(table, name) for table, figures in load().figures.items() for name in figures}

        read = needed | {(f"{table}.{variant}", name) for table, name in needed for variant in VARIANTS}
        assert {(table, name) for table, name in shipped - read if name not in limits} == set()
