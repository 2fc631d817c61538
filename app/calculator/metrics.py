"""What the calculator counts."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Counters of one application; two applications in a process never share them."""

    def __init__(self, children_running: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "calculator_requests", "Requests by route and status", ("route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "calculator_request_seconds",
            "Time to answer",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._endings = Counter(
            "calculator_analyses", "Analyses by how they ended", ("ending",), registry=self.registry
        )
        self._pictures = Counter(
            "calculator_pictures",
            "Pictures and models by how they ended",
            ("ending",),
            registry=self.registry,
        )
        running = Gauge("calculator_children_running", "Children at work", registry=self.registry)
        running.set_function(children_running)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def ended(self, ending: str) -> None:
        """An analysis ended that way."""
        self._endings.labels(ending).inc()

    def drawn(self, ending: str) -> None:
        """A picture or a model ended that way."""
        self._pictures.labels(ending).inc()

    def render(self) -> bytes:
        """The exposition text."""
        return generate_latest(self.registry)
