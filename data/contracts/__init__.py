"""Contracts of the public record, official files and the planner's own table."""
