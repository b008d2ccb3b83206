"""The pages of accounts: tokens, sessions, the sign-in log, the yearly review, what is done in an emergency."""
