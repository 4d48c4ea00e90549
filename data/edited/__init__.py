"""The tables of a study changed row by row, in memory: files in, files out."""
