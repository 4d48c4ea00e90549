"""After the award: conventions, results, what is to be watched, claims that overlap."""
