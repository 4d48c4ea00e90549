"""Opinions, locks and refusals given in the application, and the envelope notified."""
