"""What is looked at before anything slow: the study, its inputs, what is exposed, where it all lies."""
