"""The chart, rendered by Helm and validated as clusters of three versions would.

`make test-deploy` runs these: they need Helm and the schemas.
"""

from __future__ import annotations

import itertools
import json
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from neuroplay.config import Settings
from neuroplay.operation import programs
from tests.deploy.chart import (
    CHART,
    NAMED,
    ROOT,
    containers,
    of_kind,
    pods,
    refusal,
    render,
    run_helm,
    the,
)
from tests.deploy.programs import problems

pytestmark = pytest.mark.deploy

VERSIONS = ("1.30", "1.33", "1.37")
"""The oldest that the chart accepts, one between, and the newest that the schemas have."""


def choices() -> list[dict[str, Any]]:
    """Each choice of the values beside each other one."""
    return [
        {
            "api": {"replicas": replicas, "autoscaling": {"enabled": hpa}},
            "worker": {"replicas": replicas, "autoscaling": {"mode": mode}},
            "ingress": {"enabled": switched, "className": "nginx" if switched else ""},
            "networkPolicy": {"enabled": switched},
            "monitoring": {
                "serviceMonitor": {"enabled": switched},
                "rules": {"enabled": switched},
            },
        }
        for replicas, hpa, mode, switched in itertools.product(
            (1, 3), (True, False), ("off", "keda", "adapter"), (True, False)
        )
    ]


EVERYTHING: dict[str, Any] = {
    "secretKeys": {"sentryDsn": "DSN", "oldSecret": "OLD"},
    "settings": {"NEUROPLAY_LOG_LEVEL": "debug", "NEUROPLAY_API_WORKERS": 2},
    "trustedProxies": ["10.0.0.0/8", "192.168.1.1"],
    "image": {
        "repository": "registry.example/games/neuroplay",
        "digest": "sha256:" + "0" * 64,
        "pullSecrets": ["registry"],
    },
    "worker": {"autoscaling": {"mode": "keda", "authenticationRef": "prometheus"}},
    "ingress": {"className": "nginx", "annotations": {"cert-manager.io/cluster-issuer": "ours"}},
    "networkPolicy": {
        "apiFrom": [{"namespaceSelector": {"matchLabels": {"name": "ingress"}}}],
        "metricsFrom": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}],
        "serversTo": [{"ipBlock": {"cidr": "10.1.0.0/16"}}],
        "extraEgress": [{"ports": [{"port": 443}]}],
    },
    "monitoring": {
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
        "rules": {"enabled": True, "labels": {"release": "prometheus"}},
    },
    "serviceAccount": {"annotations": {"cloud.example/role": "games"}},
    "podAnnotations": {"team.example/name": "games"},
    "nodeSelector": {"kubernetes.io/arch": "amd64"},
    "tolerations": [{"key": "games", "operator": "Exists"}],
    "affinity": {
        "podAntiAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {"weight": 1, "podAffinityTerm": {"topologyKey": "kubernetes.io/hostname"}}
            ]
        }
    },
    "priorityClassName": "games",
}


def invalid(manifests: list[dict[str, Any]]) -> str:
    """What is wrong with manifests for one of VERSIONS; '' if nothing is."""
    return problems("validate.py", manifests, *VERSIONS)


def test_helm_finds_no_fault() -> None:
    done = run_helm("lint", "--strict", str(CHART), values=NAMED)
    assert done.returncode == 0, done.stdout


def test_every_choice_is_valid_in_every_version() -> None:
    seen: dict[str, dict[str, Any]] = {}
    for choice in (*choices(), EVERYTHING):
        for manifest in render(choice):
            seen.setdefault(json.dumps(manifest, sort_keys=True), manifest)
    kinds = {manifest["kind"] for manifest in seen.values()}
    assert {"ScaledObject", "ServiceMonitor", "PrometheusRule", "HorizontalPodAutoscaler"} < kinds
    assert invalid(list(seen.values())) == ""


@pytest.mark.parametrize("kind", ["Deployment", "ScaledObject", "ServiceMonitor", "PrometheusRule"])
def test_the_validation_notices_a_field_that_does_not_exist(kind: str) -> None:
    found = of_kind(render(EVERYTHING), kind)[0]
    found["spec"]["replica"] = 1
    assert "replica" in invalid([found])


def test_the_validation_notices_a_wrong_type() -> None:
    found = the(render(EVERYTHING), "ScaledObject")
    found["spec"]["triggers"][0]["metadata"]["threshold"] = 30
    assert "threshold" in invalid([found])


@pytest.mark.parametrize("version", VERSIONS)
def test_helm_renders_for_every_version(version: str) -> None:
    assert render(None, "--kube-version", version)


def test_an_older_cluster_is_refused_by_name() -> None:
    done = run_helm("template", "a", str(CHART), "--kube-version", "1.29", values=NAMED)
    assert "requires kubeVersion: >=1.30" in done.stderr


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"publicUrl": ""}, "publicUrl"),
        ({"publicUrl": "http://play.school.example"}, "publicUrl"),
        ({"publicUrl": "https://play.school.example/games"}, "publicUrl"),
        ({"publicUrl": "https://Play.School.example"}, "publicUrl"),
        ({"publicUrl": "https://me@play.school.example"}, "publicUrl"),
        ({"existingSecret": ""}, "existingSecret"),
        ({"trustedProxies": ["the ingress"]}, "trustedProxies"),
        ({"trustedProxies": ["10.0.0.0/33"]}, "trustedProxies"),
        ({"trustedProxies": ["10.0.0.256"]}, "trustedProxies"),
        ({"trustedProxies": ["fd00::/129"]}, "trustedProxies"),
        ({"listen": "everywhere"}, "listen"),
        ({"listen": "0.0.0.0:8000"}, "listen"),
        ({"publicUrl": "https://192.0.2.7", "ingress": {"enabled": True}}, "publicUrl"),
        ({"replicas": 3}, "replicas"),
        ({"api": {"drainSecond": 5}}, "drainSecond"),
        ({"api": {"autoscaling": {"enabled": "yes"}}}, "api.autoscaling.enabled"),
        ({"api": {"resources": {"limits": {"gpu": 1}}}}, "gpu"),
        ({"worker": {"autoscaling": {"mode": "hpa"}}}, "worker.autoscaling.mode"),
        ({"worker": {"autoscaling": {"minReplicas": 0}}}, "worker.autoscaling.minReplicas"),
        ({"settings": {"NEUROPLAY_LOGLEVEL": "debug"}}, "NEUROPLAY_LOGLEVEL"),
        ({"settings": {"DATABASE_URL": "postgresql://user:password@host/name"}}, "DATABASE_URL"),
        ({"image": {"digest": "latest"}}, "image.digest"),
        ({"image": {"tag": 2.5}}, "image.tag"),
        ({"image": {"tag": "2.5.0 "}}, "image.tag"),
        ({"image": {"repository": "registry.example/neuroplay:2.5.0"}}, "image.repository"),
        ({"runAsUser": 0}, "runAsUser"),
        ({"postgresql": {"enabled": True}}, "postgresql"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(values: dict[str, Any], named: str) -> None:
    assert named in refusal(values)


@pytest.mark.parametrize(
    "values",
    [
        {"trustedProxies": ["10.0.0.7", "192.168.0.0/16", "fd00::/8", "::1", "::ffff:10.0.0.1"]},
        {"listen": "::"},
        {"listen": "127.0.0.1"},
        {"publicUrl": "https://192.0.2.7", "ingress": {"enabled": False}},
    ],
)
def test_every_form_of_an_address_is_accepted(values: dict[str, Any]) -> None:
    assert render(values)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"api": {"autoscaling": {"minReplicas": 11}}}, "api.autoscaling.minReplicas is 11"),
        (
            {"worker": {"autoscaling": {"mode": "adapter", "maxReplicas": 2, "minReplicas": 3}}},
            "worker.autoscaling.minReplicas is 3",
        ),
    ],
)
def test_more_pods_at_least_than_at_most_are_refused(values: dict[str, Any], named: str) -> None:
    assert named in refusal(values)


@pytest.mark.parametrize("path", ["image", "api", "worker.autoscaling", "monitoring.rules"])
def test_a_section_without_a_line_is_refused_by_its_name(path: str) -> None:
    """As where all its lines are comments: then it is null."""
    values: Any = None
    for name in reversed(path.split(".")):
        values = {name: values}
    assert f"{path.rpartition('.')[2]} is required" in refusal(values)


def test_no_number_of_replicas_stands_beside_an_autoscaler() -> None:
    """Each `helm upgrade` would set it back, in the middle of a busy morning."""
    for choice in choices():
        manifests = render(choice)
        scaled = {
            one["spec"]["scaleTargetRef"]["name"]
            for kind in ("HorizontalPodAutoscaler", "ScaledObject")
            for one in of_kind(manifests, kind)
        }
        for one in of_kind(manifests, "Deployment"):
            has_number = "replicas" in one["spec"]
            assert has_number != (one["metadata"]["name"] in scaled), one["metadata"]["name"]


def test_a_drain_of_a_node_is_never_blocked_for_ever() -> None:
    budgets = of_kind(render({"api": {"autoscaling": {"minReplicas": 1}}}), "PodDisruptionBudget")
    assert len(budgets) == 2
    for budget in budgets:
        assert budget["spec"]["maxUnavailable"] == 1
        assert "minAvailable" not in budget["spec"]
        assert budget["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_the_migration_is_no_hook_and_all_others_wait_for_it() -> None:
    """With `helm install --wait`, a hook would wait for pods that wait for the hook."""
    manifests = render()
    assert not any("helm.sh/hook" in str(one) for one in manifests)
    assert the(manifests, "Job")["spec"]["template"]["spec"]["containers"][0]["args"] == [
        *("db", "migrate"),
    ]
    for one in of_kind(manifests, "Deployment"):
        (waits,) = one["spec"]["template"]["spec"]["initContainers"]
        assert waits["args"][:2] == ["db", "wait"]


def test_a_changed_migration_has_another_name_and_an_equal_one_the_same() -> None:
    """A Job cannot be changed: `helm upgrade` would fail."""

    def job(**values: Any) -> tuple[str, Any]:
        found = the(render(values), "Job")
        return found["metadata"]["name"], found["spec"]

    jobs = [
        job(),
        job(image={"tag": "other"}),
        job(settings={"NEUROPLAY_DB_POOLER": "transaction"}),
        job(migrate={"resources": {"requests": {"cpu": "1"}}}),
        job(podAnnotations={"a": "b"}),
        job(runAsUser=1000),
    ]
    assert len({name for name, _ in jobs}) == len(jobs)
    assert all("-migrate-2-5-0-" in name and len(name) <= 63 for name, _ in jobs)
    assert job(api={"drainSeconds": 20}) == job()


def test_names_fit_whatever_the_release_is_called() -> None:
    done = run_helm("template", "s" * 53, str(CHART), values={**NAMED, **EVERYTHING})
    assert done.returncode == 0, done.stderr
    for one in yaml.safe_load_all(done.stdout):
        assert len(one["metadata"]["name"]) <= 63


def test_everything_runs_with_least_privilege() -> None:
    for name, pod in pods(render(EVERYTHING)):
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] > 0, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in containers(pod):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            written = {mount["mountPath"] for mount in container["volumeMounts"]}
            assert written == {"/data", "/tmp"}, name
        assert all("emptyDir" in volume for volume in pod["volumes"]), name


def shown(name: str) -> bool:
    """Whether a setting appears in a repr; secrets do not."""
    return next(one.repr for one in fields(Settings) if one.name == name)


def test_secrets_come_by_reference_only() -> None:
    manifests = render(EVERYTHING)
    assert of_kind(manifests, "Secret") == []
    hidden = {
        Settings.variable(one.name) for one in fields(Settings) if one.metadata and not one.repr
    }
    secret = {*hidden, "DATABASE_URL", "REDIS_URL"}
    for name, pod in pods(manifests):
        for container in containers(pod):
            variables = {one["name"]: one for one in container["env"]}
            assert secret <= variables.keys(), name
            for one in secret:
                assert "secretKeyRef" in variables[one]["valueFrom"], (name, one)


def test_no_cpu_limit_slows_what_people_wait_for() -> None:
    for name, pod in pods(render()):
        for container in containers(pod):
            assert "cpu" in container["resources"]["requests"], name
            assert "cpu" not in container["resources"]["limits"], name


def test_large_numbers_stay_whole() -> None:
    manifests = render({"runAsUser": 1000650000, "settings": {"NEUROPLAY_SYNC_BURST": 20000000}})
    for _, pod in pods(manifests):
        assert pod["securityContext"]["runAsUser"] == 1000650000
        (burst,) = [
            one["value"]
            for one in pod["containers"][0]["env"]
            if one["name"] == "NEUROPLAY_SYNC_BURST"
        ]
        assert burst == "20000000"


@pytest.mark.parametrize("drain_s", [1, 10, 300])
def test_a_pod_has_time_to_drain_and_to_stop(drain_s: int) -> None:
    """Kubernetes kills it at the end of its grace period, which includes the drain."""
    manifests = render({"api": {"drainSeconds": drain_s}})
    settings = Settings(database_url="postgresql://a/b", redis_url="redis://a")
    for program in programs.programs(settings, ["api", "worker", "beat"], []):
        pod = the(manifests, "Deployment", program.name)["spec"]["template"]["spec"]
        pre_stop = pod["containers"][0].get("lifecycle", {}).get("preStop", {})
        drained_s = pre_stop.get("sleep", {}).get("seconds", 0)
        assert (drained_s == drain_s) is (program.name == "api")
        left_s = pod["terminationGracePeriodSeconds"] - drained_s
        assert left_s >= 2 * program.stop_patience_s, program.name


def test_there_is_always_one_beat() -> None:
    for choice in choices():
        beat = the(render(choice), "Deployment", "beat")
        assert beat["spec"]["replicas"] == 1
        assert beat["spec"]["strategy"] == {"type": "Recreate"}


def test_probes_ask_for_what_they_mean() -> None:
    manifests = render()
    (api,) = the(manifests, "Deployment", "api")["spec"]["template"]["spec"]["containers"]
    assert api["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    assert api["livenessProbe"]["httpGet"]["path"] == "/health/live"
    for component in ("worker", "beat"):
        (task,) = the(manifests, "Deployment", component)["spec"]["template"]["spec"]["containers"]
        assert task["livenessProbe"]["tcpSocket"]["port"] == "metrics"


def test_services_select_pods_of_their_own_and_their_ports_exist() -> None:
    manifests = render(EVERYTHING)
    for service in of_kind(manifests, "Service"):
        component = service["spec"]["selector"]["app.kubernetes.io/component"]
        template = the(manifests, "Deployment", component)["spec"]["template"]
        assert service["spec"]["selector"].items() <= template["metadata"]["labels"].items()
        ports = {port["name"] for port in template["spec"]["containers"][0]["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} == ports


def test_prometheus_finds_every_pod_with_the_job_that_the_alerts_ask_for() -> None:
    manifests = render(EVERYTHING)
    monitor = the(manifests, "ServiceMonitor")["spec"]
    found = [
        service
        for service in of_kind(manifests, "Service")
        if monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    ]
    assert len(found) == 3
    for service in found:
        assert service["metadata"]["labels"][monitor["jobLabel"]] == "neuroplay"
    scraped = {endpoint["port"] for endpoint in monitor["endpoints"]}
    assert {port["name"] for one in found for port in one["spec"]["ports"]} == scraped


def test_the_alerts_are_those_that_are_tested() -> None:
    tested = yaml.safe_load((ROOT / "deploy/prometheus/rules.yml").read_text())
    assert the(render(EVERYTHING), "PrometheusRule")["spec"] == tested


def test_workers_follow_the_oldest_pending_session() -> None:
    documented = (ROOT / "docs/metrics.md").read_text()
    scaled = the(render({"worker": {"autoscaling": {"mode": "keda"}}}), "ScaledObject")["spec"]
    asked, held = scaled["triggers"]
    assert asked["metadata"]["query"] == 'max(neuroplay_inbox_oldest_seconds{namespace="games"})'
    assert "`neuroplay_inbox_oldest_seconds`" in documented
    assert asked["metadata"]["ignoreNullValues"] == "false"
    assert held["type"] == "cpu"
    by_adapter = the(
        render({"worker": {"autoscaling": {"mode": "adapter"}}}),
        "HorizontalPodAutoscaler",
        "worker",
    )["spec"]
    external = by_adapter["metrics"][0]["external"]
    assert external["metric"]["name"] == "neuroplay_inbox_oldest_seconds"
    assert external["target"]["averageValue"] == asked["metadata"]["threshold"] == "30"
    behavior = scaled["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
    assert by_adapter["behavior"] == behavior
    assert behavior["scaleDown"]["stabilizationWindowSeconds"] == 600


def test_the_ingress_is_where_the_tablets_go() -> None:
    ingress = the(render({"publicUrl": "https://play.school.example:8443"}), "Ingress")["spec"]
    assert ingress["rules"][0]["host"] == "play.school.example"
    assert ingress["tls"] == [{"hosts": ["play.school.example"], "secretName": "neuroplay-tls"}]


def test_the_network_policy_covers_every_pod_and_opens_its_ports_only() -> None:
    manifests = render(EVERYTHING)
    for name, pod in pods(manifests):
        component = name.split("-")[2]
        policy = the(manifests, "NetworkPolicy", component)["spec"]
        labels = {"app.kubernetes.io/component": component}
        assert labels.items() <= policy["podSelector"]["matchLabels"].items()
        assert policy["policyTypes"] == ["Ingress", "Egress"]
        opened = {port["port"] for rule in policy["ingress"] for port in rule["ports"]}
        assert opened == {port["name"] for port in pod["containers"][0].get("ports", ())}
        out = {port["port"] for rule in policy["egress"] for port in rule["ports"]}
        assert out == {53, 5432, 6379, 443}


def test_a_packed_chart_has_its_alerts(tmp_path: Path) -> None:
    done = run_helm("template", "x", str(CHART), values=NAMED)
    assert done.returncode == 0
    packed = subprocess.run(
        [done.args[0], "package", str(CHART), "--destination", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert packed.returncode == 0, packed.stderr
    (archive,) = tmp_path.glob("*.tgz")
    rendered = run_helm(
        *("template", "x", str(archive), "--set", "monitoring.rules.enabled=true"), values=NAMED
    )
    assert "NeuroPlayOldestPending" in rendered.stdout
