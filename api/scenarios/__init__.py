"""Scenarios that people save beside a study of the register: what they hold, say and compare to."""
