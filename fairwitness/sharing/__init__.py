"""Sharing: packages for court, made by a job, and guests to whom they are given by invitation; each act is entered."""
