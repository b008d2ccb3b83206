"""Cases: recordings and files put together for an investigation or a court, who works on them, and what is to be done."""
