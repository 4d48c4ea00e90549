"""Large projects: drawn, listed by communes, or read from public files."""
