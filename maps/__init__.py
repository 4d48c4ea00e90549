"""Show: folium maps that ask nothing from outside, and their legends."""
