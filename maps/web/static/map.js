"use strict";
/* Starts the map, and ties the page's controls to it. */

ZB.start = async function (map) {
  const message = document.getElementById("chargement");
  try {
    const [base, data, parts] = await Promise.all([
      ZB.fetched(ZB.settings.adresses.fond), ZB.fetched(ZB.settings.adresses.valeurs), ZB.fetched(ZB.settings.adresses.parties),
    ]);
    ZB.app = new ZB.App(map, base, data, parts);
    message.hidden = true;
    document.documentElement.dataset.pret = "oui";
  } catch (error) {
    message.textContent = ZB.t("carte.echec") + " " + error.message;
    message.setAttribute("role", "alert");
    throw error;
  }
};

ZB.App = function (map, base, data, parts) {
  const find = function (id) { return document.getElementById(id); };
  const shows = function (key) {
    const box = find("couche-" + key);
    return box !== null && box.checked;
  };
  const regionBox = find("region");
  const mesh = new ZB.Mesh(base);
  const values = new ZB.Values(data, mesh);
  const look = new ZB.Look(mesh, values, parts);
  const outlines = new ZB.Outlines(mesh, values, look, shows);
  look.outlines = outlines;
  const overlays = ZB.overlays(mesh, values, parts, look, shows);
  const layers = new ZB.Layers(map, mesh, look, shows, { changed: function () { painter.repaint(); labels.place(); write(); } });
  const painter = new ZB.Painter(mesh, look, overlays.under.concat([outlines], overlays.above, [layers.overlay]));
  const legend = new ZB.Legend(mesh, values, function () { refresh(); });
  look.isOff = legend.isOff;
  const sheet = new ZB.Sheet(mesh, values, parts, look);
  const panel = new ZB.Panel(function () { unselect(); });
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  let classes = null, selected = -1, mark = null;

  /* ---- what is seen ---- */
  const refresh = function (units) {
    classes = look.refresh();
    legend.show(look.theme, classes, look.region);
    painter.repaint(units);
    layers.refresh();
    sheet.refresh();
  };
  const trial = new ZB.Trial(mesh, values, { changed: function () { refresh(values.touched); } });

  const rowsOf = function (region) {
    const overseas = new Set(ZB.settings.outre_mer);
    const all = [...values.unitOfRow].filter(function (unit) { return mesh.drawn(unit); });
    if (region) { return all.filter(function (unit) { return mesh.regions[unit] === region; }); }
    const main = all.filter(function (unit) { return !overseas.has(mesh.regions[unit]); });
    return main.length ? main : all;
  };
  const fit = function (units, most) {
    const bounds = mesh.boundsOf(units);
    if (bounds) { map.fitBounds(bounds, { padding: [10, 10], maxZoom: most, animate: false }); }
  };
  const setRegion = function (region) {
    look.region = region;
    if (regionBox) { regionBox.value = region; }
    document.querySelectorAll("a[data-region], .etude nav a").forEach(function (link) {
      const address = new URL(link.href);
      if (region) { address.searchParams.set("region", region); } else { address.searchParams.delete("region"); }
      link.href = address.href;
    });
  };

  /* ---- a commune ---- */
  const unselect = function () {
    selected = -1;
    if (mark) { mark.remove(); mark = null; }
    sheet.forget();
    write();
  };
  const outline = function (unit) {
    if (mark) { mark.remove(); }
    const lines = [];
    mesh.eachLine(unit, function (line) { lines.push(mesh.lineLatLngs(line)); });
    mark = L.layerGroup([["#ffffff", 6], ["#000000", 3]].map(function ([colour, width]) {
      return L.polyline(lines, { color: colour, weight: width, interactive: false, smoothFactor: 1 });
    })).addTo(map);
  };
  const select = function (unit, options) {
    const row = values.rowOfUnit[unit];
    selected = unit;
    outline(unit);
    sheet.show(row);
    if (!panel.isOpen() || options.focus) { panel.open("commune", options.focus); }
    trial.prepare().then(function () { trial.at(selected); });
    if (options.move && mesh.drawn(unit)) {
      /* The panel may have taken a part of the map. */
      map.invalidateSize({ animate: false, pan: false });
      fit([unit], 11);
    }
    write();
    return sheet.title(row) + "\u202f: " + ZB.settings.textes_statut[look.statusOf(row)] + ".";
  };
  const unitAt = function (latlng) {
    const unit = mesh.at(mesh.worldX(latlng.lng), mesh.worldY(latlng.lat));
    return unit >= 0 && values.rowOfUnit[unit] >= 0 ? unit : -1;
  };

  /* ---- address ---- */
  const names = [...document.querySelectorAll("[data-couche]")].map(function (box) { return box.dataset.couche; });
  const write = function () {
    const center = map.getCenter();
    address.write({
      z: map.getZoom() + "/" + center.lat.toFixed(4) + "/" + center.lng.toFixed(4),
      t: look.theme.cle, c: names.filter(shows).join(",") || "aucune", r: look.region,
      s: selected < 0 ? "" : mesh.codes[selected], a: layers.year(),
    });
  };
  const read = function (state) {
    if (state.t) { look.setTheme(state.t); }
    find("theme").value = look.theme.cle;
    if (state.c) {
      const wanted = state.c.split(",");
      names.forEach(function (name) { find("couche-" + name).checked = wanted.includes(name); });
    }
    layers.setYear(state.a);
    const region = state.r === undefined ? ZB.settings.region : state.r;
    setRegion(values.regions.some(function (own) { return own.code === region; }) ? region : "");
    const [zoom, lat, lon] = (state.z || "").split("/").map(Number);
    if (Number.isFinite(zoom + lat + lon)) { map.setView([lat, lon], Math.min(15, Math.max(4, zoom)), { animate: false }); }
    else { fit(rowsOf(look.region)); }
    classes = look.refresh();
    const unit = mesh.unitOf.get(state.s);
    if (unit !== undefined && values.rowOfUnit[unit] >= 0) { select(unit, { focus: false }); }
    layers.sync();
    refresh();
    labels.place();
  };
  const address = new ZB.Address(read);

  /* ---- the map ---- */
  map.setMinZoom(4);
  map.setMaxZoom(15);
  map.attributionControl.setPrefix("Leaflet").addAttribution(ZB.element("span", {}, ZB.settings.credit).innerHTML);
  L.control.zoom({ zoomInTitle: ZB.t("carte.zoomer"), zoomOutTitle: ZB.t("carte.dezoomer") }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  if (still) {
    const panBy = map.panBy;
    map.options.zoomAnimation = false;
    map.panBy = function (offset, options) { return panBy.call(map, offset, Object.assign({}, options, { animate: false })); };
  }
  map.setView([46.6, 2.4], 6, { animate: false });
  const labels = new ZB.Labels(map, mesh, look, shows, layers.markers);
  read(address.parse());
  painter.addTo(map);
  map.on("moveend", write);

  map.on("click", function (event) {
    const unit = unitAt(event.latlng), found = layers.at(event.latlng, unit);
    /* A marker hides the commune under it; a shape is over communes that one may still choose. */
    if (unit >= 0 && !found.markers.length) { select(unit, { focus: false }); }
    if (layers.titles(found).length) { layers.open(found.markers.concat(found.shapes), event.latlng, { focus: false }); }
  });
  const tip = L.tooltip({ sticky: true, className: "bulle", offset: [12, 0] });
  const TOLD = 3;
  let pending = null;
  const point = function () {
    const latlng = pending, unit = unitAt(latlng);
    pending = null;
    if (unit < 0) { tip.remove(); return; }
    const row = values.rowOfUnit[unit];
    const words = values.told(look.theme, row, classes), over = layers.titles(layers.at(latlng, unit)).slice(0, TOLD);
    const lines = over.flatMap(function (title) { return [ZB.element("br"), title]; });
    tip.setLatLng(latlng).setContent(ZB.element("span", {}, ZB.element("strong", {}, sheet.title(row)), ZB.element("br"), words, ...lines)).addTo(map);
  };
  map.on("mousemove", function (event) {
    if (!pending) { requestAnimationFrame(point); }
    pending = event.latlng;
  });
  map.on("mouseout movestart", function () { tip.remove(); });
  map.getContainer().addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || event.target !== map.getContainer()) { return; }
    const unit = unitAt(map.getCenter()), found = layers.at(map.getCenter(), unit);
    if (found.markers.length) {
      find("annonce").textContent = layers.titles(found).join("\u202f; ");
      layers.open(found.markers.concat(found.shapes), map.getCenter(), { focus: true });
    } else if (unit >= 0) { find("annonce").textContent = select(unit, { focus: true }); }
  });

  /* ---- controls ---- */
  find("theme").addEventListener("change", function () { look.setTheme(find("theme").value); refresh(); write(); });
  /* The choice of région of all pages: here it moves the map instead of asking for another page. */
  document.addEventListener("change", function (event) {
    if (event.target !== regionBox) { return; }
    event.stopImmediatePropagation();
    setRegion(regionBox.value);
    fit(rowsOf(look.region));
    refresh();
    labels.place();
    write();
  }, true);
  document.querySelectorAll("[data-couche]").forEach(function (box) {
    box.addEventListener("change", function () {
      const sign = find("signe-" + box.dataset.couche);
      if (sign) { sign.hidden = !box.checked; }
      layers.sync();
      painter.repaint();
      labels.place();
      write();
    });
  });
  const structure = find("structure");
  structure.append(...values.structures.nom.map(function (name, rank) { return ZB.element("option", { value: String(rank) }, name); }));
  structure.addEventListener("change", function () {
    const rank = structure.value === "" ? -1 : Number(structure.value);
    overlays.reach.flags = rank < 0 ? null : values.reach(rank);
    find("signe-structure").hidden = rank < 0;
    if (rank >= 0) { fit([...values.unitOfRow].filter(function (unit) { return overlays.reach.flags[unit]; }), 10); }
    painter.repaint();
  });
  find("ouvrir-essai").addEventListener("click", function () {
    trial.prepare();
    panel.open("essai", true);
  });
  find("imprimer").addEventListener("click", function () { window.print(); });
  find("plier-legende").addEventListener("click", function () {
    const open = find("legende").classList.toggle("depliee");
    find("plier-legende").setAttribute("aria-expanded", String(open));
  });

  const listed = values.unitOfRow;
  new ZB.Search({
    name: Array.from(listed, function (unit) { return mesh.names[unit]; }),
    code: Array.from(listed, function (unit) { return mesh.codes[unit]; }),
    population: Array.from(listed, function (unit) { return mesh.population[unit]; }),
  }, function (row) { return select(values.unitOfRow[row], { focus: true, move: true }); });

  /* ---- paper, and windows that change size ---- */
  new ResizeObserver(function () { map.invalidateSize({ animate: false, pan: false }); }).observe(map.getContainer());
  let onScreen = null;
  window.addEventListener("beforeprint", function () {
    const bounds = map.getBounds(), whole = mesh.boundsOf(rowsOf(look.region));
    onScreen = { center: map.getCenter(), zoom: map.getZoom() };
    document.documentElement.classList.add("impression");
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(whole && bounds.contains(whole) ? whole : bounds, { animate: false });
    painter.settle();
  });
  window.addEventListener("afterprint", function () {
    document.documentElement.classList.remove("impression");
    map.invalidateSize({ animate: false, pan: false });
    map.setView(onScreen.center, onScreen.zoom, { animate: false });
  });

  /* A what-if left in this tab comes back. */
  const opened = ZB.TrialScenarios.asked();
  if (opened) { panel.open("essai", true); }
  if (opened || ZB.TrialState.kept()) { trial.prepare(); }

  /* For whoever looks in from the console, and for tests. */
  this.mesh = mesh;
  this.values = values;
  this.look = look;
  this.painter = painter;
  this.layers = layers;
  this.trial = trial;
  this.classes = function () { return classes; };
};
