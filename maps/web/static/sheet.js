"use strict";
/* The side panel: its two tabs, and what it says of the commune chosen. */

ZB.Panel = function (onClose) {
  const root = document.getElementById("panneau");
  const names = ["commune", "essai"];
  const tab = function (name) { return document.getElementById("onglet-" + name); };
  const pane = function (name) { return document.getElementById("volet-" + name); };
  let opener = null;

  const select = function (name) {
    names.forEach(function (other) {
      tab(other).setAttribute("aria-selected", String(other === name));
      tab(other).tabIndex = other === name ? 0 : -1;
      pane(other).hidden = other !== name;
    });
  };

  /* Opens on a tab; focus comes back to where it was when the panel closes. */
  this.open = function (name, focus) {
    if (root.hidden) { opener = document.activeElement; }
    root.hidden = false;
    select(name);
    if (focus) { pane(name).focus({ preventScroll: true }); }
  };
  this.isOpen = function () { return !root.hidden; };
  this.close = function () {
    root.hidden = true;
    onClose();
    if (opener && opener.isConnected) { opener.focus({ preventScroll: true }); }
    opener = null;
  };

  names.forEach(function (name, rank) {
    tab(name).addEventListener("click", function () { select(name); });
    tab(name).addEventListener("keydown", function (event) {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) { return; }
      const next = names[(rank + step + names.length) % names.length];
      select(next);
      tab(next).focus();
    });
  });
  document.getElementById("fermer-panneau").addEventListener("click", this.close);
  root.addEventListener("keydown", (function (event) {
    if (event.key === "Escape") { this.close(); }
  }).bind(this));
};

ZB.Sheet = function (mesh, values, parts, look) {
  const root = document.getElementById("volet-commune");
  const theme = ZB.settings.themes[0];
  const kept = new Map();
  let shown = -1;

  const swatch = function (rank) {
    return document.querySelector("[data-theme='" + theme.cle + "'] [data-classe='" + rank + "'] svg").cloneNode(true);
  };
  const status = function (rank, words) {
    return ZB.element("p", { class: "situation" }, swatch(rank), ZB.element("span", {}, words));
  };
  const filedRank = function (row) {
    const filed = values.filed;
    return values.statusRank(filed.statut[row], filed.gravite[row], filed.inconnu[row]);
  };

  this.title = function (row) {
    const unit = values.unitOfRow[row];
    return mesh.names[unit] + " (" + mesh.codes[unit] + ")";
  };

  const situation = function (row) {
    const now = look.statusOf(row), before = filedRank(row);
    const text = ZB.settings.textes_statut[now];
    if (!values.totals.apres) { return [status(now, text)]; }
    if (now === before) { return [status(now, text), ZB.element("p", { class: "aide" }, ZB.t("essai.commune_inchangee"))]; }
    return [
      ZB.element("p", { class: "mention" }, ZB.t("essai.commune_change")),
      status(now, ZB.t("essai.dans_essai") + " " + text),
      status(before, ZB.t("essai.dans_etude") + " " + ZB.settings.textes_statut[before]),
    ];
  };

  const partList = function (row) {
    const own = parts.parties.commune.flatMap(function (commune, part) { return commune === row ? [part] : []; });
    if (!own.length) { return []; }
    const list = own.map(function (part, rank) {
      const style = look.partStyle(part);
      return ZB.element("li", {}, swatch(style), ZB.element("span", {}, ZB.t("carte.partie", {
        rang: rank + 1, part: ZB.percent(parts.parties.part[part]), situation: theme.classes[style].texte,
      })));
    });
    return [ZB.element("p", {}, ZB.t("carte.commune_coupee")), ZB.element("ul", { class: "parties" }, ...list)];
  };

  const facts = function (row) {
    const list = ZB.element("dl", { class: "faits" });
    const taken = ZB.settings.themes.filter(function (item) { return item.genre !== "statut" && item.genre !== "structures"; });
    for (const item of taken) {
      const words = values.told(item, row, values.classesOf(item));
      list.append(ZB.element("div", {}, ZB.element("dt", {}, item.titre), ZB.element("dd", {}, words)));
    }
    const names = values.structuresOf(row).map(function (rank) { return values.structures.nom[rank]; });
    list.append(ZB.element("div", {}, ZB.element("dt", {}, ZB.t("carte.structures")), ZB.element("dd", {}, names.join("\u202f; ") || ZB.t("carte.aucune"))));
    return list;
  };

  const detail = async function (row, box) {
    const code = mesh.codes[values.unitOfRow[row]];
    if (!kept.has(code)) {
      const answer = await fetch(ZB.settings.adresses.communes + "/" + code + "/fiche").catch(function () { return null; });
      kept.set(code, answer && answer.ok ? await answer.text() : null);
    }
    if (shown !== row) { return; }
    const html = kept.get(code);
    if (html === null) { box.replaceChildren(facts(row)); return; }
    box.innerHTML = html;
    /* Said above, where they follow the what-if. */
    box.querySelectorAll("h2, .statut-grand").forEach(function (said) { said.remove(); });
  };

  /* Shows a commune; the filed sheet comes from the server, the situation follows the what-if. */
  this.show = function (row) {
    const unit = values.unitOfRow[row];
    const fresh = shown !== row || !root.querySelector(".detail");
    shown = row;
    const box = fresh ? ZB.element("div", { class: "detail" }) : root.querySelector(".detail");
    const people = mesh.population[unit];
    const place = mesh.levels.departement[mesh.departements[unit]] || mesh.departements[unit];
    root.replaceChildren(
      ZB.element("h2", { id: "titre-commune" }, this.title(row)),
      ZB.element("p", { class: "aide" }, place + " – " + (people === null ? ZB.t("carte.population_inconnue") : ZB.counted(people, "habitant"))),
      ...situation(row),
      ...(mesh.drawn(unit) ? [] : [ZB.element("p", { class: "mention" }, ZB.t("carte.sans_contour"))]),
      ...partList(row), box,
    );
    if (values.totals.apres) { box.before(ZB.element("p", { class: "aide" }, ZB.t("essai.fiche_etude"))); }
    if (fresh) { detail(row, box); }
  };
  this.refresh = function () { if (shown >= 0) { this.show(shown); } };
  this.shown = function () { return shown; };
  this.forget = function () { shown = -1; };
};
