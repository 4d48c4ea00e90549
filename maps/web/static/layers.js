"use strict";
/* The layers that the server gives when their box is first checked: asked once, kept, drawn over
   the communes in the study and in a what-if alike, told in popups. */

ZB.Layers = function (map, mesh, look, shows, events) {
  const sections = [...document.querySelectorAll("[data-couche-servie]")];
  const names = sections.map(function (section) { return section.dataset.coucheServie; });
  const sectionOf = function (name) { return sections[names.indexOf(name)]; };
  const layers = new Map(), legends = new Map(), asked = new Set();
  const shown = function () { return names.filter(function (name) { return layers.has(name) && shows(name); }); };
  let wantedYear = null, popup = null;

  /* ---- asking ---- */
  const made = function (name, data) {
    const layer = new ZB.Layer(data, mesh, look);
    const setYear = function (year) {
      wantedYear = year;
      layer.setYear(year);
      legends.get(name).refresh();
      later();
    };
    layer.setYear(wantedYear);
    layers.set(name, layer);
    legends.set(name, new ZB.LayerLegend(sectionOf(name).querySelector(".contenu"), layer, {
      year: setYear,
      inView: function () { return layer.within(map.getBounds()); },
      choose: function (rank) { choose(name, rank); },
    }));
  };
  const load = async function (name) {
    const said = sectionOf(name).querySelector(".contenu");
    asked.add(name);
    said.replaceChildren(ZB.element("p", { class: "aide", role: "status" }, ZB.t("carte.couche_attente")));
    try {
      made(name, await ZB.fetched(ZB.settings.adresses.couches + "/" + name));
    } catch (error) {
      asked.delete(name);
      said.replaceChildren(ZB.element("p", { class: "faute", role: "alert" }, ZB.t("carte.couche_echec", { raison: error.message })));
      return;
    }
    this.refresh();
    events.changed();
  };

  /* ---- painting, once a frame at most ---- */
  let waiting = false;
  const later = function () {
    if (waiting) { return; }
    waiting = true;
    requestAnimationFrame(function () { waiting = false; events.changed(); });
  };
  this.overlay = {
    key: "couches",
    draw: function (pen, view) { for (const name of shown().reverse()) { layers.get(name).draw(pen, view); } },
  };

  /* Follows the boxes: asks for what is checked and was never asked. */
  this.sync = function () {
    for (const name of names) {
      sectionOf(name).hidden = !shows(name);
      if (shows(name) && !asked.has(name)) { load.call(this, name); }
    }
    this.refresh();
    this.close();
  };
  /* Counts again: after a change of région or of view. */
  this.refresh = function () { shown().forEach(function (name) { legends.get(name).refresh(); }); };
  /* The year asked for, in the address; empty for the study's. */
  this.year = function () { return wantedYear === null ? "" : String(wantedYear); };
  this.setYear = function (text) {
    wantedYear = /^\d{1,4}$/.test(text || "") ? Number(text) : null;
    for (const layer of layers.values()) { layer.setYear(wantedYear); }
  };

  /* ---- what stands at a place ---- */
  this.at = function (latlng, unit) {
    const scale = 256 * Math.pow(2, map.getZoom());
    const x = mesh.worldX(latlng.lng), y = mesh.worldY(latlng.lat), found = { markers: [], shapes: [] };
    for (const name of shown()) {
      const own = layers.get(name).at(x, y, scale, unit);
      for (const kind of ["markers", "shapes"]) { found[kind].push(...own[kind].map(function (rank) { return { layer: layers.get(name), rank: rank }; })); }
    }
    return found;
  };
  /* Places of the markers in view, of which names keep clear. */
  this.markers = function () {
    const scale = 256 * Math.pow(2, map.getZoom()), bounds = map.getBounds();
    return shown().flatMap(function (name) { return layers.get(name).spots(scale); })
      .filter(function (latlng) { return bounds.contains(latlng); });
  };
  this.titles = function (found) {
    return found.markers.concat(found.shapes).map(function (hit) { return hit.layer.data.objets.titre[hit.rank]; });
  };

  const entry = function (hit) {
    const list = ZB.element("dl", { class: "faits" });
    for (const [name, text] of hit.layer.data.objets.faits[hit.rank]) {
      list.append(ZB.element("div", {}, ZB.element("dt", {}, name), ZB.element("dd", {}, text)));
    }
    const title = ZB.element("strong", {}, hit.layer.data.objets.titre[hit.rank]);
    return ZB.element("div", { class: "objet" }, ZB.element("p", {}, hit.layer.swatchOf(hit.rank), title), list);
  };
  this.close = function () { if (popup) { popup.remove(); } };
  /* Shows some things in a popup; focus goes into it when the keyboard asked, and comes back. */
  this.open = function (hits, latlng, options) {
    const opener = document.activeElement, back = options.back || function () { opener.focus({ preventScroll: true }); };
    const shut = ZB.element("button", { type: "button" }, ZB.t("carte.fermer"));
    const card = ZB.element("div", { class: "fiche-couche", tabindex: "-1", role: "group", "aria-label": ZB.t("carte.couche_ici") }, ...hits.map(entry), shut);
    this.close();
    const own = L.popup({ closeButton: false, maxWidth: 320, minWidth: 220, maxHeight: 300, className: "bulle-couche" });
    const leave = function () { own.remove(); if (options.focus) { back(); } };
    shut.addEventListener("click", leave);
    card.addEventListener("keydown", function (event) {
      if (event.key !== "Escape") { return; }
      event.stopPropagation();
      leave();
    });
    own.on("remove", function () { if (popup === own) { popup = null; } });
    popup = own.setLatLng(latlng).setContent(card).openOn(map);
    if (options.focus) { card.focus({ preventScroll: true }); }
  };
  const choose = (function (name, rank) {
    const layer = layers.get(name), place = layer.anchor(rank);
    map.setView(place, Math.max(map.getZoom(), 10), { animate: false });
    this.open([{ layer: layer, rank: rank }], place, { focus: true, back: function () { legends.get(name).focus(rank); } });
  }).bind(this);
  map.on("moveend", this.refresh, this);

  /* For tests. */
  this.layer = function (name) { return layers.get(name); };
};
