"use strict";
/* The form that adds a perimeter by code: structure, nature, level, place by name or code. */

ZB.TrialAdd = function (mesh, data, values, words, state) {
  const form = document.getElementById("essai-ajout");
  const structure = form.elements.structure, nature = form.elements.nature, level = form.elements.niveau;
  const place = document.getElementById("essai-code");
  const said = document.getElementById("essai-code-annonce");
  let chosen = "";

  const option = function (value, text) { return ZB.element("option", { value: value }, text); };
  structure.append(...values.structures.id.map(function (id, rank) { return option(id, values.structures.nom[rank]); }));
  nature.append(...Object.entries(data.natures).map(function ([value, text]) { return option(value, text); }));
  level.append(...Object.entries(data.niveaux).map(function ([value, text]) { return option(value, text); }));

  const placesOf = function (name) {
    if (name === "commune") { return { name: mesh.names, code: mesh.codes, population: mesh.population }; }
    const codes = Object.keys(mesh.levels[name]);
    return { name: codes.map(function (code) { return mesh.levels[name][code]; }), code: codes, population: [] };
  };
  words.nameOf = function (name, code) {
    if (name !== "commune") { return mesh.levels[name][code] || code; }
    return mesh.unitOf.has(code) ? mesh.names[mesh.unitOf.get(code)] : code;
  };

  let places = placesOf("commune");
  const search = new ZB.Search(places, function (rank) {
    chosen = places.code[rank];
    return ZB.t("essai.lieu_choisi", { nom: places.name[rank] });
  }, { input: "essai-code", list: "essai-code-resultats", said: "essai-code-annonce", noun: "lieu", none: ZB.t("essai.lieu_inconnu"), plural: "lieux" });

  const forget = function () { chosen = ""; };
  place.addEventListener("input", forget);
  level.addEventListener("change", function () {
    places = placesOf(level.value);
    search.use(places);
    place.value = "";
    said.textContent = "";
    forget();
  });

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    if (!chosen) {
      said.textContent = ZB.t("essai.lieu_manque");
      place.setAttribute("aria-invalid", "true");
      place.focus();
      return;
    }
    place.removeAttribute("aria-invalid");
    state.set({ action: "ajout_perimetre", structure_id: structure.value, nature: nature.value, niveau: level.value, code: chosen });
    place.value = "";
    forget();
  });

  /* Proposes the commune shown. */
  this.propose = function (unit, id) {
    if (id) { structure.value = id; }
    level.value = "commune";
    level.dispatchEvent(new Event("change"));
    chosen = mesh.codes[unit];
    place.value = mesh.names[unit] + " (" + chosen + ")";
  };
};
