"use strict";
/* The vertices of one ring as a table: everything that the mouse does on the map, by the keyboard. */

/* `drawing` gives `surfaces`, `ring` ([surface, rank] of the one chosen), `change`, `centre`, `say`. */
ZB.Vertices = function (drawing) {
  const MOST = 50;
  const find = function (id) { return document.getElementById(id); };
  const choice = find("contour-choisi"), body = find("sommets"), about = find("sommets-pages");
  let first = 0;

  const chosen = function () {
    const [surface, rank] = drawing.ring;
    return (drawing.surfaces[surface] || [])[rank] || [];
  };
  const button = function (key, number, act) {
    const made = ZB.element("button", { type: "button", class: "discret" }, ZB.t("dessin." + key));
    made.append(ZB.element("span", { class: "cache" }, " " + ZB.t("dessin.du_sommet", { numero: number })));
    made.addEventListener("click", act);
    return made;
  };
  const field = function (key, rank, at) {
    const name = ZB.t("dessin." + key) + " " + ZB.t("dessin.du_sommet", { numero: rank + 1 });
    const made = ZB.element("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": name });
    made.value = String(chosen()[rank][at]);
    made.addEventListener("change", function () {
      const sign = /^\s*[-−]/.test(made.value) ? "-" : "";
      const typed = ZB.typedNumber(made.value.replace(/^\s*[-−+]/, ""));
      const most = at ? 180 : 90;
      if (typed === null || Number(typed) > most) { made.setAttribute("aria-invalid", "true"); return; }
      made.removeAttribute("aria-invalid");
      /* The table stays: the keyboard is on its way to the next field. */
      drawing.change(function () { chosen()[rank][at] = Number(sign + typed); }, { still: true });
    });
    made.addEventListener("keydown", function (event) {
      if (event.key !== "Enter") { return; }
      event.preventDefault();
      made.dispatchEvent(new Event("change"));
    });
    return made;
  };
  const row = function (rank) {
    const vertex = function (said, act) {
      return function () {
        drawing.change(function () { act(chosen()); });
        drawing.say(said, { numero: rank + 1 });
        focus(rank);
      };
    };
    return ZB.element("tr", {},
      ZB.element("th", { scope: "row" }, String(rank + 1)),
      ZB.element("td", {}, field("longitude", rank, 1)),
      ZB.element("td", {}, field("latitude", rank, 0)),
      ZB.element("td", {},
        button("placer_au_centre", rank + 1, vertex("sommet_place", function (ring) { ring[rank] = drawing.centre(); })), " ",
        button("inserer_apres", rank + 1, vertex("sommet_insere", function (ring) { ring.splice(rank + 1, 0, drawing.centre()); })), " ",
        button("retirer_sommet", rank + 1, vertex("sommet_retire", function (ring) { ring.splice(rank, 1); }))));
  };
  /* The row that was acted on keeps the focus, else the one before. */
  const focus = function (rank) {
    const rows = body.rows;
    const at = rows[Math.min(rank - first, rows.length - 1)];
    (at ? at.querySelector("button") : find("ajouter-sommet")).focus();
  };

  this.refresh = function () {
    choice.replaceChildren(...drawing.surfaces.flatMap(function (rings, surface) {
      return rings.map(function (ring, rank) {
        const key = rank ? "dessin.trou_numero" : "dessin.contour_numero";
        const text = ZB.t(key, { surface: surface + 1, trou: rank }) + " – " + ZB.counted(ring.length, "sommet");
        const made = ZB.element("option", { value: surface + "/" + rank }, text);
        made.selected = surface === drawing.ring[0] && rank === drawing.ring[1];
        return made;
      });
    }));
    const ring = chosen();
    first = Math.max(0, Math.min(first, Math.floor((ring.length - 1) / MOST) * MOST));
    const last = Math.min(first + MOST, ring.length);
    body.replaceChildren(...Array.from({ length: last - first }, function (_, at) { return row(first + at); }));
    find("table-sommets").hidden = !ring.length;
    find("retirer-contour").disabled = !drawing.surfaces.length;
    find("commencer-trou").disabled = !drawing.surfaces.length;
    about.hidden = ring.length <= MOST;
    find("sommets-dits").textContent = ZB.t("dessin.sommets_montres", { premier: first + 1, dernier: last, tous: ring.length });
    find("sommets-avant").disabled = first === 0;
    find("sommets-apres").disabled = last === ring.length;
  };
  const turn = function (step) { return function () { first += step; this.refresh(); }; };
  find("sommets-avant").addEventListener("click", turn(-MOST).bind(this));
  find("sommets-apres").addEventListener("click", turn(MOST).bind(this));
  choice.addEventListener("change", (function () {
    drawing.ring = choice.value.split("/").map(Number);
    first = 0;
    this.refresh();
  }).bind(this));
};
