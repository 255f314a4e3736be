"""Who may import whom: the contracts of pyproject.toml hold, and each of them catches a violation planted for it."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}
# For each contract, a module and what it must not import. Every line is written into a copy of the tree.
PLANTED = {
    "services-apart": ("scoring.main", "feedback.main"),
    "shared-below": ("rapport.ids", "scoring.tables"),
    "shared-layers": ("rapport.database", "rapport.messaging.locks"),
    "events-pure": ("rapport.events.money", "sqlalchemy"),
    "delivery-general": ("rapport.messaging.locks", "rapport.events.bank"),
    "behaviour-pure": ("rapport.behaviour.decay", "pydantic"),
    "domain-pure": ("scoring.standing.domain", "pydantic"),
    "store-only-sql": ("feedback.case.store.tables", "aiokafka"),
    "handlers-no-edges": ("customer_profile.account.handlers", "fastapi"),
    "subscriptions-no-edges": ("feedback.subscriptions", "feedback.case.api"),
    "concept-layers": ("customer_profile.account.store", "customer_profile.account.handlers"),
    "customer-profile-layers": ("customer_profile.account.domain", "customer_profile.customer.domain"),
    "comparing-offline": ("customer_profile.duplicate.store", "duckdb"),
    "scoring-layers": ("scoring.scorecard.domain", "scoring.standing.domain.words"),
    "segments-name": ("scoring.standing.domain.tiering", "scoring.segment.domain.model"),
    "shadow-tells-nobody": ("scoring.challenger.domain.course", "rapport.events.scoring"),
    "following-has-no-transaction": ("scoring.challenger.handlers.following", "rapport.messaging.transaction"),
    "fitting-offline": ("scoring.standing.views", "sklearn"),
    "risk-fitted-offline": ("churn_alert.risk.documents", "lightgbm"),
    "churn-alert-layers": ("churn_alert.risk.domain", "churn_alert.alert.domain"),
    "abnormal-apart": ("churn_alert.abnormal.facts", "churn_alert.alert.views"),
    "abnormal-unknown": ("churn_alert.risk.views", "churn_alert.abnormal.store.leads"),
    "feedback-layers": ("feedback.tables", "feedback.case.domain.clocks"),
}


def _file(tree: Path, module: str) -> Path:
    found = [
        candidate
        for member in (tree / "shared", *(tree / "services").iterdir())
        for candidate in (
            member / Path(*module.split(".")).with_suffix(".py"),
            member / Path(*module.split(".")) / "__init__.py",
        )
        if candidate.is_file()
    ]
    assert len(found) == 1, f"{module} is not one file"
    return found[0]


def _lint(tree: Path) -> tuple[int, dict[str, str]]:
    """Exit code, and what was said about each broken contract by name."""
    members = [tree / "shared", *(tree / "services").iterdir()]
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(str(member) for member in members), "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )
    _, _, broken = done.stdout.partition("Broken contracts")
    sections = re.split(r"\n([^\n]+)\n-{5,}\n", broken)
    said = dict(zip((" ".join(name.split()) for name in sections[1::2]), sections[2::2], strict=True))
    return done.returncode, said


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the linter says of a copy of the tree with every violation in it."""
    tree = tmp_path_factory.mktemp("tree")
    for folder in ("shared", "services"):
        shutil.copytree(PROJECT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(PROJECT / "pyproject.toml", tree)
    for module, target in PLANTED.values():
        file = _file(tree, module)
        file.write_text(f"{file.read_text()}\nimport {target}\n")
    code, said = _lint(tree)
    assert code != 0
    return said


def test_the_tree_keeps_every_contract() -> None:
    assert _lint(PROJECT) == (0, {})


def test_every_contract_has_its_planted_violation() -> None:
    assert set(PLANTED) == set(CONTRACTS)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_planted_violation_is_caught_by_its_contract(contract: str, said: dict[str, str]) -> None:
    module, target = PLANTED[contract]
    assert f"{module} -> {target}" in said.get(CONTRACTS[contract], "")
