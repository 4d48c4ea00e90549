"""Perimeters drawn in QGIS: exact polygons in WGS84, or what to mend."""
