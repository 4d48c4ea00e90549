"""What a study is today, worked out once for all its dossiers."""
