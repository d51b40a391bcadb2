"""The stages of a run, a module each; ``conductor`` has them in their order."""
