"use strict";
/* Starts the map where a perimeter is drawn. The text of the outline is what is sent: the map and
   the table of vertices only write it. */

ZB.start = async function (map) {
  const message = document.getElementById("chargement");
  document.getElementById("sur-la-carte").hidden = false;
  map.invalidateSize({ animate: false });
  try {
    const mesh = new ZB.Mesh(await ZB.fetched(ZB.settings.adresses.fond));
    ZB.app = new ZB.Drawing(map, mesh);
    message.hidden = true;
    document.documentElement.dataset.pret = "oui";
  } catch (error) {
    message.textContent = ZB.t("carte.echec") + " " + error.message;
    message.setAttribute("role", "alert");
    throw error;
  }
};

ZB.Drawing = function (map, mesh) {
  const find = function (id) { return document.getElementById(id); };
  const STYLE = { color: "#a3005c", weight: 3, fillOpacity: 0.15 };
  const written = find("contour"), before = [];
  let correcting = false, adding = "";

  this.surfaces = [];
  this.ring = [0, 0];

  /* ---- the map ---- */
  L.Marker.mergeOptions({ keyboard: false }); // the table of vertices is for the keyboard
  map.setMinZoom(4);
  map.attributionControl.setPrefix("Leaflet").addAttribution(ZB.element("span", {}, ZB.settings.credit).innerHTML);
  L.control.zoom({ zoomInTitle: ZB.t("carte.zoomer"), zoomOutTitle: ZB.t("carte.dezoomer") }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) { map.options.zoomAnimation = false; }
  map.setView([46.6, 2.4], 6, { animate: false });
  map.pm.setGlobalOptions({ snappable: false, tooltips: false, allowSelfIntersection: true, templineStyle: STYLE, hintlineStyle: Object.assign({ dashArray: "5 5" }, STYLE), pathOptions: STYLE });
  const ground = new ZB.Ground(map, mesh);
  const shape = L.polygon([], STYLE).addTo(map);

  const say = function (key, values) { find("annonce-dessin").textContent = ZB.t("dessin." + key, values); };
  this.say = say;
  const round = function (degrees) { return Math.round(degrees * 1e7) / 1e7; };
  /* Where a vertex placed on the map goes: to 1 cm, or to the border it is near when one asks. */
  const placed = function (latlng) {
    const place = [latlng.lat, latlng.lng];
    const near = find("coller").checked ? ground.snapped(place) : null;
    return (near || place).map(round);
  };

  /* ---- what changes ---- */
  const show = function (options) {
    shape.setLatLngs(this.surfaces);
    if (correcting) { shape.pm.disable(); shape.pm.enable({ removeLayerBelowMinVertexCount: false }); }
    if (!options || !options.still) { vertices.refresh(); }
    find("annuler").disabled = !before.length;
  }.bind(this);
  const write = function (options) {
    this.surfaces = this.surfaces.map(function (rings) {
      return rings.filter(function (ring, rank) { return ring.length || !rank; });
    }).filter(function (rings) { return rings[0].length; });
    const surface = Math.max(0, Math.min(this.ring[0], this.surfaces.length - 1));
    this.ring = [surface, Math.min(this.ring[1], Math.max(0, (this.surfaces[surface] || []).length - 1))];
    written.value = ZB.writeOutline(this.surfaces);
    show(options);
  }.bind(this);
  /* `still` leaves the table of vertices as it is. */
  this.change = function (act, options) {
    before.push(written.value);
    act();
    write(options);
  };
  const read = function () {
    const found = ZB.readOutline(written.value);
    find("illisible").hidden = found !== null;
    if (found === null) { return; }
    this.surfaces = found;
    this.ring = [0, 0];
    show();
  }.bind(this);
  const fit = function () {
    const bounds = shape.getBounds().isValid() ? shape.getBounds() : ground.whole();
    if (bounds) { map.fitBounds(bounds, { padding: [20, 20], maxZoom: 13, animate: false }); }
  };
  this.centre = function () { return placed(map.getCenter()); };

  /* Vertices that were there keep every digit. */
  const taken = function () {
    const known = new Set(this.surfaces.flat(2).map(String));
    const kept = function (latlng) {
      const same = [latlng.lat, latlng.lng];
      return known.has(String(same)) ? same : placed(latlng);
    };
    this.change(function () {
      this.surfaces = shape.getLatLngs().map(function (rings) { return rings.map(function (ring) { return ring.map(kept); }); });
    }.bind(this));
  }.bind(this);

  const add = function (ring) {
    if (adding === "trou") {
      const at = this.surfaces.findIndex(function (rings) { return ZB.around(rings[0], ring[0]); });
      if (at < 0) { say("trou_dehors"); return; }
      this.change(function () { this.ring = [at, this.surfaces[at].push(ring) - 1]; }.bind(this));
    } else {
      this.change(function () { this.ring = [this.surfaces.push([ring]) - 1, 0]; }.bind(this));
    }
    say("contour_ajoute", { sommets: ZB.counted(ring.length, "sommet") });
  }.bind(this);

  const vertices = new ZB.Vertices(this);

  /* ---- drawing with the mouse ---- */
  const tools = ["contour", "trou"].map(function (name) { return find("dessiner-" + name); });
  const press = function () {
    tools.forEach(function (tool) { tool.setAttribute("aria-pressed", String(tool.id === "dessiner-" + adding)); });
    find("corriger").setAttribute("aria-pressed", String(correcting));
  };
  const correct = function (on) {
    correcting = on;
    if (on) { shape.pm.enable({ removeLayerBelowMinVertexCount: false }); say("corriger_comment"); } else { shape.pm.disable(); }
    press();
  };
  const draw = function (name) {
    map.pm.disableDraw();
    adding = name;
    if (name) { correct(false); map.pm.enableDraw("Polygon"); say("dessiner_comment"); }
    press();
  };
  tools.forEach(function (tool) {
    const name = tool.id.replace("dessiner-", "");
    tool.addEventListener("click", function () { draw(adding === name ? "" : name); });
  });
  map.on("pm:create", function (event) {
    event.layer.remove();
    add(event.layer.getLatLngs()[0].map(placed));
    draw("");
  });
  shape.on("pm:edit", taken);
  find("corriger").addEventListener("click", function () { draw(""); correct(!correcting); });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") { draw(""); } });

  /* ---- drawing with the keyboard ---- */
  const addCentre = function () {
    const place = this.centre();
    this.change(function () {
      if (!this.surfaces.length) { this.surfaces = [[[]]]; this.ring = [0, 0]; }
      this.surfaces[this.ring[0]][this.ring[1]].push(place);
    }.bind(this));
    say("sommet_ajoute", { lon: place[1], lat: place[0], commune: ground.communeAt(place) || ZB.t("dessin.hors_commune") });
  }.bind(this);
  find("ajouter-sommet").addEventListener("click", addCentre);
  map.getContainer().addEventListener("keydown", function (event) {
    if (event.key === "Enter" && event.target === map.getContainer()) { event.preventDefault(); addCentre(); }
  });
  find("commencer-contour").addEventListener("click", function () {
    const place = this.centre();
    this.change(function () { this.ring = [this.surfaces.push([[place]]) - 1, 0]; }.bind(this));
    say("contour_commence");
  }.bind(this));
  find("commencer-trou").addEventListener("click", function () {
    const place = this.centre(), surface = this.ring[0];
    this.change(function () { this.ring = [surface, this.surfaces[surface].push([place]) - 1]; }.bind(this));
    say("trou_commence");
  }.bind(this));
  find("retirer-contour").addEventListener("click", function () {
    const [surface, rank] = this.ring;
    this.change(function () {
      if (rank) { this.surfaces[surface].splice(rank, 1); } else { this.surfaces.splice(surface, 1); }
      this.ring = [0, 0];
    }.bind(this));
    say("contour_retire");
  }.bind(this));
  find("annuler").addEventListener("click", function () {
    written.value = before.pop();
    read();
    say("annule");
  });
  find("cadrer").addEventListener("click", fit);
  written.addEventListener("change", function () { read(); fit(); });

  new ZB.Search({ name: mesh.names, code: mesh.codes, population: mesh.population }, function (unit) {
    const bounds = mesh.boundsOf([unit]);
    if (bounds) { map.fitBounds(bounds, { maxZoom: 13, animate: false }); }
    return ZB.t("dessin.carte_sur", { commune: mesh.names[unit] });
  });
  new ResizeObserver(function () { map.invalidateSize({ animate: false, pan: false }); }).observe(map.getContainer());

  read();
  fit();
  ground.place();
  this.map = map;
  this.shape = shape;
};
