"""The quality rules of surveys, each a function of records and context that adds to the findings."""
