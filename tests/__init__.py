"""The tests of riskzoning; a package, so that no other of this name takes its place."""
