"""The top floor: settings, addresses, the table of jobs, sign-in, the one error page, public pages."""
