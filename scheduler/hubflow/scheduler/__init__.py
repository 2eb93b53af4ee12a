"""The process that decides what runs when. Start reading at `loop.py`."""
