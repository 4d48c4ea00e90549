/* Draws the communes in one state, or what differs between two, and ties the controls to them. */

ZB.compare = function (map) {
  const data = JSON.parse(document.getElementById("donnees").textContent);
  const communes = data.communes, states = data.states;
  communes.code = communes.code.split(" ");
  const fillsOf = function (styles, kind) {
    return styles.map(function (style) { return ZB.fill(style[kind], data.tile); });
  };
  const fills = { plain: fillsOf(data.styles, "plain"), mixed: fillsOf(data.styles, "mixed") };
  const changeFills = fillsOf(data.changes, "plain");
  const lines = { color: "#16324f", fill: false, interactive: false, smoothFactor: 1 };
  const WORSE = 4, UNKNOWN = 3, SAME = 2, RATE = 1, STATUS = 0;
  const drawn = [], layerOf = new Map();
  let shown = states.length - 1, from = -1, current = null, highlight = null, opener = null;

  const at = function (id) { return document.getElementById(id); };

  /* As `maps.changes.states.change` decides: the counts beside the map are its own. */
  const changeOf = function (row) {
    const [before, after] = [from, shown].map(function (state) { return data.progress[states[state].style[row]]; });
    const [old, now] = [from, shown].map(function (state) { return data.rates[0].rank[state][row]; });
    const known = old >= 0 && now >= 0, rose = known && now > old;
    if ((known && now < old) || (after < before && after !== data.unknownStatus)) { return WORSE; }
    if (before === data.unknownStatus || after === data.unknownStatus) { return rose || after !== before ? UNKNOWN : SAME; }
    if (after > before) { return STATUS; }
    return rose ? RATE : SAME;
  };

  const fillOf = function (row) {
    if (from >= 0) { return changeFills[changeOf(row)]; }
    return fills[states[shown].mixed[row] ? "mixed" : "plain"][states[shown].style[row]];
  };

  const ranksShown = function () {
    return communes.name.map(function (_, row) { return from >= 0 ? changeOf(row) : states[shown].style[row]; });
  };

  /* ---- legend ---- */
  const count = function () {
    const ranks = ranksShown(), kinds = from >= 0 ? data.changes : data.styles;
    const numbers = kinds.map(function () { return [0, 0]; });
    ranks.forEach(function (rank, row) {
      numbers[rank][0] += 1;
      numbers[rank][1] += communes.population[row] || 0;
    });
    kinds.forEach(function (kind, rank) {
      at("compte-" + kind.key).textContent = ZB.counted(numbers[rank][0], "commune") + ", " + ZB.counted(numbers[rank][1], "habitant");
    });
  };

  /* Seen from afar, borders would hide what they hold. */
  const border = function () { return map.getZoom() >= 8 ? 0.4 : 0.12; };

  const restyle = function () {
    const weight = border();
    drawn.forEach(function (layer) { layer.setStyle({ fillColor: fillOf(layer.row), weight: weight }); });
    at("legende-situations").hidden = from >= 0;
    at("legende-changements").hidden = from < 0;
    at("vue").textContent = from < 0 ? states[shown].label : "De « " + states[from].label + " » à « " + states[shown].label + " »";
    count();
  };

  /* ---- layers, from the bottom up ---- */
  const background = function (texts, options) {
    return L.layerGroup(texts.filter(Boolean).map(function (text) { return L.polygon(ZB.decode(text), options); })).addTo(map);
  };

  const draw = function (kind) {
    kind.row.forEach(function (row, rank) {
      if (!kind.shape[rank]) { return; }
      const layer = L.polygon(ZB.decode(kind.shape[rank]), { fillOpacity: 1, smoothFactor: 0.6, color: "#5a6675", weight: border() });
      layer.row = row;
      layer.alone = kind === data.drawn;
      layer.setStyle({ fillColor: fillOf(row) });
      drawn.push(layer);
      if (layer.alone) { layerOf.set(row, layer); }
      group.addLayer(layer);
    });
  };

  const group = L.featureGroup();
  const outlines = function (kind, options) {
    return L.layerGroup(kind.filter(function (own) { return own.shape; }).map(function (own) {
      return L.polygon(ZB.decode(own.shape), Object.assign({}, lines, options));
    })).addTo(map);
  };

  /* ---- popups ---- */
  const titleOf = function (row) { return communes.name[row] + " (" + communes.code[row] + ")"; };

  const rateOf = function (kind, state, row) {
    const rank = data.rates[kind].rank[state][row];
    return rank >= 0 ? data.rates[kind].text[rank] : data.rates[kind].none[-1 - rank];
  };

  const swatch = function (rank) {
    return at("echantillon-" + data.styles[rank].key).firstElementChild.cloneNode(true);
  };

  const sharesOf = function (parts) {
    return " Commune mixte : " + ["en périmètre principal", "par extension seule", "non couverts"].map(function (name, rank) {
      return ZB.percent(parts[rank]) + " " + name;
    }).join(", ") + ".";
  };

  const stateFacts = function (row) {
    return states.flatMap(function (state, rank) {
      const posts = (state.postsOf[row] || []).map(function (own) { return state.posts[own]; });
      const line = ZB.element("p", { class: "situation" }, swatch(state.style[row]), " ", state.label + " : " + data.styles[state.style[row]].short);
      const more = "Taux de réponse : " + rateOf(0, rank, row) + " (État : " + rateOf(1, rank, row) + ") ; heures servies : " + ZB.integer(state.served[row]) + "\u00a0h."
        + (state.mixed[row] ? sharesOf(state.mixed[row]) : "");
      return [line, ZB.element("p", {}, more), ...(posts.length ? [ZB.element("p", {}, "Postes nouveaux : " + posts.join(" ; "))] : [])];
    });
  };

  const popup = function (row) {
    const facts = ZB.element("p", {}, "Population : " + (communes.population[row] === null ? "inconnue" : ZB.counted(communes.population[row], "habitant"))
      + " ; besoin : " + ZB.hours(communes.need[row]) + ".");
    return ZB.element("div", { class: "fiche", tabindex: "-1" }, ZB.element("h2", {}, titleOf(row)), facts, ...stateFacts(row));
  };

  const clear = function () {
    if (highlight) { highlight.remove(); }
    highlight = null;
  };

  const open = function (row, place) {
    clear();
    const content = popup(row);
    current = L.popup({ maxWidth: 400, minWidth: 260, maxHeight: Math.max(200, map.getContainer().clientHeight * 0.62), autoPanPadding: [24, 24] });
    current.setLatLng(place).setContent(content).openOn(map);
    const layer = layerOf.get(row);
    if (layer) { highlight = L.polygon(layer.getLatLngs(), Object.assign({}, lines, { color: "#000", weight: 3 })).addTo(map); }
    return content;
  };

  const openCommune = function (row) {
    const anchor = communes.anchor[row];
    const told = titleOf(row) + " : " + data.styles[states[shown].style[row]].label + ".";
    if (!anchor) { return told + " Commune sans contour, non dessinée."; }
    const place = L.latLng(anchor[1] / 1e4, anchor[0] / 1e4);
    map.setView(place, Math.max(map.getZoom(), 10), { animate: false });
    opener = at("recherche");
    open(row, place).focus();
    return told;
  };

  const labelOf = function (layer) {
    if (layer.alone) {
      return ZB.element("span", {}, communes.name[layer.row] + " – " + (from < 0 ? data.styles[states[shown].style[layer.row]].short : data.changes[changeOf(layer.row)].short));
    }
    return ZB.element("span", {}, data.styles[states[0].style[layer.row]].short + ", sans changement");
  };

  /* ---- wiring ---- */
  const wire = function () {
    document.querySelectorAll("[name=etat]").forEach(function (box) {
      box.addEventListener("change", function () { shown = Number(box.value); restyle(); });
    });
    at("depuis").addEventListener("change", function () { from = Number(at("depuis").value); restyle(); });
    group.on("click", function (event) {
      opener = null;
      if (event.layer.alone) { open(event.layer.row, event.latlng); }
    });
    let drawnAt = border();
    map.on("zoomend", function () {
      if (border() !== drawnAt) { drawnAt = border(); restyle(); }
    });
    map.on("popupclose", function (event) {
      if (event.popup !== current) { return; }
      clear();
      if (opener) { opener.focus({ preventScroll: true }); }
      opener = null;
    });
  };

  ZB.frame(map, data.credit, data.places);
  background(data.context, { color: "#c9ced6", weight: 0.8, fillColor: "#fbfbf9", fillOpacity: 1, interactive: false });
  background(data.holes, { color: "#6f6f6f", weight: 0.8, fillColor: ZB.fill(data.hole, data.tile), fillOpacity: 1 });
  draw(data.patches);
  draw(data.drawn);
  group.bindTooltip(labelOf, { sticky: true }).addTo(map);
  outlines(data.departements, { weight: 1.1, dashArray: "5 3" });
  outlines(data.regions, { weight: 1.8 });
  wire();
  restyle();
  new ZB.Search(communes, openCommune);
  document.documentElement.dataset.pret = "oui";
};
