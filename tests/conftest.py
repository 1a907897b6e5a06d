"""What every test may ask for: databases of its own, and the same examples on every run."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

pytest_plugins = ("tests.databases", "tests.workspace")

settings.register_profile(
    "ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci")
