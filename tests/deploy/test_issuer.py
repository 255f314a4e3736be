"""Tokens of the local issuer are what every service accepts, and grant what their role grants."""

import json
import stat
import subprocess
import sys
import time
from pathlib import Path

import jwt
import pytest

from deploy.local.connections import Connections
from deploy.local.issuer import AUDIENCE, ISSUER, Issuer
from deploy.local.processes import PROJECT
from rapport.web.authentication import Authenticator
from rapport.web.keys import IssuerKeys, source
from rapport.web.principal import StepUp
from rapport.web.scopes import ROLE_SCOPES


def authenticator(issuer: Issuer) -> Authenticator:
    return Authenticator(issuer=ISSUER, audience=AUDIENCE, keys=IssuerKeys(source(str(issuer.public_keys()))))


@pytest.mark.parametrize("role", sorted(ROLE_SCOPES))
async def test_a_token_is_accepted_and_grants_its_role(tmp_path: Path, role: str) -> None:
    issuer = Issuer(tmp_path / "issuer")
    principal = await authenticator(issuer).authenticate(issuer.token([role]))
    assert (principal.roles, principal.scopes) == (frozenset({role}), ROLE_SCOPES[role])


async def test_a_scope_narrows_the_role(tmp_path: Path) -> None:
    issuer = Issuer(tmp_path / "issuer")
    token = issuer.token(["rm"], scope="standings:read operations:write", subject="e-1")
    principal = await authenticator(issuer).authenticate(token)
    assert (principal.subject, principal.scopes) == ("e-1", frozenset({"standings:read"}))


async def test_a_channels_token_acts_for_one_customer(tmp_path: Path) -> None:
    issuer = Issuer(tmp_path / "issuer")
    principal = await authenticator(issuer).authenticate(issuer.token(["channel"], customer="c-1"))
    assert principal.customer == "c-1"


async def test_a_token_says_of_a_second_factor_only_when_asked_to(tmp_path: Path) -> None:
    issuer, now = Issuer(tmp_path / "issuer"), time.time()
    plain = await authenticator(issuer).authenticate(issuer.token(["rm"]))
    stepped_up = await authenticator(issuer).authenticate(issuer.token(["rm"], step_up=True))
    assert [StepUp().is_met_by(one, now) for one in (plain, stepped_up)] == [False, True]
    assert not StepUp().is_met_by(stepped_up, now + 301)


def test_the_private_key_is_kept_and_its_owners_alone(tmp_path: Path) -> None:
    issuer = Issuer(tmp_path / "issuer")
    first = jwt.get_unverified_header(issuer.token(["rm"]))["kid"]
    assert jwt.get_unverified_header(Issuer(tmp_path / "issuer").token(["rm"]))["kid"] == first
    assert stat.S_IMODE((tmp_path / "issuer" / "private.pem").stat().st_mode) == 0o600
    [public] = json.loads(issuer.public_keys().read_text())["keys"]
    assert "d" not in public


def test_the_command_prints_a_token_of_a_running_stack(stack: Connections) -> None:
    command = [sys.executable, "-m", "deploy.local", "token", "--name", stack.folder.name, "--role", "channel"]
    done = subprocess.run([*command, "--customer", "c-1"], cwd=PROJECT, capture_output=True, text=True, check=True)
    claims = jwt.decode(done.stdout.strip(), options={"verify_signature": False})
    assert (claims["iss"], claims["aud"], claims["roles"]) == (ISSUER, AUDIENCE, ["channel"])
    assert claims["customer_id"] == "c-1"


def test_without_a_running_stack_the_command_says_what_to_do() -> None:
    command = [sys.executable, "-m", "deploy.local", "token", "--name", "absent", "--role", "rm"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "nothing runs here: start the system with `make demo`\n")
