"""What the results are held against: the record of losses, a year kept out of it, events."""
