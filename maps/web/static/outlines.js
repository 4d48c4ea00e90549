"use strict";
/* Borders, drawn from the lines that communes share: a line is the border of a zone where its two
   sides are of different zones. So borders follow a what-if at once. */

ZB.Outlines = function (mesh, values, look, shows) {
  const NEAR = 9;
  const sides = function (line) { return [mesh.owners[0][line], mesh.owners[1][line]]; };
  const zoneOf = function (unit) { return look.isShown(unit) ? values.now.zone[values.rowOfUnit[unit]] : -1; };

  /* What borders a line is: of communes, départements, régions or the coast, zones. */
  const kinds = function (line) {
    const [a, b] = sides(line);
    const kind = { place: look.isShown(a) || look.isShown(b) ? "commune" : "", zone: "" };
    if (b < 0 || mesh.regions[a] !== mesh.regions[b]) { kind.place = "region"; }
    else if (mesh.departements[a] !== mesh.departements[b]) { kind.place = "departement"; }
    const za = zoneOf(a), zb = zoneOf(b);
    if (za !== zb) { kind.zone = values.isKept(za) || values.isKept(zb) ? "retenue" : "autre"; }
    return kind;
  };

  const near = function (view, far, close) { return view.zoom >= NEAR ? close : far; };
  const pens = {
    commune: function (view) { return { colour: "#5a6675", width: view.zoom >= 11 ? 0.7 : 0.4 }; },
    departement: function (view) { return { colour: "#16324f", width: near(view, 0.7, 1.3) }; },
    region: function (view) { return { colour: "#16324f", width: near(view, 1.4, 2) }; },
    autre: function (view) { return { colour: "#3f4a58", width: near(view, 0.5, 1) }; },
    /* Zones are of situations: over another theme their borders stay light. */
    retenue: function (view) { return { colour: "#10151c", width: near(view, 1.1, 2.4) * (look.byStatus() ? 1 : 0.6) }; },
  };

  const wanted = function (view) {
    return {
      commune: view.zoom >= NEAR,
      departement: shows("departements"),
      region: true,
      autre: shows("zones"),
      retenue: shows("zones"),
    };
  };

  /* Every line by what it is, worked out again when what is shown changes. */
  const NAMES = ["commune", "departement", "autre", "region", "retenue"];
  let lists = null, version = -1;
  const sorted = function () {
    if (version === look.version) { return lists; }
    lists = Object.fromEntries(NAMES.map(function (name) { return [name, []]; }));
    for (let line = 0; line < mesh.lines; line += 1) {
      const kind = kinds(line);
      if (kind.place) { lists[kind.place].push(line); }
      if (kind.zone) { lists[kind.zone].push(line); }
    }
    version = look.version;
    return lists;
  };

  this.draw = function (pen, view) {
    const want = wanted(view), lines = sorted();
    pen.lineJoin = "round";
    pen.lineCap = "round";
    for (const name of NAMES) {
      if (!want[name]) { continue; }
      pen.beginPath();
      for (const line of lines[name]) { if (mesh.lineMeets(line, view)) { mesh.traceLine(pen, line, view); } }
      const style = pens[name](view);
      pen.strokeStyle = style.colour;
      pen.lineWidth = style.width;
      pen.stroke();
    }
  };

  /* The border of any set of units, as lines: `inside` is a flag by unit. */
  this.around = function (inside, units) {
    const found = new Set();
    for (const unit of units) {
      mesh.eachLine(unit, function (line) {
        const [a, b] = sides(line);
        if (b < 0 || inside[a] !== inside[b]) { found.add(line); }
      });
    }
    return [...found];
  };
};
