"""Validate manifests: PYTHON validate.py VERSION... < manifests.json

PYTHON is the environment of make/deploy.lock, which has the schemas. Prints one line per problem
and exits with 1 if there is one. A field that the schema does not know is a problem, as in a
cluster that validates strictly.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import kubernetes_validate
from cloudcoil.models.keda import v1alpha1 as keda
from cloudcoil.models.prometheus_operator import v1 as prometheus_operator
from pydantic import ValidationError

CUSTOM = {
    "ScaledObject": keda.ScaledObject,
    "ServiceMonitor": prometheus_operator.ServiceMonitor,
    "PrometheusRule": prometheus_operator.PrometheusRule,
}


def problems(manifest: dict[str, Any], version: str) -> Iterator[str]:
    if manifest["kind"] in CUSTOM:
        yield from problems_of_custom(manifest)
        return
    try:
        kubernetes_validate.validate(manifest, version, strict=True)
    except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
        yield f"{version}: {error.message}"


def problems_of_custom(manifest: dict[str, Any]) -> Iterator[str]:
    """The models ignore unknown fields, so what they give back is compared."""
    try:
        read = CUSTOM[manifest["kind"]].model_validate(manifest)
    except ValidationError as error:
        yield str(error)
        return
    known = read.model_dump(by_alias=True, exclude_unset=True, mode="json")
    yield from unknown(manifest, known, manifest["kind"])


def unknown(given: Any, known: Any, path: str) -> Iterator[str]:
    if isinstance(given, dict) and isinstance(known, dict):
        for key, value in given.items():
            if key not in known:
                yield f"{path}.{key} is unknown"
            else:
                yield from unknown(value, known[key], f"{path}.{key}")
    elif isinstance(given, list) and isinstance(known, list):
        for number, (one, other) in enumerate(zip(given, known, strict=True)):
            yield from unknown(one, other, f"{path}[{number}]")


def main(versions: list[str]) -> int:
    found = {
        f"{manifest['kind']} {manifest['metadata']['name']}: {problem}"
        for manifest in json.load(sys.stdin)
        for version in versions
        for problem in problems(manifest, version)
    }
    print("\n".join(sorted(found)))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
