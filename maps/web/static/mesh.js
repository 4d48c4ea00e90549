"use strict";
/* The base of the map: lines that communes share, and the rings made of them.
   Coordinates are those of Web Mercator, the whole world being 0 to 1. */

ZB.Mesh = function (source) {
  const codes = source.code.split(" ");
  const units = codes.length;
  const radians = Math.PI / 180;

  this.codes = codes;
  this.units = units;
  this.names = source.nom;
  this.departements = source.departement;
  this.regions = source.region;
  this.population = source.population;
  this.levels = source.noms;
  this.holes = source.lacunes;
  this.unitOf = new Map(codes.map(function (code, unit) { return [code, unit]; }));

  this.worldX = function (lon) { return lon / 360 + 0.5; };
  this.worldY = function (lat) {
    return 0.5 - Math.log(Math.tan(Math.PI / 4 + lat * radians / 2)) / (2 * Math.PI);
  };
  this.latLng = function (x, y) {
    return [(2 * Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) - Math.PI / 2) / radians, (x - 0.5) * 360];
  };

  /* ---- lines ---- */
  const readLines = (function () {
    const most = source.lignes.length / 2 + 1;
    const x = new Float64Array(most), y = new Float64Array(most), start = [];
    const read = ZB.reader(source.lignes);
    let points = 0, east = 0, north = 0;
    while (read.more()) {
      start.push(points);
      while (read.more() && !read.mark(",")) {
        east += read.signed();
        north += read.signed();
        x[points] = this.worldX(east / 1e4);
        y[points] = this.worldY(north / 1e4);
        points += 1;
      }
    }
    start.push(points);
    return { x: x.slice(0, points), y: y.slice(0, points), start: Int32Array.from(start) };
  }).bind(this);
  /* Lines end in nodes: one number a place, twice a line. */
  const numbered = function (from) {
    const found = new Map(), nodes = new Int32Array((from.start.length - 1) * 2);
    for (let end = 0; end < nodes.length; end += 1) {
      const point = end & 1 ? from.start[(end >> 1) + 1] - 1 : from.start[end >> 1];
      const key = Math.round(from.x[point] * 67108864) * 67108864 + Math.round(from.y[point] * 67108864);
      let node = found.get(key);
      if (node === undefined) { node = found.size; found.set(key, node); }
      nodes[end] = node;
    }
    return nodes;
  };
  const full = readLines();
  const lines = full.start.length - 1;
  this.lines = lines;
  this.nodes = numbered(full);

  /* ---- rings: twice the line, plus one when it is run backwards ---- */
  const refs = [], ringStart = [], unitRing = new Int32Array(units + 1);
  const owners = [new Int32Array(lines).fill(-1), new Int32Array(lines).fill(-1)];
  const own = function (line, unit) {
    if (owners[0][line] < 0) { owners[0][line] = unit; }
    else if (owners[0][line] !== unit && owners[1][line] < 0) { owners[1][line] = unit; }
  };
  (function () {
    const read = ZB.reader(source.contours);
    let met = 0;
    for (let unit = 0; unit < units; unit += 1) {
      unitRing[unit] = ringStart.length;
      let open = false;
      while (read.more() && !read.mark(";")) {
        if (!open) { ringStart.push(refs.length); open = true; }
        if (read.mark(",")) { open = false; continue; }
        const number = read.number();
        const line = number ? met - 1 - ((number - 1) >> 1) : met;
        if (!number) { met += 1; }
        refs.push(line * 2 + (number ? (number - 1) & 1 : 0));
        own(line, unit);
      }
    }
    unitRing[units] = ringStart.length;
    ringStart.push(refs.length);
  })();
  this.owners = owners;

  /* ---- boxes: west, north, east, south of each line and unit ---- */
  const lineBox = new Float64Array(lines * 4), box = new Float64Array(units * 4);
  const widen = function (boxes, at, west, north, east, south) {
    if (west < boxes[at]) { boxes[at] = west; }
    if (north < boxes[at + 1]) { boxes[at + 1] = north; }
    if (east > boxes[at + 2]) { boxes[at + 2] = east; }
    if (south > boxes[at + 3]) { boxes[at + 3] = south; }
  };
  const nothing = [Infinity, Infinity, -Infinity, -Infinity];
  for (let line = 0; line < lines; line += 1) {
    lineBox.set(nothing, line * 4);
    for (let point = full.start[line]; point < full.start[line + 1]; point += 1) {
      widen(lineBox, line * 4, full.x[point], full.y[point], full.x[point], full.y[point]);
    }
  }
  for (let unit = 0; unit < units; unit += 1) {
    box.set(nothing, unit * 4);
    for (let at = ringStart[unitRing[unit]]; at < ringStart[unitRing[unit + 1]]; at += 1) {
      const own = (refs[at] >> 1) * 4;
      widen(box, unit * 4, lineBox[own], lineBox[own + 1], lineBox[own + 2], lineBox[own + 3]);
    }
  }
  this.lineMeets = function (line, view) {
    const at = line * 4;
    return lineBox[at] <= view.east && lineBox[at + 2] >= view.west && lineBox[at + 1] <= view.south && lineBox[at + 3] >= view.north;
  };
  this.box = box;
  this.drawn = function (unit) { return unitRing[unit] < unitRing[unit + 1]; };

  /* Units whose box meets another. */
  this.within = function (west, north, east, south) {
    const found = [];
    for (let unit = 0, at = 0; unit < units; unit += 1, at += 4) {
      if (box[at] <= east && box[at + 2] >= west && box[at + 1] <= south && box[at + 3] >= north) { found.push(unit); }
    }
    return found;
  };

  this.meetAny = function (list, view) {
    return list.some(function (unit) {
      const at = unit * 4;
      return box[at] <= view.east && box[at + 2] >= view.west && box[at + 1] <= view.south && box[at + 3] >= view.north;
    });
  };

  /* ---- lighter lines, by zoom: points closer than a part of a pixel go, ends stay. Lines of a
     unit that has one or two keep all: without its points such a unit would be flat. ---- */
  const levels = new Map();
  const few = new Uint8Array(lines);
  for (let unit = 0; unit < units; unit += 1) {
    for (let ring = unitRing[unit]; ring < unitRing[unit + 1]; ring += 1) {
      if (ringStart[ring + 1] - ringStart[ring] > 2) { continue; }
      for (let at = ringStart[ring]; at < ringStart[ring + 1]; at += 1) { few[refs[at] >> 1] = 1; }
    }
  }
  const lighter = function (zoom) {
    const step = 0.7 / (256 * Math.pow(2, zoom));
    const x = new Float64Array(full.x.length), y = new Float64Array(full.x.length), start = new Int32Array(lines + 1);
    let points = 0;
    for (let line = 0; line < lines; line += 1) {
      const first = full.start[line], last = full.start[line + 1] - 1;
      start[line] = points;
      for (let point = first; point <= last; point += 1) {
        const far = few[line] || point === first || point === last
          || Math.abs(full.x[point] - x[points - 1]) + Math.abs(full.y[point] - y[points - 1]) > step;
        if (far) { x[points] = full.x[point]; y[points] = full.y[point]; points += 1; }
      }
    }
    start[lines] = points;
    return { x: x.slice(0, points), y: y.slice(0, points), start: start };
  };
  this.level = function (zoom) {
    if (zoom >= 11) { return full; }
    if (!levels.has(zoom)) { levels.set(zoom, lighter(zoom)); }
    return levels.get(zoom);
  };

  /* ---- drawing ---- */
  const run = function (pen, level, ref, view, from) {
    const line = ref >> 1, first = level.start[line], last = level.start[line + 1] - 1;
    const x = level.x, y = level.y, scale = view.scale, left = view.left, top = view.top;
    if (ref & 1) {
      for (let point = last - from; point >= first; point -= 1) { pen.lineTo((x[point] - left) * scale, (y[point] - top) * scale); }
    } else {
      for (let point = first + from; point <= last; point += 1) { pen.lineTo((x[point] - left) * scale, (y[point] - top) * scale); }
    }
  };

  /* Takes each point of a line, run backwards or not. */
  this.eachPoint = function (level, ref, take) {
    const line = ref >> 1, first = level.start[line], last = level.start[line + 1] - 1;
    if (ref & 1) { for (let point = last; point >= first; point -= 1) { take(level.x[point], level.y[point]); } }
    else { for (let point = first; point <= last; point += 1) { take(level.x[point], level.y[point]); } }
  };

  /* Adds the rings of a unit to the path. */
  this.trace = function (pen, unit, view) {
    const level = view.level;
    for (let ring = unitRing[unit]; ring < unitRing[unit + 1]; ring += 1) {
      for (let rank = ringStart[ring]; rank < ringStart[ring + 1]; rank += 1) {
        if (rank === ringStart[ring]) {
          const ref = refs[rank], line = ref >> 1;
          const point = ref & 1 ? level.start[line + 1] - 1 : level.start[line];
          pen.moveTo((level.x[point] - view.left) * view.scale, (level.y[point] - view.top) * view.scale);
        }
        run(pen, level, refs[rank], view, 1);
      }
      pen.closePath();
    }
  };

  this.traceLine = function (pen, line, view) {
    const level = view.level, point = level.start[line];
    pen.moveTo((level.x[point] - view.left) * view.scale, (level.y[point] - view.top) * view.scale);
    run(pen, level, line * 2, view, 1);
  };

  this.eachLine = function (unit, take) {
    const end = ringStart[unitRing[unit + 1]];
    for (let rank = ringStart[unitRing[unit]]; rank < end; rank += 1) { take(refs[rank] >> 1); }
  };

  this.lineLatLngs = function (line) {
    const found = [];
    for (let point = full.start[line]; point < full.start[line + 1]; point += 1) { found.push(this.latLng(full.x[point], full.y[point])); }
    return found;
  };

  /* ---- what holds a point ---- */
  const crosses = function (line, x, y) {
    let odd = false;
    for (let point = full.start[line] + 1; point < full.start[line + 1]; point += 1) {
      const y0 = full.y[point - 1], y1 = full.y[point];
      if ((y0 > y) !== (y1 > y)) {
        const x0 = full.x[point - 1];
        if (x < x0 + (full.x[point] - x0) * (y - y0) / (y1 - y0)) { odd = !odd; }
      }
    }
    return odd;
  };
  this.holds = function (unit, x, y) {
    let odd = false;
    this.eachLine(unit, function (line) { if (crosses(line, x, y)) { odd = !odd; } });
    return odd;
  };
  this.at = function (x, y) {
    const found = this.within(x, y, x, y).find(function (unit) { return this.holds(unit, x, y); }, this);
    return found === undefined ? -1 : found;
  };

  /* Stretches of a unit at a height, by ends. */
  const across = function (mesh, unit, y) {
    const ends = [];
    mesh.eachLine(unit, function (line) {
      for (let point = full.start[line] + 1; point < full.start[line + 1]; point += 1) {
        const y0 = full.y[point - 1], y1 = full.y[point];
        if ((y0 > y) !== (y1 > y)) { ends.push(full.x[point - 1] + (full.x[point] - full.x[point - 1]) * (y - y0) / (y1 - y0)); }
      }
    });
    return ends.sort(function (a, b) { return a - b; });
  };

  /* A point inside a unit, near the middle of its height: for names and for leading there. */
  this.inside = function (unit) {
    const at = unit * 4;
    let best = null, width = 0;
    for (const share of [0.5, 0.4, 0.6, 0.25, 0.75, 0.1, 0.9]) {
      const y = box[at + 1] + (box[at + 3] - box[at + 1]) * share;
      const ends = across(this, unit, y);
      for (let rank = 0; rank + 1 < ends.length; rank += 2) {
        if (ends[rank + 1] - ends[rank] > width) { width = ends[rank + 1] - ends[rank]; best = [(ends[rank] + ends[rank + 1]) / 2, y]; }
      }
      if (best) { return best; }
    }
    return [(box[at] + box[at + 2]) / 2, (box[at + 1] + box[at + 3]) / 2];
  };

  this.boundsOf = function (list) {
    let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
    for (const unit of list) {
      if (!this.drawn(unit)) { continue; }
      west = Math.min(west, box[unit * 4]);
      north = Math.min(north, box[unit * 4 + 1]);
      east = Math.max(east, box[unit * 4 + 2]);
      south = Math.max(south, box[unit * 4 + 3]);
    }
    return west <= east ? L.latLngBounds(this.latLng(west, south), this.latLng(east, north)) : null;
  };
};
