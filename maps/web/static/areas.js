"use strict";
/* From afar, communes that look alike are filled as one: only the lines between two looks are
   followed. Areas stop at départements, so that none is much larger than a tile. */

ZB.Areas = function (mesh, look) {
  const STEP = 0.6;
  const places = [...new Set(mesh.departements)];
  const placeOf = Int32Array.from(mesh.departements, function (code) { return places.indexOf(code); });
  const linesOf = places.map(function () { return []; });
  for (let line = 0; line < mesh.lines; line += 1) {
    const a = placeOf[mesh.owners[0][line]], b = mesh.owners[1][line] < 0 ? a : placeOf[mesh.owners[1][line]];
    linesOf[a].push(line);
    if (b !== a) { linesOf[b].push(line); }
  }
  const kept = new Map();

  /* Half-lines of the areas of a place: two a line and style, linked by the ends that areas of a
     style have in common. */
  const halves = function (place, styles) {
    const line = [], style = [], next = [], head = new Map();
    const hang = function (half, node, own) {
      const key = node * 256 + own + 2;
      const before = head.get(key);
      next[half] = before === undefined ? -1 : before;
      head.set(key, half);
    };
    const add = function (at, own) {
      line.push(at, at);
      style.push(own, own);
      hang(line.length - 2, mesh.nodes[at * 2], own);
      hang(line.length - 1, mesh.nodes[at * 2 + 1], own);
    };
    for (const at of linesOf[place]) {
      const a = mesh.owners[0][at], b = mesh.owners[1][at];
      const inA = placeOf[a] === place, inB = b >= 0 && placeOf[b] === place;
      if (inA && inB && styles[a] === styles[b]) { continue; }
      if (inA) { add(at, styles[a]); }
      if (inB) { add(at, styles[b]); }
    }
    return { line: line, style: style, next: next, head: head };
  };

  /* Each node has an even number of half-lines of a style: a walk ends where it began. */
  const walk = function (found, start, used, take) {
    const style = found.style[start] + 2;
    const first = mesh.nodes[found.line[start] * 2];
    let half = start & ~1;
    for (;;) {
      used[half >> 1] = 1;
      const backwards = half & 1;
      take(found.line[half] * 2 + backwards);
      const end = mesh.nodes[found.line[half] * 2 + (backwards ? 0 : 1)];
      if (end === first) { return; }
      let other = found.head.get(end * 256 + style);
      while (other >= 0 && used[other >> 1]) { other = found.next[other]; }
      if (other < 0) { return; }
      half = other;
    }
  };

  /* The points of a walk, those too near the last one left out unless too few would stay. */
  const ring = function (refs, level, step) {
    const x = [], y = [];
    let px = Infinity, py = Infinity;
    for (const ref of refs) {
      mesh.eachPoint(level, ref, function (wx, wy) {
        if (Math.abs(wx - px) + Math.abs(wy - py) < step) { return; }
        x.push(wx);
        y.push(wy);
        px = wx;
        py = wy;
      });
    }
    return { x: x, y: y };
  };

  /* Style → rings of a place. */
  const build = function (place, zoom, styles) {
    const level = mesh.level(zoom), step = STEP / (256 * Math.pow(2, zoom));
    const found = halves(place, styles);
    const used = new Uint8Array(found.line.length >> 1), areas = new Map();
    for (let half = 0; half < found.line.length; half += 2) {
      if (used[half >> 1]) { continue; }
      const refs = [];
      walk(found, half, used, function (ref) { refs.push(ref); });
      let made = ring(refs, level, step);
      if (made.x.length < 4) { made = ring(refs, mesh.level(15), 0); }
      const style = found.style[half];
      if (!areas.has(style)) { areas.set(style, []); }
      areas.get(style).push(Object.assign(made, { box: boxOf(made) }));
    }
    return areas;
  };
  const boxOf = function (made) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let point = 0; point < made.x.length; point += 1) {
      box[0] = Math.min(box[0], made.x[point]);
      box[1] = Math.min(box[1], made.y[point]);
      box[2] = Math.max(box[2], made.x[point]);
      box[3] = Math.max(box[3], made.y[point]);
    }
    return box;
  };

  /* Style → rings, as things look now: only places where a look changed are followed again. */
  this.at = function (zoom) {
    const own = kept.get(zoom) || { version: -1, styles: null, byPlace: [], all: null };
    kept.set(zoom, own);
    if (own.version === look.version) { return own.all; }
    const styles = look.styles(zoom), stale = new Set();
    for (let unit = 0; unit < mesh.units; unit += 1) {
      if (!own.styles || own.styles[unit] !== styles[unit]) { stale.add(placeOf[unit]); }
    }
    for (const place of stale) { own.byPlace[place] = build(place, zoom, styles); }
    own.styles = styles.slice();
    own.version = look.version;
    own.all = new Map();
    for (const areas of own.byPlace) {
      for (const [style, rings] of areas) { own.all.set(style, (own.all.get(style) || []).concat(rings)); }
    }
    return own.all;
  };

  this.trace = function (pen, rings, view) {
    for (const made of rings) {
      const box = made.box;
      if (box[0] > view.east || box[2] < view.west || box[1] > view.south || box[3] < view.north) { continue; }
      for (let point = 0; point < made.x.length; point += 1) {
        pen[point ? "lineTo" : "moveTo"]((made.x[point] - view.left) * view.scale, (made.y[point] - view.top) * view.scale);
      }
      pen.closePath();
    }
  };
};
