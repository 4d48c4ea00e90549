"use strict";
/* What-if: its panel, and what it changes on the map. The study itself never changes. */

ZB.Trial = function (mesh, values, map) {
  const banner = document.getElementById("essai-banniere");
  const printed = document.getElementById("essai-imprime");
  const list = document.getElementById("essai-liste");
  const fault = document.getElementById("essai-faute");
  const totals = document.getElementById("essai-totaux");
  const undo = document.getElementById("essai-annuler"), reset = document.getElementById("essai-remettre");
  let tools = null, unit = -1, duration = null;

  /* ---- totals ---- */
  const figures = [
    ...values.statuts.map(function (name) {
      return ["essai.total_" + name, function (all) { return all.communes_par_statut[name]; }];
    }),
    ["essai.total_zones_retenues", function (all) { return all.zones_retenues; }],
    ["essai.total_deficit", function (all) { return all.deficit_h; }],
    ["essai.total_habitants", function (all) { return all.population_par_statut.non_couverte; }],
  ];
  const showTotals = function () {
    const before = values.totals.avant, after = values.totals.apres || before;
    totals.replaceChildren(...figures.map(function ([key, of]) {
      const cell = function (text) { return ZB.element("td", { class: "nombre" }, text); };
      return ZB.element("tr", { "data-total": key.slice(12) }, ZB.element("th", { scope: "row" }, ZB.t(key)),
        cell(ZB.integer(of(before))), cell(ZB.integer(of(after))), cell(ZB.difference(of(after) - of(before))));
    }));
  };

  /* The same in a line, kept in sight. */
  const showSummary = function () {
    const line = document.getElementById("essai-resume"), before = values.totals.avant, after = values.totals.apres;
    if (!after) { line.textContent = ""; return; }
    const count = values.changed.filter(function (row) { return values.now.statut[row] !== values.filed.statut[row]; }).length;
    line.textContent = ZB.t("essai.resume", {
      communes: ZB.t(count < 2 ? "essai.resume_une" : "essai.resume_plusieurs", { nombre: ZB.counted(count, "commune") }),
      zones: ZB.integer(after.zones_retenues), ecart: ZB.difference(after.zones_retenues - before.zones_retenues),
      deficit: after.deficit_h === before.deficit_h ? ZB.t("essai.resume_deficit_egal")
        : ZB.t("essai.resume_deficit", { ecart: ZB.difference(after.deficit_h - before.deficit_h) }),
    });
  };

  /* ---- list of changes ---- */
  const showList = function () {
    const edits = tools.state.edits();
    list.replaceChildren(...edits.map(function (edit) {
      const words = tools.words.edit(edit);
      const remove = ZB.element("button", { type: "button", "aria-label": ZB.t("essai.supprimer_dit", { dit: words }) }, ZB.t("essai.supprimer"));
      remove.addEventListener("click", function () { tools.state.remove(tools.state.keyOf(edit)); undo.focus(); });
      return ZB.element("li", {}, ZB.element("span", {}, words), remove);
    }));
    if (!edits.length) { list.append(ZB.element("li", { class: "aide" }, ZB.t("essai.aucune_modification"))); }
    undo.disabled = !tools.state.canUndo();
    reset.disabled = !edits.length;
    tools.exports.refresh();
    banner.hidden = printed.hidden = !edits.length;
    document.documentElement.classList.toggle("essai-en-cours", Boolean(edits.length));
  };

  /* ---- structures of the place shown ---- */
  const idsHere = function () {
    if (unit < 0) { return []; }
    const ids = values.structuresOf(values.rowOfUnit[unit]).map(function (rank) { return values.structures.id[rank]; });
    for (const edit of tools.state.edits()) {
      if (edit.structure_id && !ids.includes(edit.structure_id)) { ids.push(edit.structure_id); }
    }
    return ids;
  };
  const showPosts = function () {
    const place = unit < 0 ? "" : mesh.names[unit] + " (" + mesh.codes[unit] + ")";
    tools.posts.show(idsHere(), place);
  };

  const settled = function (answer, start) {
    if (answer) { values.apply(answer); } else { values.reset(); }
    map.changed();
    showTotals();
    showSummary();
    if (start === undefined) { duration = null; return; }
    duration = performance.now() - start;
    document.documentElement.dataset.essai = String(Math.round(duration));
  };

  /* A change that the server refuses is said beside its field, and taken back. */
  const refused = function (error, key) {
    const field = document.getElementById(key.replace(/^etp\//, "poste-").replace(/^parametre\//, "parametre-").replace(/^ajout_poste\//, "ajout-"));
    if (error.status === 422 || error.status === 400 || error.status === 404) { tools.state.undo(); }
    fault.textContent = error.message;
    if (field && field.parentElement.say) { field.parentElement.say(error.message); }
  };

  const make = function (data) {
    const words = new ZB.TrialWords(data, values);
    const state = new ZB.TrialState({
      changed: function () { fault.textContent = ""; showList(); showPosts(); tools.parameters.refresh(); },
      reset: function () { settled(null); },
      answer: settled,
      fault: refused,
    });
    tools = {
      words: words, state: state, posts: new ZB.TrialPosts(data, values, words, state),
      parameters: new ZB.TrialParameters(data, words, state), add: new ZB.TrialAdd(mesh, data, values, words, state),
      exports: new ZB.TrialExport(state),
    };
    undo.addEventListener("click", state.undo);
    reset.addEventListener("click", state.reset);
    showList();
    showTotals();
    showPosts();
    state.restore();
    new ZB.TrialScenarios(state);
  };

  /* Fetches what may be changed, once. */
  let ready = null;
  this.prepare = function () {
    ready = ready || ZB.fetched(ZB.settings.adresses.donnees_essai).then(make).catch(function (error) {
      fault.textContent = error.message;
      ready = null;
    });
    return ready;
  };
  this.at = function (chosen) {
    unit = chosen;
    if (tools) { showPosts(); if (unit >= 0) { tools.add.propose(unit, idsHere()[0]); } }
  };
  this.duration = function () { return duration; };
};
