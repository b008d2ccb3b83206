"""Fairwitness: body-worn video from the camera to the court and the public, in a log that anyone can verify."""
