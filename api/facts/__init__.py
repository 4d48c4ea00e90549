"""What pages and API say of each subject, as plain values."""
