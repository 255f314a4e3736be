"""Every policy version: its content, which never changes, and since when it is in force, if it is."""

from scoring.version.store import Versions

policies = Versions("policy", "policies", acts=("drafted", "approved", "withdrawn"))
