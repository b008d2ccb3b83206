"""The pages of policy: for everyone what is in force, from within what is on its way."""
