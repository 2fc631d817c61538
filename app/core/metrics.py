"""What this process counts, for Prometheus."""

from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """The registry of one application; features add their own figures to ``registry``."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.requests = Counter(
            "http_requests", "Answered requests", ("method", "route", "status"), registry=self.registry
        )
        self.durations = Histogram(
            "http_request_duration_seconds",
            "Time from the first byte of a request to the last of its answer",
            ("method", "route"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.in_progress = Gauge(
            "http_requests_in_progress", "Requests being answered now", registry=self.registry
        )

    def render(self) -> bytes:
        """Everything, in the text format of Prometheus (media type `CONTENT_TYPE`)."""
        return generate_latest(self.registry)


def metrics_router(metrics: Metrics) -> APIRouter:
    """``/metrics`` for Prometheus; the proxy does not pass it on."""
    router = APIRouter(include_in_schema=False)

    @router.get("/metrics")
    async def show_metrics(_: Request) -> Response:
        return Response(metrics.render(), media_type=CONTENT_TYPE)

    return router
