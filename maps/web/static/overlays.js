"use strict";
/* What is laid over the communes, in tiles. An overlay is `{ key, draw(pen, view) }`: `view` tells
   the part of the world shown (see ZB.Painter.viewOf) and the units that meet it. What the server
   gives on demand (State services, projects by year) is in layers.js. */

ZB.overlays = function (mesh, values, parts, look, shows) {
  const NEAR = 9;

  const read = ZB.shapes(mesh);
  const meets = read.meets, trace = read.trace;
  const shapes = function (texts) { return texts.map(read.ofText); };

  const partShapes = shapes(parts.parties.contour);
  const drawings = shapes(parts.dessins.map(function (drawing) { return drawing.contour; }));
  const holes = shapes(mesh.holes);

  const cutParts = {
    key: "parties",
    draw: function (pen, view) {
      if (view.zoom < NEAR) { return; }
      partShapes.forEach(function (shape, part) {
        if (!meets(shape.box, view)) { return; }
        pen.beginPath();
        trace(pen, shape.rings, view);
        const fill = look.partFill(part, view);
        if (fill !== null) { pen.fillStyle = fill; pen.fill("evenodd"); }
        pen.strokeStyle = "#3a4554";
        pen.lineWidth = 0.7;
        pen.stroke();
      });
    },
    at: function (unit, x, y) {
      const row = values.rowOfUnit[unit];
      return partShapes.findIndex(function (shape, part) {
        return parts.parties.commune[part] === row && ZB.inRings(shape.rings, x, y);
      });
    },
  };

  const gaps = {
    key: "lacunes",
    draw: function (pen, view) {
      for (const shape of holes) {
        if (!meets(shape.box, view)) { continue; }
        pen.beginPath();
        trace(pen, shape.rings, view);
        pen.fillStyle = look.holeFill(view);
        pen.fill("evenodd");
      }
    },
  };

  const withCoordinator = new Set(values.regions.filter(function (region) { return region.coordinateur; })
    .map(function (region) { return region.code; }));
  const coordinators = {
    key: "coordinateurs",
    draw: function (pen, view) {
      if (!shows("coordinateurs")) { return; }
      pen.beginPath();
      for (const unit of view.units) {
        if (values.rowOfUnit[unit] >= 0 && !withCoordinator.has(mesh.regions[unit])) { mesh.trace(pen, unit, view); }
      }
      pen.fillStyle = look.withoutCoordinatorFill(view);
      pen.fill("evenodd");
    },
  };

  const perimeters = {
    key: "dessins",
    draw: function (pen, view) {
      if (!shows("dessins")) { return; }
      drawings.forEach(function (shape) {
        if (!meets(shape.box, view)) { return; }
        for (const [colour, width, dash] of [["#fff", 5, []], ["#0b5fb0", 2.4, [9, 5]]]) {
          pen.beginPath();
          trace(pen, shape.rings, view);
          pen.setLineDash(dash);
          pen.strokeStyle = colour;
          pen.lineWidth = width;
          pen.stroke();
        }
        pen.setLineDash([]);
      });
    },
  };

  /* What a structure reaches: its outline, white under blue to stand out on any colour. */
  const reach = {
    key: "structure",
    flags: null,
    draw: function (pen, view) {
      if (!this.flags) { return; }
      const lines = look.outlines.around(this.flags, view.units.filter(function (unit) { return this.flags[unit]; }, this));
      for (const [colour, width] of [["#ffffff", 5], ["#0057b8", 2.6]]) {
        pen.beginPath();
        for (const line of lines) { mesh.traceLine(pen, line, view); }
        pen.strokeStyle = colour;
        pen.lineWidth = width;
        pen.stroke();
      }
    },
  };

  return { under: [cutParts, gaps, coordinators], above: [perimeters, reach], cutParts: cutParts, reach: reach };
};
