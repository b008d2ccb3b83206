"""Floor 3: sign-ins, sessions, tokens of devices and programs, the yearly review of roles."""
