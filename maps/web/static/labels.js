"use strict";
/* Names of régions, départements and communes, as many as fit: landmarks for the eye, told by no
   control, hence hidden from assistive technology. */

ZB.Labels = function (map, mesh, look, shows, markers) {
  const pane = map.createPane("noms");
  pane.style.zIndex = 620;
  pane.style.pointerEvents = "none";
  pane.setAttribute("aria-hidden", "true");
  const MOST = 90, MARKER = 9, LINE = 18;

  /* Where the name of a group of communes stands: the commune nearest the middle of the group. */
  const middles = function (group, names) {
    const sums = new Map();
    for (let unit = 0; unit < mesh.units; unit += 1) {
      if (!look.isShown(unit) || !mesh.drawn(unit)) { continue; }
      const code = group[unit], at = unit * 4;
      const sum = sums.get(code) || { x: 0, y: 0, area: 0 };
      const area = (mesh.box[at + 2] - mesh.box[at]) * (mesh.box[at + 3] - mesh.box[at + 1]);
      sum.x += area * (mesh.box[at] + mesh.box[at + 2]) / 2;
      sum.y += area * (mesh.box[at + 1] + mesh.box[at + 3]) / 2;
      sum.area += area;
      sums.set(code, sum);
    }
    return [...sums].map(function ([code, sum]) {
      return { text: names[code] || code, x: sum.x / sum.area, y: sum.y / sum.area, weight: sum.area };
    }).sort(function (a, b) { return b.weight - a.weight; });
  };
  const communes = function () {
    const bounds = map.getBounds();
    const west = mesh.worldX(bounds.getWest()), east = mesh.worldX(bounds.getEast());
    const north = mesh.worldY(bounds.getNorth()), south = mesh.worldY(bounds.getSouth());
    return mesh.within(west, north, east, south)
      .filter(look.isShown)
      .sort(function (a, b) { return (mesh.population[b] || 0) - (mesh.population[a] || 0); })
      .slice(0, 4 * MOST)
      .map(function (unit) {
        const [x, y] = mesh.inside(unit);
        return { text: mesh.names[unit], x: x, y: y };
      });
  };

  const choose = function () {
    const zoom = map.getZoom();
    if (zoom >= 10) { return ["commune", communes()]; }
    if (zoom >= 7) { return ["departement", middles(mesh.departements, mesh.levels.departement)]; }
    return ["region", middles(mesh.regions, mesh.levels.region)];
  };

  const over = function (box, others) {
    return others.some(function (other) { return box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]; });
  };

  /* Keeps the names that overlap none already placed. A name makes room for the markers of layers,
     below or above them; from afar, where there would be no room, the few names stay. */
  const fitting = function (candidates, frame, always) {
    const taken = [], kept = [];
    const signs = markers().map(function (latlng) {
      const point = map.latLngToContainerPoint(latlng);
      return [point.x - MARKER, point.y - MARKER, point.x + MARKER, point.y + MARKER];
    });
    for (const place of candidates) {
      const point = map.latLngToContainerPoint(mesh.latLng(place.x, place.y));
      const half = place.text.length * 3.6 + 6;
      const boxes = [0, LINE, -LINE].map(function (down) { return [point.x - half, point.y + down - 9, point.x + half, point.y + down + 9]; });
      const [x0, y0, x1, y1] = boxes[0];
      if (x0 < 0 || y0 < 0 || x1 > frame.x || y1 > frame.y) { continue; }
      const free = boxes.filter(function (box) { return !over(box, taken); });
      const box = free.find(function (own) { return !over(own, signs); }) || (always ? free.find(function (own) { return own === boxes[0]; }) : undefined);
      if (!box || (!signs.length && box !== boxes[0])) { continue; }
      taken.push(box);
      kept.push({ text: place.text, at: map.containerPointToLayerPoint([point.x, box[1] + 9]) });
      if (kept.length === MOST) { break; }
    }
    return kept;
  };

  this.place = function () {
    pane.replaceChildren();
    if (!shows("noms")) { return; }
    const [kind, candidates] = choose();
    for (const name of fitting(candidates, map.getSize(), kind !== "commune")) {
      const label = ZB.element("span", { class: "nom-lieu lieu-" + kind }, name.text);
      label.style.left = name.at.x + "px";
      label.style.top = name.at.y + "px";
      pane.append(label);
    }
  };
  map.on("moveend zoomend resize", this.place);
};
