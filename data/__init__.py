"""Read the world in and write results out: reference territories, study files, exports."""
