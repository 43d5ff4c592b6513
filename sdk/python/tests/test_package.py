"""What is in the repository is what the generator writes, is typed, and does what the README says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import plinth
from plinth._generated.api.account import get_me
from plinth._generated.models import Me

from server import OPENAPI, REPOSITORY, Account, Server
from work import Reconciler

PACKAGE = Path(__file__).resolve().parents[1]


def run(*command: str | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """A program of this environment, run in the package's folder."""
    return subprocess.run([sys.executable, *command], cwd=PACKAGE, env=env, text=True, capture_output=True, check=False)


def test_the_generated_part_is_what_the_document_says(tmp_path: Path) -> None:
    fresh = tmp_path / "_generated"
    config = REPOSITORY / "sdk" / "generator.yaml"
    arguments: list[str | Path] = ["generate", "--path", OPENAPI, "--config", config, "--meta", "none"]
    path = str(Path(sys.executable).parent)
    env = {"PATH": f"{path}:/usr/bin:/bin", "HOME": str(tmp_path), "RUFF_NO_CACHE": "true"}
    made = run("-m", "openapi_python_client", *arguments, "--fail-on-warning", "--output-path", fresh, env=env)
    assert made.returncode == 0, made.stdout + made.stderr
    assert contents(fresh) == contents(PACKAGE / "src" / "plinth" / "_generated"), "run sdk/generate.sh"


def contents(folder: Path) -> dict[str, str]:
    """Each file's text by its path."""
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.py")}


def test_types_are_right() -> None:
    checked = run("-m", "mypy")
    assert checked.returncode == 0, checked.stdout


def test_the_code_is_tidy() -> None:
    for command in (["check"], ["format", "--check"]):
        checked = run("-m", "ruff", *command, "--no-cache")
        assert checked.returncode == 0, checked.stdout


def test_the_example_of_the_readme_runs(server: Server, alice: Account) -> None:
    readme = (PACKAGE / "README.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)[:1]
    env = {"PLINTH_URL": server.url, "PLINTH_TOKEN": alice.token, "PLINTH_ORG": alice.org}
    with Reconciler(server, {"nightly-copy": {"state": "completed", "rows": 42}}):
        ran = run("-W", "error", "-c", example, env=env)
    assert ran.returncode == 0, ran.stderr
    assert "nightly-copy is completed: 42 rows" in ran.stdout


def test_the_generated_functions_reach_what_the_layer_does_not(client: plinth.Client) -> None:
    with client.generated as generated:
        me = get_me.sync(client=generated)
    assert isinstance(me, Me)
    assert "alice" in [org.slug for org in me.orgs]
