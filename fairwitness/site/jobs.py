"""The table of jobs: every name that a change may leave work under, and the function that does it."""

from procrastinate.contrib.django import app
