"""Speed and memory beside peers: ``python -m benchmarks [NAME...] [--size s|m|l]``. Nothing here is a test."""
