"use strict";
/* The ground of a drawing: communes with their borders and names, and the perimeters already drawn. */

ZB.Ground = function (map, mesh) {
  const NEAR = 10;
  const plain = new Int16Array(mesh.units);
  const look = {
    version: 0,
    styles: function () { return plain; },
    order: function () { return 0; },
    fill: function () { return "#ffffff"; },
    isShown: function () { return true; },
  };
  const borders = {
    draw: function (pen, view) {
      pen.beginPath();
      for (let line = 0; line < mesh.lines; line += 1) {
        if (mesh.lineMeets(line, view)) { mesh.traceLine(pen, line, view); }
      }
      pen.strokeStyle = "#5a6675";
      pen.lineWidth = view.zoom < 9 ? 0.4 : 0.9;
      pen.stroke();
    },
  };
  new ZB.Painter(mesh, look, [borders]).addTo(map);
  const labels = new ZB.Labels(map, mesh, look, function () { return true; }, function () { return []; });

  /* The perimeters already drawn, told when one points at them. */
  L.layerGroup(ZB.settings.autres.map(function (other) {
    const shape = L.polygon(ZB.decode(other.contour), { color: "#5a6675", weight: 2, dashArray: "6 5", fillOpacity: 0.06, pmIgnore: true });
    return shape.bindTooltip(ZB.element("span", {}, other.titre), { sticky: true });
  })).addTo(map);

  /* All that is shown; of a study of the whole country, the mainland, where a first look is sure to fall. */
  this.whole = function () {
    const all = [...mesh.codes.keys()];
    const mainland = all.filter(function (unit) { return !mesh.codes[unit].startsWith("97"); });
    return mesh.boundsOf(mainland.length ? mainland : all);
  };
  this.place = labels.place;
  this.communeAt = function ([lat, lng]) {
    const unit = mesh.at(mesh.worldX(lng), mesh.worldY(lat));
    return unit < 0 ? "" : mesh.names[unit];
  };

  /* The point of a border within some pixels of a place, null when there is none. */
  this.snapped = function ([lat, lng]) {
    const reach = NEAR / (256 * Math.pow(2, map.getZoom()));
    const x = mesh.worldX(lng), y = mesh.worldY(lat);
    const view = { west: x - reach, north: y - reach, east: x + reach, south: y + reach };
    let best = null, least = reach;
    for (let line = 0; line < mesh.lines; line += 1) {
      if (!mesh.lineMeets(line, view)) { continue; }
      mesh.eachPoint(mesh.level(15), line * 2, function (px, py) {
        const far = Math.hypot(px - x, py - y);
        if (far < least) { least = far; best = mesh.latLng(px, py); }
      });
    }
    return best;
  };
};
