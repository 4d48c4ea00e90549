"use strict";
/* The outline of a perimeter: surfaces, each a contour then its holes, rings of [latitude,
   longitude] that are not closed. Texts are those of data/drawings/outline.py. */

ZB.readOutline = function (text) {
  if (/^\s*[{[]/.test(text)) { return ZB.readGeoJson(text); }
  const surfaces = [];
  const decimal = "[+-]?\\d+(?:[.,]\\d*)?(?:e[+-]?\\d+)?", pointed = decimal.replace("[.,]", "\\.");
  const pairs = [
    new RegExp("^(" + decimal + ")(?:\\s*;\\s*|\\s*,\\s+|\\s+)(" + decimal + ")$"),
    new RegExp("^(" + pointed + ")\\s*,\\s*(" + pointed + ")$"),
  ];
  const number = function (written) { return Number(written.replace(",", ".")); };
  let ring = null;
  for (const line of text.split(/\r?\n/)) {
    const word = line.trim().replace(/[\s:]+$/, "").toLowerCase();
    if (!word) { continue; }
    if (word === "partie" || word === "trou") {
      ring = [];
      if (word === "trou" && surfaces.length) { surfaces[surfaces.length - 1].push(ring); } else { surfaces.push([ring]); }
      continue;
    }
    const pair = pairs[0].exec(line.trim()) || pairs[1].exec(line.trim());
    if (!pair || Math.abs(number(pair[2])) > 90) { return null; }
    if (!ring) { ring = []; surfaces.push([ring]); }
    ring.push([number(pair[2]), number(pair[1])]);
  }
  return surfaces.map(function (rings) { return rings.map(ZB.opened); });
};

ZB.readGeoJson = function (text) {
  let found;
  try { found = JSON.parse(text); } catch { return null; }
  if (found && found.type === "FeatureCollection" && Array.isArray(found.features)) { found = found.features[0]; }
  if (found && found.type === "Feature") { found = found.geometry; }
  const several = found && found.type === "MultiPolygon";
  if (!found || !(several || found.type === "Polygon") || !Array.isArray(found.coordinates)) { return null; }
  const turned = function (ring) { return ZB.opened(ring.map(function (place) { return [place[1], place[0]]; })); };
  try {
    return (several ? found.coordinates : [found.coordinates]).map(function (rings) { return rings.map(turned); });
  } catch { return null; }
};

/* A ring without the vertex that closes it. */
ZB.opened = function (ring) {
  const last = ring.length - 1;
  return last > 2 && ring[0][0] === ring[last][0] && ring[0][1] === ring[last][1] ? ring.slice(0, last) : ring;
};

ZB.writeOutline = function (surfaces) {
  return surfaces.map(function (rings, surface) {
    return rings.map(function (ring, rank) {
      const mark = rank ? ["trou"] : surface ? ["partie"] : [];
      return mark.concat(ring.map(function ([lat, lng]) { return lng + " " + lat; })).join("\n");
    }).join("\n");
  }).join("\n");
};

/* Whether a ring is around a place, by the crossings of a ray. */
ZB.around = function (ring, [lat, lng]) {
  let odd = false;
  ring.forEach(function (here, rank) {
    const next = ring[(rank + 1) % ring.length];
    if ((here[0] > lat) !== (next[0] > lat)
      && lng < here[1] + (next[1] - here[1]) * (lat - here[0]) / (next[0] - here[0])) { odd = !odd; }
  });
  return odd;
};
