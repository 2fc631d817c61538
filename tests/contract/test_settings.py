from app.calculator.config import CalculatorSettings
from app.contract.settings import OF_THE_CALCULATOR


def test_the_api_knows_the_names_of_its_neighbours_settings() -> None:
    assert CalculatorSettings.model_fields.keys() == OF_THE_CALCULATOR
