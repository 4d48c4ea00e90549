"""The evidence sheet of a dossier: map, two pages in PDF, the same in DOCX, a drafted diagnosis."""
