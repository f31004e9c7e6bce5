"""The containers of examples/service: their commands, settings, figures and rules are real ones."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec
import pytest
import typer
import yaml
from command import wait_for
from PIL import Image
from servers import RedisServer, free_port

from imgflow.cli.app import _build
from imgflow.cli.service_access import is_ready
from imgflow.queue import Queue, connect, read_fsync, read_policy
from imgflow.request.keys import JobKeys
from imgflow.server.metrics import render_metrics
from imgflow.settings import debugging, read_settings

ROOT = Path(__file__).parents[1]
SERVICE = ROOT / "examples" / "service"
COMPOSE = yaml.safe_load((SERVICE / "compose.yaml").read_text())["services"]
MANIFESTS = [
    document
    for path in sorted((SERVICE / "kubernetes").glob("*.yaml"))
    for document in yaml.safe_load_all(path.read_text())
]
RULES = [
    rule
    for group in yaml.safe_load((SERVICE / "alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
DOCUMENTS = [SERVICE / "README.md", *(ROOT / "docs").glob("*.md")]
#: What a worker takes from SIGTERM to its end, besides the time for its images.
LAST_WORDS = 5
#: Files that hold settings or the names of figures.
TEXTS = [
    *(path for path in SERVICE.rglob("*") if path.is_file()),
    *(ROOT / "docs" / name for name in ("queue.md", "service.md", "runbook.md")),
]


def manifest(kind: str, name: str) -> Any:
    """Return the one manifest of a kind and name."""
    (found,) = (one for one in MANIFESTS if (one["kind"], one["metadata"]["name"]) == (kind, name))
    return found


def pod(workload: Any) -> Any:
    return workload["spec"]["template"]["spec"]


def image_commands() -> Iterator[tuple[str, list[str]]]:
    """Yield the arguments that containers of our image are started with."""
    text = (SERVICE / "Dockerfile").read_text()
    yield "Dockerfile", json.loads(re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)[0])
    for name in ("server", "worker"):
        yield f"compose {name}", COMPOSE[name]["command"]
        (container,) = pod(manifest("Deployment", name))["containers"]
        yield f"kubernetes {name}", container["args"]


def shell_blocks(document: Path) -> list[str]:
    """Return the shell programs of a document."""
    return re.findall(r"^```(?:sh|bash)\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL)


def document_commands() -> Iterator[tuple[str, list[str]]]:
    """Yield the imgflow commands of the documents' shell blocks."""
    for document in DOCUMENTS:
        blocks = re.findall(
            r"^```(?:sh|bash)\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL
        )
        for line in "".join(blocks).replace("\\\n", " ").splitlines():
            for found in re.findall(r"(?:^|[|&;(]\s*|-- |=)imgflow (.*)", line):
                words = shlex.split(found.partition(" | ")[0].rstrip(" &)"), comments=True)
                yield f"{document.name}: {found}", words


class Service(NamedTuple):
    """A running ``imgflow up``: requests may name what is below ``srv`` in its folder."""

    port: int
    folder: Path


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    port = free_port()
    with TemporaryDirectory(prefix="s", ignore_cleanup_errors=True) as path:
        folder = Path(path)
        (folder / "srv" / "out").mkdir(parents=True)
        shutil.copytree(ROOT / "examples" / "photos", folder / "srv" / "photos")
        places = [f"--allow={folder}/srv/{name}" for name in ("photos", "out")]
        command = [sys.executable, "-m", "imgflow", "up", "--port", str(port), "--workers", "1"]
        with (folder / "log").open("wb") as log:
            up = subprocess.Popen(
                [*command, "--data", f"{folder}/data", *places], stdout=log, stderr=log
            )
        try:
            wait_for(lambda: up.poll() is not None or is_ready("127.0.0.1", port), 60)
            assert up.poll() is None, (folder / "log").read_text()
            yield Service(port, folder)
        finally:
            up.terminate()
            assert up.wait(60) == 0, (folder / "log").read_text()


def require_tool(name: str) -> None:
    """Skip a test for want of a program; in CI it fails."""
    if shutil.which(name) is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no {name} here")


class Recorder(dict[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)


def known_settings() -> set[str]:
    recorder = Recorder()
    read_settings(recorder)
    debugging(recorder)
    read_policy(recorder)
    read_fsync(recorder)
    return recorder.asked


def parse(arguments: list[str]) -> None:
    """Parse arguments as the command line does, without running anything."""
    command: Any = typer.main.get_command(_build())
    name = "imgflow"
    while hasattr(command, "commands"):
        name, *arguments = arguments
        command = command.commands[name]
    command.make_context(name, list(arguments))


@pytest.mark.parametrize("command", [pytest.param(c, id=n) for n, c in image_commands()])
def test_containers_start_commands_that_there_are(command: list[str]) -> None:
    assert all(isinstance(word, str) for word in command)
    parse(command)


@pytest.mark.parametrize("command", [pytest.param(c, id=n) for n, c in document_commands()])
def test_documents_name_commands_that_there_are(command: list[str]) -> None:
    if {"--help", "-h", "--version"} & set(command):
        return
    parse(command)


def test_an_unknown_option_would_be_found() -> None:
    with pytest.raises(typer.TyperException):
        parse(["worker", "--concurency", "2"])


def test_settings_are_known() -> None:
    known = known_settings()
    for path in TEXTS:
        named = set(re.findall(r"\bIMGFLOW_[A-Z_]+[A-Z]", path.read_text()))
        assert named <= known, f"{path.name}: {named - known}"


def test_figures_are_told_by_the_server(one_redis_url: str) -> None:
    told = render_metrics(Queue(connect(one_redis_url), "default").stats())
    known = set(re.findall(r"^(?:# TYPE )?(imgflow_\w+)", told, re.MULTILINE))
    for path in TEXTS:
        for line in path.read_text().splitlines():
            named = set(re.findall(r"\bimgflow_(?:queue|jobs|job)_\w+", line))
            assert named <= known, f"{path.name}: {named - known}"


def test_the_scaler_reads_one_series_of_the_whole_backlog(one_redis_url: str) -> None:
    scaled = manifest("ScaledObject", "worker")["spec"]
    assert scaled["scaleTargetRef"]["name"] == manifest("Deployment", "worker")["metadata"]["name"]
    (trigger,) = scaled["triggers"]
    assert trigger["metadata"]["format"] == "prometheus"
    series = trigger["metadata"]["valueLocation"]
    told = render_metrics(Queue(connect(one_redis_url), "default").stats())
    assert [line for line in told.splitlines() if line.startswith(f"{series} ")] == [f"{series} 0"]
    port = manifest("Service", "server")["spec"]["ports"][0]["port"]
    assert trigger["metadata"]["url"] == f"http://server.imgflow.svc.cluster.local:{port}/metrics"


def test_workers_have_time_for_their_end() -> None:
    drain = 25
    grace = pod(manifest("Deployment", "worker"))["terminationGracePeriodSeconds"]
    assert grace > drain + LAST_WORDS
    assert int(COMPOSE["worker"]["stop_grace_period"].removesuffix("s")) == grace
    (container,) = pod(manifest("Deployment", "worker"))["containers"]
    assert "lifecycle" not in container


def test_memory_of_a_worker_is_above_that_of_its_images() -> None:
    (container,) = pod(manifest("Deployment", "worker"))["containers"]
    arguments = container["args"]
    images = int(arguments[arguments.index("--concurrency") + 1])
    each = int(arguments[arguments.index("--memory") + 1].removesuffix("GB"))
    assert int(container["resources"]["limits"]["memory"].removesuffix("Gi")) > images * each
    assert COMPOSE["worker"]["mem_limit"] == "3g"


@pytest.mark.parametrize("name", ["server", "worker"])
def test_pods_may_do_little(name: str) -> None:
    spec = pod(manifest("Deployment", name))
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    (container,) = spec["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]
    user = re.findall(r"^USER (\d+)$", (SERVICE / "Dockerfile").read_text(), re.MULTILINE)
    assert user == [str(spec["securityContext"]["runAsUser"])]
    assert COMPOSE[name]["read_only"] is True
    assert COMPOSE[name]["cap_drop"] == ["ALL"]


def test_the_server_is_asked_whether_it_is_ready() -> None:
    (container,) = pod(manifest("Deployment", "server"))["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/livez"
    text = (SERVICE / "Dockerfile").read_text()
    port = re.findall(r"^EXPOSE (\d+)$", text, re.MULTILINE)
    assert f"http://127.0.0.1:{port[0]}/readyz" in text
    assert container["ports"] == [{"name": "http", "containerPort": int(port[0])}]


def test_secrets_and_volumes_that_are_used_are_there() -> None:
    keys = set(manifest("Secret", "imgflow")["stringData"])
    for kind, name in (
        ("Deployment", "server"),
        ("Deployment", "worker"),
        ("StatefulSet", "redis"),
    ):
        spec = pod(manifest(kind, name))
        (container,) = spec["containers"]
        for variable in container["env"]:
            reference = variable.get("valueFrom", {}).get("secretKeyRef")
            assert reference is None or reference["key"] in keys
            for used in re.findall(r"\$\((\w+)\)", variable.get("value", "")):
                before = container["env"][: container["env"].index(variable)]
                assert used in {one["name"] for one in before}, "only what comes before is known"
        volumes = {one["name"] for one in spec["volumes"]}
        claims = {
            one["metadata"]["name"]
            for one in manifest(kind, name)["spec"].get("volumeClaimTemplates", [])
        }
        assert {one["name"] for one in container["volumeMounts"]} == volumes | claims


def test_everything_is_applied_but_the_scaler() -> None:
    kustomization = yaml.safe_load((SERVICE / "kustomization.yaml").read_text())
    files = {f"kubernetes/{path.name}" for path in (SERVICE / "kubernetes").glob("*.yaml")}
    assert set(kustomization["resources"]) == files - {"kubernetes/scaler.yaml"}
    assert {one["metadata"].get("namespace", "imgflow") for one in MANIFESTS} == {"imgflow"}


def test_manifests_fit_the_schemas_of_kubernetes() -> None:
    validator = pytest.importorskip("kubernetes_validate")
    own = [one for one in MANIFESTS if not one["apiVersion"].startswith("keda.sh/")]
    for document in own:
        validator.validate(document, "1.34", strict=True)
    worker = manifest("Deployment", "worker")
    wrong = {**worker, "spec": {**worker["spec"], "replica": 2}}
    with pytest.raises(validator.ValidationError):
        validator.validate(wrong, "1.34", strict=True)


def test_compose_file_fits_its_specification() -> None:
    specification = pytest.importorskip("compose_spec").PyCompose
    text = (SERVICE / "compose.yaml").read_text()
    plain = re.sub(r"\$\{[A-Z_]+(?::[-?]([^}]*))?\}", r"\1", yaml.safe_dump(yaml.safe_load(text)))
    specification.from_yaml(plain).validate()
    with pytest.raises(ValueError, match="cap_dorp"):
        specification.from_yaml(plain.replace("cap_drop", "cap_dorp"))


def test_rules_are_sound() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(set(names)) == len(names)
    for rule in RULES:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"].endswith(".")
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "0s"))


def test_expressions_of_rules_are_promql() -> None:
    promql = pytest.importorskip("promql_parser")
    for rule in RULES:
        promql.parse(rule["expr"])
    with pytest.raises(ValueError, match="parenthesis"):
        promql.parse("max by (queue (imgflow_queue_backlog)")


def test_images_are_named_without_a_registry() -> None:
    named = re.findall(r"^FROM (\S+)", (SERVICE / "Dockerfile").read_text(), re.MULTILINE)
    named += [service["image"] for service in COMPOSE.values()]
    named += [
        container["image"]
        for one in MANIFESTS
        if one["kind"] in {"Deployment", "StatefulSet"}
        for container in pod(one)["containers"]
    ]
    for image in named:
        host, slash, _ = image.partition("/")
        assert not slash or not re.search(r"[.:]", host), image


def test_redis_takes_its_settings(redis_binary: str, tmp_path: Path) -> None:
    lines = (SERVICE / "redis.conf").read_text().splitlines()
    pairs = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    settings = {name: value for name, value in pairs if name != "dir"}
    with RedisServer(redis_binary, tmp_path / "r", options=settings) as server:
        client = connect(server.url)
        told: Any = client.config_get(*settings)
        assert told["maxmemory-policy"] == "noeviction"
        assert told["appendonly"] == "yes"
        assert told["hash-max-listpack-value"] == "1024"
        assert int(told["maxmemory"]) == 1 << 30


def test_the_health_check_tells_ready_from_not(service: Service) -> None:
    text = (SERVICE / "Dockerfile").read_text()
    program = json.loads(re.findall(r"^ +CMD (\[.*\])$", text, re.MULTILINE)[0])[2]
    for port, code in ((service.port, 0), (free_port(), 1)):
        command = [sys.executable, "-c", program.replace(":8000", f":{port}")]
        assert subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == code


@pytest.mark.slow
def test_requests_of_the_document_do_what_it_says(service: Service) -> None:
    for tool in ("curl", "jq"):
        require_tool(tool)
    code = "".join(b for b in shell_blocks(ROOT / "docs" / "service.md") if "curl " in b)
    code = code.replace("localhost:8000", f"127.0.0.1:{service.port}")
    code = code.replace("/srv/", f"{service.folder}/srv/")
    strict = 'set -euo pipefail\ncurl() { command curl --fail-with-body --silent "$@"; }\n'
    done = subprocess.run(
        ["bash", "-c", strict + code],
        cwd=service.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    made = service.folder / "srv" / "out" / "pebbles.webp"
    assert (service.folder / "pebbles.webp").read_bytes() == made.read_bytes()
    with Image.open(made) as picture:
        assert picture.size == (800, 534)
    assert re.search(r'"status":"(queued|processing)","progress"|"status":"completed"', done.stdout)
    assert "event: status" in done.stdout
    assert '"code":"source-missing"' in done.stdout
    assert 'imgflow_queue_backlog{queue="default"}' in done.stdout


def test_keys_of_requests_are_those_of_the_document() -> None:
    text = (ROOT / "docs" / "service.md").read_text()
    table = text.partition("### What a request says")[2].partition("### Batches")[0]
    named = {
        name
        for line in table.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert named == {field.encode_name for field in msgspec.structs.fields(JobKeys)}


def test_keys_of_the_queue_are_those_of_the_document() -> None:
    text = (ROOT / "docs" / "queue.md").read_text()
    table = text.partition("## Keys")[2]
    listed = {name for line in table.splitlines() for name in re.findall(r"`([^`]+)`", line)}
    scripts = (ROOT / "imgflow" / "queue" / "lua").glob("*.lua")
    used = {
        found
        for script in scripts
        for found in re.findall(r"root \.\. '([^']+)'", script.read_text())
    }
    assert used
    for name in used:
        assert any(one == name or one.startswith(f"{name}<") for one in listed), name


def test_links_lead_somewhere() -> None:
    for document in (SERVICE / "README.md",):
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text()):
            if not target.startswith("http"):
                assert (document.parent / target).exists(), target
