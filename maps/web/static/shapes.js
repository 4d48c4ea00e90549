"use strict";
/* Encoded shapes in the mesh's coordinates: their rings, their box, their path on a tile. */

ZB.shapes = function (mesh) {
  const found = {};

  /* Stretches of points of a text of maps/encoding.py: rings, lines or bare points. */
  found.stretches = function (text) {
    return ZB.decode(text).map(function (points) {
      return points.map(function (point) { return [mesh.worldX(point[1]), mesh.worldY(point[0])]; });
    });
  };
  found.boxOf = function (stretches) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const points of stretches) {
      for (const [x, y] of points) {
        if (x < box[0]) { box[0] = x; }
        if (y < box[1]) { box[1] = y; }
        if (x > box[2]) { box[2] = x; }
        if (y > box[3]) { box[3] = y; }
      }
    }
    return box;
  };
  found.ofText = function (text) {
    const rings = found.stretches(text);
    return { rings: rings, box: found.boxOf(rings) };
  };
  found.meets = function (box, view) {
    return box[0] <= view.east && box[2] >= view.west && box[1] <= view.south && box[3] >= view.north;
  };
  /* Adds stretches to the pen's path, closed unless they are lines. */
  found.trace = function (pen, stretches, view, open) {
    for (const points of stretches) {
      points.forEach(function ([x, y], rank) {
        pen[rank ? "lineTo" : "moveTo"]((x - view.left) * view.scale, (y - view.top) * view.scale);
      });
      if (!open) { pen.closePath(); }
    }
  };
  return found;
};

/* Whether rings hold a point, by the even-odd rule. */
ZB.inRings = function (rings, x, y) {
  let odd = false;
  for (const ring of rings) {
    for (let here = 0, before = ring.length - 1; here < ring.length; before = here, here += 1) {
      const [x0, y0] = ring[before], [x1, y1] = ring[here];
      if ((y0 > y) !== (y1 > y) && x < x0 + (x1 - x0) * (y - y0) / (y1 - y0)) { odd = !odd; }
    }
  }
  return odd;
};

/* How far a point is from lines, in the mesh's coordinates. */
ZB.farFromLines = function (lines, x, y) {
  let best = Infinity;
  for (const points of lines) {
    for (let rank = 1; rank < points.length; rank += 1) {
      const [x0, y0] = points[rank - 1], [x1, y1] = points[rank];
      const length = (x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0);
      const share = length ? Math.min(1, Math.max(0, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length)) : 0;
      best = Math.min(best, Math.hypot(x - x0 - share * (x1 - x0), y - y0 - share * (y1 - y0)));
    }
  }
  return best;
};
