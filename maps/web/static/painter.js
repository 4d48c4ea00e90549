"use strict";
/* The communes, on canvas tiles. What a tile shows is read from `look` each time it is painted. */

/* `look` is a ZB.Look; `over` the overlays, each drawn in turn over the fills (see ZB.overlays). */
ZB.Painter = L.GridLayer.extend({
  options: { tileSize: 256, updateWhenIdle: false, updateWhenZooming: false, keepBuffer: 1, maxZoom: 15, maxNativeZoom: 15 },

  initialize: function (mesh, look, over) {
    L.setOptions(this, {});
    this.mesh = mesh;
    this.look = look;
    this.over = over;
    this.areas = new ZB.Areas(mesh, look);
    this.painted = new Map();
  },

  createTile: function (coords) {
    const tile = document.createElement("canvas");
    const size = this.getTileSize().x, ratio = Math.min(window.devicePixelRatio || 1, 2);
    tile.width = tile.height = size * ratio;
    tile.setAttribute("aria-hidden", "true");
    this.paint(tile, coords);
    return tile;
  },

  /* The part of the world a tile shows; scale is in its own pixels. */
  viewOf: function (coords) {
    const size = this.getTileSize().x, zoom = coords.z;
    const scale = 256 * Math.pow(2, zoom);
    const left = coords.x * size / scale, top = coords.y * size / scale, margin = 6 / scale;
    return {
      zoom: zoom, size: size, scale: scale, left: left, top: top,
      west: left - margin, north: top - margin, east: left + size / scale + margin, south: top + size / scale + margin,
      level: this.mesh.level(zoom),
      /* Patterns go on from one tile to the next. */
      shiftX: -(coords.x * size) % ZB.settings.tuile, shiftY: -(coords.y * size) % ZB.settings.tuile,
    };
  },

  paint: function (tile, coords) {
    const pen = tile.getContext("2d"), view = this.viewOf(coords);
    const ratio = tile.width / view.size;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, view.size, view.size);
    view.units = this.mesh.within(view.west, view.north, view.east, view.south);
    this.painted.set(coords.x + "/" + coords.y + "/" + coords.z, this.fill(pen, view));
    this.over.forEach(function (overlay) { overlay.draw(pen, view); });
  },

  /* Fills the units of a tile: by areas from afar, one by one from near; returns those filled. */
  fill: function (pen, view) {
    const groups = view.zoom <= ZB.Painter.FAR ? this.areas.at(view.zoom) : this.alike(view);
    const trace = view.zoom <= ZB.Painter.FAR ? this.areas.trace.bind(this.areas) : this.traceAll.bind(this);
    for (const style of [...groups.keys()].sort(this.look.order)) {
      pen.beginPath();
      trace(pen, groups.get(style), view);
      pen.fillStyle = this.look.fill(style, view);
      pen.fill("evenodd");
      /* No ground shows between two looks: the one filled last goes over the seam by a hair. */
      pen.strokeStyle = pen.fillStyle;
      pen.lineWidth = 0.8;
      pen.stroke();
    }
    return view.units;
  },

  alike: function (view) {
    const groups = new Map(), styles = this.look.styles(view.zoom);
    for (const unit of view.units) {
      const style = styles[unit];
      if (!groups.has(style)) { groups.set(style, []); }
      groups.get(style).push(unit);
    }
    return groups;
  },

  traceAll: function (pen, units, view) {
    for (const unit of units) { this.mesh.trace(pen, unit, view); }
  },

  /* Paints again, in place, the tiles on screen; those alone that show some units if they are given. */
  repaint: function (units) {
    for (const key of Object.keys(this._tiles || {})) {
      const tile = this._tiles[key];
      if (!units || this.mesh.meetAny(units, this.viewOf(tile.coords))) { this.paint(tile.el, tile.coords); }
    }
  },

  /* Shows at once the tiles just made, which Leaflet would show at the next frame: paper has none. */
  settle: function () {
    this._pruneTiles();
    for (const key of Object.keys(this._tiles)) {
      const tile = this._tiles[key];
      tile.loaded = tile.loaded || Date.now();
      tile.active = true;
      tile.el.classList.add("leaflet-tile-loaded");
      tile.el.style.opacity = 1;
    }
  },

  /* Units filled in the tiles on screen: what a reader can see, and what a test counts. */
  shown: function () {
    const found = new Set();
    for (const key of Object.keys(this._tiles)) {
      const tile = this._tiles[key];
      if (!tile.current || tile.coords.z !== this._tileZoom) { continue; }
      const coords = tile.coords;
      for (const unit of this.painted.get(coords.x + "/" + coords.y + "/" + coords.z) || []) { found.add(unit); }
    }
    return found;
  },
});

/* Up to this zoom, communes that look alike are filled together. */
ZB.Painter.FAR = 9;

/* Canvas patterns keep their place on the map and their size on dense screens. */
ZB.Fills = function () {
  const kept = new Map();
  this.of = function (spec, view) {
    if (!spec.strokes.length) { return spec.fill; }
    if (!kept.has(spec)) { kept.set(spec, ZB.fill(spec, ZB.settings.tuile)); }
    const fill = kept.get(spec);
    fill.setTransform(new DOMMatrix().translate(view.shiftX, view.shiftY));
    return fill;
  };
};
