"""Sign-in: how the sign-in library is told the rules of the house, and how the house hears of what happened there.

The one place that receives another library's signals; each receiver calls an act.
"""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are given by an administrator of accounts; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
