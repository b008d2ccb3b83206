"""Incidents: dispatch events with units and times, shifts, and the register of reports about them."""
