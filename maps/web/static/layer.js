"use strict";
/* One layer that the server gave (maps/web/layers.py): what of it is seen in a région and a year,
   how tiles draw it, what stands at a place. Items are known by their rank in its columns. */

ZB.Layer = function (data, mesh, look) {
  const REACH = 10, TOUCH = 6, SMALL = 16, HALO = 16, NEAR = 8;
  const read = ZB.shapes(mesh);
  const columns = data.objets, years = data.annees;
  const regions = data.regions.map(function (codes) { return new Set(codes); });
  const paths = data.groupes.map(function (group) { return new Path2D(group.signe.chemin); });
  const signOf = function (rank) { return data.groupes[columns.groupe[rank]].signe; };

  this.data = data;
  this.size = columns.id.length;
  this.year = null;
  /* Shows a year, brought within what the layer knows; null for the one it opens on. */
  this.setYear = function (year) {
    if (years) { this.year = year === null ? years.choisie : Math.min(years.derniere, Math.max(years.premiere, year)); }
  };

  /* ---- what each item is made of ---- */
  const boxOfUnits = function (units) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const unit of units) {
      const at = unit * 4;
      box[0] = Math.min(box[0], mesh.box[at]);
      box[1] = Math.min(box[1], mesh.box[at + 1]);
      box[2] = Math.max(box[2], mesh.box[at + 2]);
      box[3] = Math.max(box[3], mesh.box[at + 3]);
    }
    return box;
  };
  const formOf = function (at) {
    const forms = data.formes;
    const rings = read.stretches(forms.contour[at]), lines = read.stretches(forms.trait[at]);
    const units = forms.communes[at].map(function (code) { return mesh.unitOf.get(code); });
    if (!units.length && !rings.length && !lines.length) { return null; }
    const inside = new Uint8Array(units.length ? mesh.units : 0);
    units.forEach(function (unit) { inside[unit] = 1; });
    return {
      rings: rings, lines: lines, units: units, inside: inside,
      border: units.length ? look.outlines.around(inside, units) : [],
      box: units.length ? boxOfUnits(units) : read.boxOf(rings.concat(lines)),
    };
  };
  const anchors = columns.id.map(function (_, rank) {
    return [mesh.worldX(columns.lon[rank] / 1e4), mesh.worldY(columns.lat[rank] / 1e4)];
  });
  const forms = new Map(), spots = new Map();
  data.formes.objet.forEach(function (rank, at) {
    const form = formOf(at);
    if (form) { forms.set(rank, form); }
    const points = read.stretches(data.formes.points[at]).flat();
    if (points.length) { spots.set(rank, points); }
  });

  /* Where an item has markers: its points, or its anchor when it has no shape or one too small to be seen. */
  const markers = function (rank, scale) {
    const form = forms.get(rank);
    if (form && Math.max(form.box[2] - form.box[0], form.box[3] - form.box[1]) * scale >= SMALL) { return []; }
    return spots.get(rank) || [anchors[rank]];
  };
  /* Places of the markers seen. */
  this.spots = function (scale) {
    return this.seen().flatMap(function (rank) {
      return markers(rank, scale).map(function ([x, y]) { return mesh.latLng(x, y); });
    });
  };
  this.anchor = function (rank) { return mesh.latLng(anchors[rank][0], anchors[rank][1]); };

  /* ---- what is seen ---- */
  this.inRegion = function (rank) { return !look.region || regions[columns.regions[rank]].has(look.region); };
  /* A limit that is not known is none. */
  this.inYear = function (rank, year) {
    const first = columns.debut[rank], last = columns.fin[rank];
    return year === null || ((first === null || first <= year) && (last === null || year <= last));
  };
  this.isSeen = function (rank) { return this.inRegion(rank) && this.inYear(rank, this.year); };
  this.seen = function () {
    return columns.id.map(function (_, rank) { return rank; }).filter(this.isSeen, this);
  };
  this.counts = function () {
    const counts = data.groupes.map(function () { return 0; });
    this.seen().forEach(function (rank) { counts[columns.groupe[rank]] += 1; });
    return counts;
  };
  this.within = function (bounds) {
    return this.seen().filter(function (rank) {
      const form = forms.get(rank);
      const [south, west] = mesh.latLng(form ? form.box[0] : anchors[rank][0], form ? form.box[3] : anchors[rank][1]);
      const [north, east] = mesh.latLng(form ? form.box[2] : anchors[rank][0], form ? form.box[1] : anchors[rank][1]);
      return (spots.get(rank) || []).some(function ([x, y]) { return bounds.contains(mesh.latLng(x, y)); })
        || bounds.intersects(L.latLngBounds([south, west], [north, east]));
    });
  };

  /* ---- drawing ---- */
  const outline = function (pen, form, view) {
    pen.beginPath();
    read.trace(pen, form.rings, view, false);
    read.trace(pen, form.lines, view, true);
    for (const line of form.border) { if (mesh.lineMeets(line, view)) { mesh.traceLine(pen, line, view); } }
  };
  const drawForm = function (pen, view, rank) {
    const form = forms.get(rank), sign = signOf(rank);
    if (!form || !read.meets(form.box, view)) { return; }
    pen.beginPath();
    read.trace(pen, form.rings, view, false);
    for (const unit of form.units) { mesh.trace(pen, unit, view); }
    pen.fillStyle = sign.couleur + "29";
    pen.fill("evenodd");
    outline(pen, form, view);
    for (const [colour, width, dash] of [["#ffffff", 4.6, []], [sign.couleur, 2.4, sign.tirets]]) {
      pen.setLineDash(dash);
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      pen.stroke();
    }
    pen.setLineDash([]);
  };
  const drawMarker = function (pen, view, rank, spot) {
    const x = (spot[0] - view.left) * view.scale, y = (spot[1] - view.top) * view.scale;
    if (x < -HALO || y < -HALO || x > view.size + HALO || y > view.size + HALO) { return; }
    const path = paths[columns.groupe[rank]];
    pen.save();
    pen.translate(x, y);
    pen.lineJoin = "round";
    pen.strokeStyle = "#ffffff";
    pen.lineWidth = 3.4;
    pen.stroke(path);
    pen.fillStyle = signOf(rank).couleur;
    pen.fill(path);
    pen.restore();
  };
  /* How many things stand at one spot, beside the marker that hides the others. */
  const drawCount = function (pen, view, spot, count) {
    const x = (spot[0] - view.left) * view.scale + 6, y = (spot[1] - view.top) * view.scale - 4;
    if (x < -HALO || y < -HALO || x > view.size + HALO || y > view.size + HALO) { return; }
    pen.font = "bold 11px sans-serif";
    pen.lineJoin = "round";
    pen.strokeStyle = "#ffffff";
    pen.lineWidth = 3;
    pen.strokeText(String(count), x, y);
    pen.fillStyle = "#10151c";
    pen.fillText(String(count), x, y);
  };
  this.draw = function (pen, view) {
    const seen = this.seen(), alike = new Map();
    for (const rank of seen) { drawForm(pen, view, rank); }
    /* The first of the list, which wait, stand over the others. */
    for (const rank of seen.reverse()) {
      for (const spot of markers(rank, view.scale)) {
        drawMarker(pen, view, rank, spot);
        const key = spot.join(), before = alike.get(key);
        alike.set(key, { spot: spot, count: before ? before.count + 1 : 1 });
      }
    }
    if (view.zoom < NEAR) { return; }
    for (const place of alike.values()) {
      if (place.count > 1) { drawCount(pen, view, place.spot, place.count); }
    }
  };

  /* ---- what stands at a place ---- */
  const holds = function (form, x, y, scale, unit) {
    return (unit >= 0 && form.inside[unit] === 1) || ZB.inRings(form.rings, x, y)
      || ZB.farFromLines(form.lines, x, y) * scale <= TOUCH;
  };
  /* Markers near a point, and shapes that hold it. */
  this.at = function (x, y, scale, unit) {
    const found = { markers: [], shapes: [] };
    for (const rank of this.seen()) {
      const near = markers(rank, scale).some(function (spot) { return Math.hypot(spot[0] - x, spot[1] - y) * scale <= REACH; });
      if (near) { found.markers.push(rank); }
      else if (forms.has(rank) && holds(forms.get(rank), x, y, scale, unit)) { found.shapes.push(rank); }
    }
    return found;
  };

  /* The sign of a group for the legend and the popups: the same path as on the map. */
  this.swatch = function (group) {
    const space = "http://www.w3.org/2000/svg", sign = data.groupes[group].signe;
    const svg = document.createElementNS(space, "svg"), path = document.createElementNS(space, "path");
    const set = function (element, values) {
      for (const [name, value] of Object.entries(values)) { element.setAttribute(name, value); }
    };
    const drawn = data.formes.objet.length > 0, half = drawn ? 15 : 10;
    set(svg, { width: 2 * half, height: 18, viewBox: -half + " -9 " + 2 * half + " 18", "aria-hidden": "true", class: "signe-couche" });
    set(path, { d: sign.chemin, fill: sign.couleur });
    svg.append(path);
    if (drawn) {
      const line = document.createElementNS(space, "path");
      set(line, { d: "M-15,8H15", stroke: sign.couleur, "stroke-width": 2, "stroke-dasharray": sign.tirets.join(" ") || "none" });
      svg.append(line);
    }
    return svg;
  };
  this.swatchOf = function (rank) { return this.swatch(columns.groupe[rank]); };
};
