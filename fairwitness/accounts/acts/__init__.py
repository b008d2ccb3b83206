"""The acts of accounts: the only functions that write its records."""

from fairwitness.accounts.acts.tokens import end_token, issue_token, note_refused_token, note_token_use

__all__ = ["end_token", "issue_token", "note_refused_token", "note_token_use"]
