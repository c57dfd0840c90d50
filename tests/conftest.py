"""What every test has: a quiet environment without settings of ours, and Hypothesis profiles."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.databases"]

for name in [key for key in os.environ if key.startswith("REDOUND_") and "TEST" not in key]:
    del os.environ[name]

settings.register_profile(
    "default", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("deep", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
