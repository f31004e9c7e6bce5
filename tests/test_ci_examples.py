"""The jobs of examples/ci: run step by step as the services would, in fresh clones."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import samples
import xmlschema
import yaml
from s3_ground import Ground

ROOT = Path(__file__).parents[1]
CI = ROOT / "examples" / "ci"
WORKFLOW = yaml.safe_load((CI / "github-workflow.yml").read_text())
WITH_A_BUCKET = yaml.safe_load((CI / "github-workflow-s3.yml").read_text())
PIPELINE = yaml.safe_load((CI / "gitlab-ci.yml").read_text())
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
JUNIT = ROOT / "tests" / "check" / "junit-4.xsd"
SCRIPTS = Path(sys.executable).parent
RECIPE = """\
version: 1
inputs: {from: photos}
manifest: dist/manifest.json
budgets: {max_bytes: 20000}
outputs:
  - {path: "dist/{stem}-{width}.{ext}", widths: [40, 80], formats: [jpeg, webp], effort: fast}
"""
#: Steps that set up what is here already.
SETS_UP = re.compile(r"pip install")
#: Conditions of steps: whatever came before, and the same if there is a report.
ALWAYS = "${{ !cancelled() }}"
REPORTED = "${{ !cancelled() && hashFiles('imgflow.sarif') != '' }}"


class Step(NamedTuple):
    """A command that was run: what it said, and how it ended."""

    command: str
    code: int
    said: str


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return what a runner sets, in a home of its own; nothing of this process but the path."""
    home = folder.parent / "home"
    home.mkdir(exist_ok=True)
    base = {"PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}", "HOME": str(home), "CI": "true"}
    return {**base, "LANG": "C.UTF-8", **more}


def shell(command: str, folder: Path, env: dict[str, str]) -> Step:
    """Run a script as both services do: it ends with the first command that fails."""
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", command],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Step(command, done.returncode, done.stdout)


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=me", "-c", "user.email=me@localhost", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ["git", *who, *arguments],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


class Repository:
    """A repository with photos and a recipe, and what its service keeps between two jobs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.origin = folder / "origin"
        self.cache = folder / "cache"
        self.clones = 0
        (self.origin / "photos").mkdir(parents=True)
        (self.origin / "recipe.yaml").write_text(RECIPE)
        (self.origin / "requirements.txt").write_text("imgflow\n")
        (self.origin / ".gitignore").write_text("dist/\n")
        for name, pixels in (("cat", samples.cat()), ("cup", samples.coffee())):
            data = samples.encoded(pixels, "JPEG")
            (self.origin / "photos" / f"{name}.jpg").write_bytes(data)
        git(self.origin, "init", "--quiet")
        self.commit()

    def commit(self) -> None:
        git(self.origin, "add", "--all")
        git(self.origin, "commit", "--quiet", "--message", "photos")

    def clone(self) -> Path:
        self.clones += 1
        clone = self.folder / f"clone-{self.clones}"
        git(self.folder, "clone", "--quiet", str(self.origin), str(clone))
        return clone

    def restore(self, clone: Path) -> None:
        if self.cache.exists():
            shutil.copytree(self.cache, clone, dirs_exist_ok=True)

    def save(self, clone: Path, paths: list[str]) -> None:
        shutil.rmtree(self.cache, ignore_errors=True)
        for path in filter(lambda path: (clone / path).exists(), paths):
            shutil.copytree(clone / path, self.cache / path)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


class Run(NamedTuple):
    """A job that was run in a clone."""

    clone: Path
    steps: list[Step]

    @property
    def codes(self) -> list[int]:
        return [step.code for step in self.steps]

    def said(self, command: str) -> str:
        """Return what the step said that begins like this."""
        return next(step.said for step in self.steps if step.command.startswith(command))


def on_github(repository: Repository, workflow: Any = WORKFLOW, **more: str) -> Run:
    """Run the steps of a workflow, with ``more`` settings than those of every runner."""
    clone = repository.clone()
    env = environment(
        clone,
        GITHUB_ACTIONS="true",
        GITHUB_WORKSPACE=str(clone),
        GITHUB_STEP_SUMMARY=str(repository.folder / "summary.md"),
        **more,
    )
    done: list[Step] = []
    kept: list[str] = []
    for step in workflow["jobs"]["images"]["steps"]:
        if not _is_due(step.get("if"), clone, failed=any(one.code for one in done)):
            continue
        action, given = step.get("uses", "").partition("@")[0], step.get("with", {})
        if "run" in step and not SETS_UP.search(step["run"]):
            done.append(shell(step["run"], clone, env))
        elif action == "actions/cache":
            kept = given["path"].split()
            repository.restore(clone)
        elif action == "github/codeql-action/upload-sarif":
            assert json.loads((clone / given["sarif_file"]).read_bytes())["version"] == "2.1.0"
        elif action == "actions/upload-artifact":
            assert (clone / given["path"]).is_dir()
    if not any(step.code for step in done):
        repository.save(clone, kept)
    return Run(clone, done)


def _is_due(condition: str | None, clone: Path, *, failed: bool) -> bool:
    if condition is None:
        return not failed
    return {ALWAYS: True, REPORTED: (clone / "imgflow.sarif").exists()}[condition]


def on_gitlab(repository: Repository) -> Run:
    """Run the script of the job, what comes after it, and look for its artifacts."""
    job = PIPELINE["images"]
    clone = repository.clone()
    env = environment(clone, GITLAB_CI="true", CI_PROJECT_DIR=str(clone))
    repository.restore(clone)
    script = [line for line in job["before_script"] + job["script"] if not SETS_UP.search(line)]
    done = []
    for line in script:
        done.append(shell(line, clone, env))
        if done[-1].code:
            break
    done += [shell(line, clone, env) for line in job["after_script"]]
    assert job["cache"]["when"] == job["artifacts"]["when"] == "always"
    repository.save(clone, job["cache"]["paths"])
    report = clone / job["artifacts"]["reports"]["junit"]
    if report.exists():
        xmlschema.XMLSchema(str(JUNIT)).validate(report.read_text())
        assert all((clone / path).is_dir() for path in job["artifacts"]["paths"])
    return Run(clone, done)


both = pytest.mark.parametrize("service", [on_github, on_gitlab])
Service = Callable[[Repository], Run]


def encoded(run: Run) -> int:
    """Return how many files were made by encoding them."""
    written = re.search(r"([0-9,]+) written", run.said("imgflow run"))
    return int(written[1]) if written else 0


def files(clone: Path) -> dict[str, bytes]:
    """Return what was made."""
    return {path.name: path.read_bytes() for path in (clone / "dist").iterdir()}


@pytest.mark.slow
@both
def test_a_second_clone_encodes_nothing(service: Service, repository: Repository) -> None:
    first = service(repository)
    assert first.codes == [0, 0, 0]
    assert encoded(first) == 8
    assert "2 sources: 2 fresh" in first.said("imgflow check")
    second = service(repository)
    assert second.codes == [0, 0, 0]
    assert encoded(second) == 0
    assert "2 sources: 2 fresh" in second.said("imgflow check")
    assert files(second.clone) == files(first.clone)


@pytest.mark.slow
def test_a_second_clone_takes_all_from_a_bucket(repository: Repository, ground: Ground) -> None:
    settings = {**ground.settings, "STATE": ground.uri("imgflow")}
    assert WITH_A_BUCKET["env"].keys() - settings.keys() == {"AWS_REGION"}
    first = on_github(repository, WITH_A_BUCKET, **settings)
    assert first.codes == [0, 0], first
    stored = ground.keys()
    assert len(stored) > len(files(first.clone))
    second = on_github(repository, WITH_A_BUCKET, **settings)
    assert second.codes == [0, 0], second
    assert encoded(second) == 0
    assert "2 sources: 2 fresh" in second.said("imgflow check")
    assert files(second.clone) == files(first.clone)
    assert ground.keys() == stored


@pytest.mark.slow
def test_a_check_alone_takes_nothing_from_a_bucket(repository: Repository, ground: Ground) -> None:
    settings = {**ground.settings, "STATE": ground.uri("imgflow")}
    assert on_github(repository, WITH_A_BUCKET, **settings).codes == [0, 0]
    clone = repository.clone()
    stored = ground.keys()
    command = 'imgflow check recipe.yaml --state "$STATE"'
    done = shell(command, clone, environment(clone, **settings))
    assert done.code == 1
    assert "2 sources: 2 stale" in done.said
    assert not (clone / "dist").exists()
    assert not (clone / ".imgflow").exists()
    assert ground.keys() == stored


@pytest.mark.slow
@both
def test_an_image_that_is_damaged(service: Service, repository: Repository) -> None:
    cat = repository.origin / "photos" / "cat.jpg"
    cat.write_bytes(cat.read_bytes()[:3000])
    repository.commit()
    done = service(repository)
    assert done.codes == [0, 3, 3]
    assert "failed    photos/cat.jpg: expected a whole jpeg image" in done.said("imgflow check")
    if service is on_github:
        assert "\n::error file=photos/cat.jpg,title=" in done.said("imgflow check")
        assert "photos/cat.jpg" in (repository.folder / "summary.md").read_text()
    else:
        assert '<error type="source-corrupt"' in (done.clone / "imgflow.xml").read_text()


@pytest.mark.slow
@both
def test_over_budget(service: Service, repository: Repository) -> None:
    recipe = repository.origin / "recipe.yaml"
    recipe.write_text(RECIPE.replace("20000", "200"))
    repository.commit()
    done = service(repository)
    assert done.codes == [0, 1, 1]
    assert "8 over budget" in done.said("imgflow check")


@pytest.mark.slow
@both
def test_a_recipe_with_a_mistake(service: Service, repository: Repository) -> None:
    recipe = repository.origin / "recipe.yaml"
    recipe.write_text(RECIPE.replace("widths", "widhts"))
    repository.commit()
    done = service(repository)
    assert done.codes == [2, 2]
    assert "did you mean 'widths'?" in done.said("imgflow validate")


@pytest.mark.parametrize(
    "command",
    [
        "check-jsonschema --builtin-schema vendor.github-workflows github-workflow.yml",
        "check-jsonschema --builtin-schema vendor.github-workflows github-workflow-s3.yml",
        "check-jsonschema --builtin-schema vendor.gitlab-ci gitlab-ci.yml",
        "pre-commit validate-config pre-commit-config.yaml",
        "pre-commit validate-manifest ../../.pre-commit-hooks.yaml",
    ],
    ids=["GitHub", "bucket", "GitLab", "pre-commit", "hooks"],
)
def test_the_services_would_take_them(command: str, tmp_path: Path) -> None:
    env = {**environment(tmp_path / "x"), "PRE_COMMIT_HOME": str(tmp_path / "home")}
    done = shell(command, CI, env)
    assert done.code == 0, done.said


def test_the_document_shows_these_files() -> None:
    text = (ROOT / "docs" / "ci.md").read_text()
    shown = re.findall(r"^```yml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert shown == [
        (CI / name).read_text()
        for name in (
            "github-workflow.yml",
            "github-workflow-s3.yml",
            "gitlab-ci.yml",
            "pre-commit-config.yaml",
        )
    ]


@pytest.mark.parametrize(
    ("path", "hooks"),
    [
        ("recipe.yaml", ["imgflow-validate", "imgflow-check"]),
        ("assets/web-recipe.yml", ["imgflow-validate", "imgflow-check"]),
        ("recipes/web.yaml", ["imgflow-validate", "imgflow-check"]),
        ("photos/Cat.JPEG", ["imgflow-check"]),
        ("photos/cat.jpg.imgflow.yaml", ["imgflow-check"]),
        ("docs/recipe.md", []),
    ],
)
def test_which_files_the_hooks_are_for(path: str, hooks: list[str]) -> None:
    assert [name for name, hook in HOOKS.items() if re.search(hook["files"], path)] == hooks


@pytest.mark.slow
def test_the_commands_of_the_hooks(repository: Repository) -> None:
    clone = repository.clone()

    def run(name: str, *paths: str) -> int:
        hook = HOOKS[name]
        words = [*shlex.split(hook["entry"]), *hook.get("args", []), *paths]
        return shell(shlex.join(words), clone, environment(clone)).code

    assert run("imgflow-validate", "recipe.yaml") == 0
    assert run("imgflow-check") == 1
    assert shell("imgflow run recipe.yaml", clone, environment(clone)).code == 0
    assert run("imgflow-check") == 0
    (clone / "recipe.yaml").write_text("version: 1\n")
    assert run("imgflow-validate", "recipe.yaml") == 2


def hooks_repository(folder: Path) -> str:
    """Make a repository of what imgflow is built from; return its commit."""
    folder.mkdir()
    git(folder, "init", "--quiet")
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, folder)
    for name in ("imgflow", "recipes", "schema"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "imgflow")
    return git(folder, "rev-parse", "HEAD")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_pre_commit_runs_the_hooks(repository: Repository, tmp_path: Path) -> None:
    """It installs imgflow from a repository, in an environment of its own."""
    config = yaml.safe_load((CI / "pre-commit-config.yaml").read_text())
    (source,) = config["repos"]
    source["repo"] = str(tmp_path / "imgflow")
    source["rev"] = hooks_repository(tmp_path / "imgflow")
    clone = repository.clone()
    (clone / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    (clone / "recipe.yaml").write_text(f"{RECIPE}description: photos of the site\n")
    git(clone, "add", "--all")
    # What pip needs to reach its index is this machine's own.
    env = {**os.environ, **environment(clone), "PRE_COMMIT_HOME": str(tmp_path / "hooks")}
    env["HOME"] = os.environ["HOME"]
    assert shell("pre-commit install", clone, env).code == 0

    def commit() -> tuple[int, dict[str, str], str]:
        who = "-c user.name=me -c user.email=me@localhost"
        done = shell(f"git {who} commit --message photos", clone, env)
        outcomes = re.findall(r"^imgflow (\w+)\.+(\w+)$", done.said, re.MULTILINE)
        return done.code, dict(outcomes), done.said

    code, outcomes, said = commit()
    assert (code, outcomes) == (1, {"validate": "Passed", "check": "Failed"}), said
    assert "2 sources: 2 stale" in said
    assert shell("imgflow run recipe.yaml", clone, env).code == 0
    code, outcomes, said = commit()
    assert (code, outcomes) == (0, {"validate": "Passed", "check": "Passed"}), said
