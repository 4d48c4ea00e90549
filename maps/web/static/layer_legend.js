"use strict";
/* What the legend says of a layer: its signs and counts, its year, what has no place, a list of
   what is in view by which the keyboard reaches each thing. */

ZB.LayerLegend = function (root, layer, events) {
  const MOST = 40;
  const data = layer.data, columns = data.objets;
  const counted = function (count) { return ZB.counted(count, data.un, data.plusieurs); };

  const rows = data.groupes.map(function (group, rank) {
    const count = ZB.element("span", { class: "compte", "data-groupe": group.cle });
    return ZB.element("li", {}, layer.swatch(rank), ZB.element("span", {}, group.texte, count));
  });
  const said = ZB.element("p", { class: "aide", role: "status" });

  /* ---- the year ---- */
  const year = ZB.element("input", { type: "range", id: "annee-" + data.nom, step: "1", class: "ecran", autocomplete: "off" });
  const yearSaid = ZB.element("output", { for: year.id });
  const yearRow = ZB.element("p", { class: "annee" }, ZB.element("label", { for: year.id }, ZB.t("carte.couche_annee"), " "), yearSaid, year);
  if (data.annees) {
    year.min = data.annees.premiere;
    year.max = data.annees.derniere;
    year.addEventListener("input", function () { events.year(Number(year.value)); });
  }

  /* ---- what has no place ---- */
  const left = data.non_traces.map(function (item) { return ZB.element("li", {}, item.titre + "\u202f: " + item.motif); });
  const leftList = ZB.element("details", {}, ZB.element("summary", {}, ZB.t("carte.couche_sans_place", { nombre: ZB.integer(left.length) })), ZB.element("ul", {}, ...left));

  /* ---- what is in view ---- */
  const summary = ZB.element("summary"), list = ZB.element("ul");
  const inView = ZB.element("details", { class: "ecran" }, summary, list);
  const fill = function () {
    const found = events.inView();
    summary.textContent = ZB.t("carte.couche_vue", { nombre: ZB.integer(found.length) });
    if (!inView.open) { return; }
    list.replaceChildren(...found.slice(0, MOST).map(function (rank) {
      const button = ZB.element("button", { type: "button", "data-objet": columns.id[rank] }, layer.swatchOf(rank), columns.titre[rank]);
      button.addEventListener("click", function () { events.choose(rank); });
      return ZB.element("li", {}, button);
    }));
    if (found.length > MOST) {
      list.append(ZB.element("li", { class: "aide" }, ZB.t("carte.couche_autres", { nombre: ZB.integer(found.length - MOST) })));
    }
  };
  inView.addEventListener("toggle", fill);
  /* Where focus comes back after a popup opened from the list, which has been made again since. */
  this.focus = function (rank) {
    const button = [...list.querySelectorAll("button")].find(function (own) { return own.dataset.objet === columns.id[rank]; });
    (button || summary).focus({ preventScroll: true });
  };

  const totals = function () {
    const counts = data.comptes, words = [ZB.t("carte.couche_tracees", { nombre: ZB.integer(counts.traces) })];
    if (counts.non_traces) { words.push(ZB.t("carte.couche_non_tracees", { nombre: ZB.integer(counts.non_traces) })); }
    if (counts.hors_regions) { words.push(ZB.t("carte.couche_hors", { nombre: ZB.integer(counts.hors_regions) })); }
    return ZB.t("carte.couche_total", { nombre: counted(counts.deposes), parts: words.join(", ") });
  };

  /* Counts again: after a change of région, year or view. */
  this.refresh = function () {
    if (!data.connu) { return; }
    const counts = layer.counts();
    rows.forEach(function (row, rank) {
      const count = row.querySelector(".compte");
      count.textContent = counted(counts[rank]);
      count.dataset.nombre = counts[rank];
    });
    if (data.annees) {
      const total = counted(counts.reduce(function (sum, count) { return sum + count; }, 0));
      year.value = String(layer.year);
      year.setAttribute("aria-valuetext", layer.year + "\u202f: " + total);
      yearSaid.textContent = layer.year + "\u202f: " + total;
    }
    fill();
  };

  said.textContent = data.connu ? totals() : data.constat;
  root.replaceChildren(
    said, ...(data.annees && data.connu ? [yearRow] : []),
    ...(rows.length ? [ZB.element("ul", { class: "signes-couche" }, ...rows)] : []),
    ...(left.length ? [leftList] : []), ...(layer.size ? [inView] : []),
  );
};
