"""Reads /metrics with the client library's own parser."""

from prometheus_client.parser import text_string_to_metric_families

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def read(text: str) -> Samples:
    """The value of each sample by its name and its labels, sorted."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(text: str, name: str, **labels: str) -> float | None:
    """The value of one sample; None if there is none with exactly these labels."""
    return read(text).get((name, tuple(sorted(labels.items()))))
