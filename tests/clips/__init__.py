"""Video and sound made by a script of ours: short test clips, and a body camera's view drawn for the demo."""
