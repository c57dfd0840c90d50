"""What every test has: a quiet environment without settings of ours, and Hypothesis profiles."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.databases"]

for name in [key for key in os.environ if key.startswith("REDOUND_") and "TEST" not in key]:
    del os.environ[name]

BUSY_MACHINES = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
settings.register_profile("default", deadline=None, max_examples=60, suppress_health_check=BUSY_MACHINES)
# The same examples each time: what a change is held to does not depend on luck; `deep` looks for new ones.
settings.register_profile(
    "ci", deadline=None, max_examples=60, derandomize=True, suppress_health_check=BUSY_MACHINES
)
settings.register_profile("deep", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "default"))
