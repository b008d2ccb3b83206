"""The table of jobs: every name that a change may leave work under, and the function that does it."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from fairwitness.evidence import jobs as evidence

# What failed because a store or the database was away is tried again, ever more slowly, for about a day.
AGAIN = RetryStrategy(max_attempts=12, exponential_wait=3)

app.task(name="evidence.probe", queue="media", retry=AGAIN)(evidence.probe)
app.task(name="evidence.derive", queue="media", retry=AGAIN)(evidence.derive)
app.periodic(cron="* * * * *")(app.task(name="evidence.end_viewings", queue="clock")(evidence.end_viewings))
