"""The rules of the call on one application, by theme: each yields what it finds of the form."""
