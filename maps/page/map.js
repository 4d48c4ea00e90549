/* Draws the layers, and ties the page's controls to them. */

ZB.start = function (map) {
  const data = JSON.parse(document.getElementById("donnees").textContent);
  const communes = data.communes, zones = data.zones;
  communes.code = communes.code ? communes.code.split(" ") : [];
  const popups = new ZB.Popups(data);
  const byCommune = data.shapes.communes.length > 0;
  const parts = data.parts;
  const fills = data.styles.map(function (style) { return ZB.fill(style.plain, data.tile); });
  const mixedFills = data.styles.map(function (style) { return ZB.fill(style.mixed, data.tile); });
  const lines = { color: "#16324f", fill: false, interactive: false, smoothFactor: 1 };
  const main = [], zoneShapes = [], hatched = new Set(data.hatched);
  let highlight = null, current = null, opener = null;

  const checked = function (id) {
    const box = document.getElementById(id);
    return box !== null && box.checked;
  };

  /* ---- appearance ---- */
  const isKept = function (item) { return item.zone >= 0 && Boolean(zones.kept[item.zone]); };

  const isShown = function (item) {
    return checked("statut-" + data.styles[item.style].key) && (!checked("retenues") || isKept(item));
  };

  const styleOf = function (item) {
    if (!isShown(item)) { return { fillColor: "#f3f4f6", color: "#c3c9d1", weight: 0.4 }; }
    return { fillColor: (item.hatched ? mixedFills : fills)[item.style], color: "#5a6675", weight: 0.4 };
  };

  const restyle = function () {
    main.forEach(function (layer) { layer.setStyle(styleOf(layer.item)); });
  };

  /* ---- layers, from the bottom up ---- */
  const plainShapes = function (texts, options) {
    return L.layerGroup(texts.filter(Boolean).map(function (text) {
      return L.polygon(ZB.decode(text), options);
    })).addTo(map);
  };

  /* What is drawn: communes and parts of those that are cut, or the patches of zones that look alike. */
  const items = function () {
    if (!byCommune) {
      return data.shapes.patches.map(function (text, row) {
        return { text: text, zone: data.patches.zone[row], style: data.patches.style[row] };
      });
    }
    const whole = data.shapes.communes.map(function (text, row) {
      return { text: popups.partCount(row) ? "" : text, zone: communes.zone[row], style: communes.style[row], commune: row };
    });
    const cut = data.shapes.parts.map(function (text, part) {
      return { text: text, zone: parts.zone[part], style: parts.style[part], commune: parts.commune[part], part: part };
    });
    return whole.concat(cut).map(function (item) { return Object.assign(item, { hatched: hatched.has(item.commune) }); });
  };

  const drawMain = function () {
    const group = L.featureGroup();
    items().forEach(function (item) {
      if (!item.text) { return; }
      const layer = L.polygon(ZB.decode(item.text), { fillOpacity: 1, smoothFactor: 0.6 });
      layer.item = item;
      layer.setStyle(styleOf(item));
      main.push(layer);
      group.addLayer(layer);
    });
    group.on("click", function (event) {
      const item = event.layer.item;
      opener = null;
      if (byCommune) { open("commune", item.commune, event.latlng, item.part); }
      else { open("zone", item.zone, event.latlng); }
    });
    group.bindTooltip(function (layer) { return popups.label(layer.item); }, { sticky: true });
    return group.addTo(map);
  };

  const drawZoneOutlines = function () {
    data.shapes.zones.forEach(function (text, row) {
      if (!text) { return; }
      const style = zones.kept[row] ? { color: "#10151c", weight: byCommune ? 2.4 : 1.5 } : { color: "#3f4a58", weight: 0.8 };
      zoneShapes[row] = L.polygon(ZB.decode(text), Object.assign({}, lines, style));
    });
    return L.layerGroup(zoneShapes.filter(Boolean));
  };

  const drawOutlines = function (outlines, options) {
    return L.layerGroup(outlines.filter(function (outline) { return outline.shape; }).map(function (outline) {
      return L.polygon(ZB.decode(outline.shape), Object.assign({}, lines, options));
    }));
  };

  /* Lines, not surfaces: what they surround stays within reach of the pointer. */
  const drawPerimeters = function () {
    return L.featureGroup(data.drawn.flatMap(function (drawing) {
      const rings = ZB.decode(drawing.lines).map(function (ring) { return ring.concat([ring[0]]); });
      const options = { smoothFactor: 1, fill: false };
      const above = L.polyline(rings, Object.assign({}, options, { color: "#0b5fb0", weight: 2.4, dashArray: "9 5" }));
      above.bindTooltip(ZB.element("span", {}, drawing.name), { sticky: true });
      return [L.polyline(rings, Object.assign({}, options, { color: "#fff", weight: 5, interactive: false })), above];
    }));
  };

  const nameLabels = function (outlines, className) {
    return L.layerGroup(outlines.filter(function (outline) { return outline.at; }).map(function (outline) {
      const label = L.tooltip({ permanent: true, direction: "center", className: "etiquette " + className, interactive: false });
      /* Landmarks for the eye: they explain no control, so they are not tooltips to others. */
      label.on("add", function () {
        label.getElement().setAttribute("role", "presentation");
        label.getElement().setAttribute("aria-hidden", "true");
      });
      return label.setLatLng([outline.at[1], outline.at[0]]).setContent(ZB.element("span", {}, outline.name));
    }));
  };

  const toggle = function (id, layer) {
    const box = document.getElementById(id);
    if (box === null) { return; }
    const sign = document.getElementById("signe-" + id);
    const apply = function () {
      if (box.checked) { layer.addTo(map); } else { layer.remove(); }
      if (sign !== null) { sign.hidden = !box.checked; }
    };
    box.addEventListener("change", apply);
    apply();
  };

  const toggleNames = function () {
    const regions = nameLabels(data.regions, "region");
    const departements = nameLabels(data.departements, "departement");
    const limit = data.departements.length > 30 ? 7.5 : 0;
    const apply = function () {
      const near = map.getZoom() >= limit;
      [[regions, !near], [departements, near]].forEach(function ([layer, wanted]) {
        if (wanted && checked("noms")) { layer.addTo(map); } else { layer.remove(); }
      });
    };
    document.getElementById("noms").addEventListener("change", apply);
    map.on("zoomend", apply);
    apply();
  };

  /* ---- popups ---- */
  const outlineOf = function (what, row) {
    const text = data.shapes[what + "s"][row];
    return text ? L.polygon(ZB.decode(text), Object.assign({}, lines, { color: "#000", weight: 3 })) : null;
  };

  const clear = function () {
    if (highlight) { highlight.remove(); }
    highlight = null;
  };

  const open = function (what, row, at, part) {
    clear();
    const content = what === "zone" ? popups.zone(row) : popups.commune(row, openZone, part);
    const box = map.getContainer();
    current = L.popup({ maxWidth: 380, minWidth: 260, maxHeight: Math.max(200, box.clientHeight * 0.62), autoPanPadding: [24, 24] });
    current.setLatLng(at).setContent(content).openOn(map);
    highlight = part === undefined ? outlineOf(what, row) : outlineOf("part", part);
    if (highlight) { highlight.addTo(map); }
    return content;
  };

  const openZone = function (row) {
    const layer = zoneShapes[row];
    if (!layer) { return; }
    map.fitBounds(layer.getBounds(), { maxZoom: 12, padding: [30, 30], animate: false });
    const inside = data.anchorOfZone[row];
    open("zone", row, inside ? [inside[1] / 1e4, inside[0] / 1e4] : layer.getBounds().getCenter()).focus();
  };

  const openCommune = function (row) {
    const anchor = communes.anchor[row];
    const name = popups.title(row);
    if (!anchor) {
      return name + " : commune sans contour, non dessinée. Situation : " + data.styles[communes.style[row]].label + ".";
    }
    const at = L.latLng(anchor[1] / 1e4, anchor[0] / 1e4);
    if (byCommune) { map.fitBounds(outlineOf("commune", row).getBounds(), { maxZoom: 12, padding: [40, 40], animate: false }); }
    else { map.setView(at, Math.max(map.getZoom(), 10), { animate: false }); }
    opener = document.getElementById("recherche");
    open("commune", row, at).focus();
    const count = popups.partCount(row);
    return name + (count ? ", coupée en " + count + " parties" : "") + " : " + data.styles[communes.style[row]].label + ".";
  };

  /* ---- wiring ---- */
  const wire = function () {
    document.querySelectorAll("[data-filtre]").forEach(function (box) { box.addEventListener("change", restyle); });
    document.querySelectorAll("[data-zone]").forEach(function (button) {
      button.addEventListener("click", function () {
        map.getContainer().scrollIntoView({ block: "nearest" });
        opener = button;
        openZone(Number(button.dataset.zone));
      });
    });
    map.on("popupclose", function (event) {
      if (event.popup !== current) { return; }
      clear();
      if (opener) { opener.focus({ preventScroll: true }); }
      opener = null;
    });
  };

  ZB.frame(map, data.credit, data.places.map(function (place) { return place.bounds; }));
  plainShapes(data.shapes.context, { color: "#c9ced6", weight: 0.8, fillColor: "#fbfbf9", fillOpacity: 1, interactive: false });
  plainShapes(data.shapes.holes, { color: "#6f6f6f", weight: 0.8, fillColor: ZB.fill(data.hole, data.tile), fillOpacity: 1 })
    .eachLayer(function (hole) { hole.bindTooltip("hors commune : lacune du fond de carte", { sticky: true }); });
  drawMain();
  toggle("zones", drawZoneOutlines());
  toggle("departements", drawOutlines(data.departements, { weight: 1.1, dashArray: "5 3" }));
  drawOutlines(data.regions, { weight: 1.8 }).addTo(map);
  toggle("dessins", drawPerimeters());
  toggleNames();
  wire();
  new ZB.Search(communes, openCommune);
  document.documentElement.dataset.pret = "oui";
};
