"""The stages of a run, in order: prepare, calibrate, assess, grade, publish."""
