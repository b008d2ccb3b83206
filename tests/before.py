"""Loaded before Django's settings: gives every test process a home of its own, and nothing of the machine's."""

import atexit
import os
import shutil
import tempfile

_home = tempfile.mkdtemp(prefix="fairwitness-test-")
os.chmod(_home, 0o755)  # noqa: PTH101 - as root the embedded database runs as a user of its own
os.environ.update(FAIRWITNESS_HOME=_home, FAIRWITNESS_TEST="1", FAIRWITNESS_PUBLISH_EVERY="10")
# What is owed at the first sign-in is tested where it is meant: tests/accounts/test_owing.py.
os.environ["FAIRWITNESS_SECOND_FACTOR"] = "optional"
# The browser's library keeps an event loop in the thread of the tests that come after it; ours are all synchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "FAIRWITNESS_DEMO", "FAIRWITNESS_AGENCY"):
    os.environ.pop(name, None)
atexit.register(shutil.rmtree, _home, ignore_errors=True)
