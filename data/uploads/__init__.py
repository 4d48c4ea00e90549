"""What comes from outside: sized, named and unpacked here, read in a process that can be killed."""
