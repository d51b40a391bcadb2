"""The filled survey forms of the sample city: what its townships, counties and offices hand in, some of it wrong."""
