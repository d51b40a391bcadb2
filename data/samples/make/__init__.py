"""Makes the sample city beside this folder from a seed; `make samples` runs it, nothing at run time needs it."""
