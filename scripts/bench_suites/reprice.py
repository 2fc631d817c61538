"""The price of a part that is measured already: in the calculator, through its HTTP, through the API."""

import tempfile
from pathlib import Path

from app.calculator.catalog import loader
from app.calculator.pipeline.quote import quote
from app.contract.pricing import PriceRequest
from scripts.bench_suites.customer import CHOICE, Customer
from scripts.bench_suites.load import request_bytes
from scripts.bench_suites.measure import Goal, Options, Report, compared, interleaved, timed
from scripts.bench_suites.servers import Server, site
from scripts.bench_suites.solids import plate_step

INSIDE, HTTP, API = "in process", "calculator over HTTP", "API, stored file, signed in"
ROUNDS, CALLS = 15, 40
MILLI = 1e3
METHOD = """
Milling, aluminium D16, ten pieces, standard quantity breaks, from the facts of a plate with holes that was
measured before. *In process* is the pricing function alone. *Calculator over HTTP* sends facts and choices
as JSON and reads the price. *API* is `POST /calculate-price` with a `file_id` and a login: identity and
facts from the database, the call to the calculator, the answer in one language. One connection, one request
after the other, so the median is a latency; CPU is that of the server processes that work for the answer.
"""


def run(options: Options) -> Report:
    """The three of them on one part."""
    calls = 5 if options.quick else CALLS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place = site(folder)
        with place.both() as (api, calculator):
            customer = Customer(api.address)
            file_id = customer.analysed_file(plate_step(folder / "plate.step", 2))
            request = {**CHOICE, "facts": customer.facts(file_id)}
            over_http = request_bytes(
                "POST", "/v1/price", body=request, headers={"X-Calculator-Secret": place.secret}
            )
            stored = request_bytes(
                "POST",
                "/api/v1/calculate-price",
                body={**CHOICE, "file_id": file_id},
                headers=customer.headers,
            )
            catalog, wanted = loader.load(), PriceRequest.model_validate(request)
            candidates = {
                INSIDE: timed(lambda: quote(wanted, catalog), calls),
                HTTP: calculator.answering(over_http, requests=calls),
                API: Server(api.service, api.port, (calculator.pid,)).answering(stored, requests=calls),
            }
            found = interleaved(candidates, options.rounds_or(ROUNDS))
    verdicts = {
        INSIDE: [Goal("≤ {} ms", 1).judge(found[INSIDE].by(options.clock) * MILLI)],
        HTTP: [Goal("≤ {} ms", 5).judge(found[HTTP].by(options.clock) * MILLI)],
    }
    rows = compared("one price", found, INSIDE, options.clock, verdicts)
    return Report("reprice", "Pricing a part that is measured already", METHOD, rows, options.clock)
