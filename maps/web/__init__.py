"""The map of the application: shapes once, values apart, drawn on canvas in the browser."""
