"""The folder of a run: lock, resume, stored layers, record, log."""
