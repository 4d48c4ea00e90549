"use strict";
/* The fields of a what-if: posts of the structures that reach a place, parameters. */

/* A number with its slider; `take` gets an exact text, or says what is wrong with it. */
ZB.numberField = function (options) {
  const id = options.id;
  const input = ZB.element("input", { type: "text", inputmode: "decimal", id: id, value: ZB.written(options.value), autocomplete: "off", "aria-describedby": id + "-faute" });
  const slider = ZB.element("input", {
    type: "range", min: options.min, max: options.max, step: options.step, value: Number(options.value) || options.min,
    "aria-label": options.label, tabindex: "-1",
  });
  const fault = ZB.element("p", { class: "faute", id: id + "-faute", role: "alert" });
  const label = ZB.element("label", { for: id }, options.label);
  const box = ZB.element("div", { class: "nombre-regle" }, label, input, ZB.element("span", { class: "unite" }, options.unit), slider, fault);

  const say = function (words) {
    fault.textContent = words;
    if (words) { input.setAttribute("aria-invalid", "true"); } else { input.removeAttribute("aria-invalid"); }
  };
  const offer = function () {
    const text = ZB.typedNumber(input.value);
    if (text === null) { say(ZB.t("essai.faute_nombre")); return; }
    if (Number(text) < options.least || Number(text) > options.most) {
      say(ZB.t("essai.faute_bornes", { minimum: ZB.written(String(options.least)), maximum: ZB.written(String(options.most)) }));
      return;
    }
    say("");
    slider.value = Number(text);
    options.take(text);
  };
  input.addEventListener("change", offer);
  input.addEventListener("keydown", function (event) {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!step) { return; }
    event.preventDefault();
    const next = Number(slider.value) + step * options.step;
    input.value = ZB.written(String(Math.round(Math.min(options.most, Math.max(options.least, next)) * 1000) / 1000));
    offer();
  });
  slider.addEventListener("input", function () {
    input.value = ZB.written(String(Math.round(Number(slider.value) * 1000) / 1000));
    offer();
  });
  box.say = say;
  return box;
};

ZB.TrialPosts = function (data, values, words, state) {
  const root = document.getElementById("essai-structures");
  const open = new Set();

  const field = function (post) {
    const edit = state.find("etp", "poste", post.poste);
    const value = edit ? edit.etp : post.etp;
    const name = post.poste_id || ZB.t("essai.poste", { rang: post.poste + 1 });
    const most = Math.min(50, Math.max(5, Math.ceil(2 * Number(post.etp))));
    return ZB.numberField({
      id: "poste-" + post.poste, label: name, unit: "ETP", value: value, min: 0, max: most, step: 0.1, least: 0, most: 50,
      take: function (text) {
        if (text === post.etp) { state.remove("etp/" + post.poste); }
        else { state.set({ action: "etp", poste: post.poste, etp: text }); }
      },
    });
  };
  const button = function (text, label, act) {
    const made = ZB.element("button", { type: "button", "aria-label": label }, text);
    made.addEventListener("click", act);
    return made;
  };

  const postLine = function (post, structure) {
    const line = ZB.element("li", { "data-cle": "poste/" + post.poste });
    if (state.find("retrait_poste", "poste", post.poste)) {
      line.append(ZB.element("s", {}, words.etp(post.etp)), " " + ZB.t("essai.poste_retire"));
      return line;
    }
    line.append(field(post), button(ZB.t("essai.retirer"), ZB.t("essai.retirer_poste", { structure: structure, etp: words.etp(post.etp) }), function () {
      state.set({ action: "retrait_poste", poste: post.poste });
    }));
    return line;
  };
  const addedLine = function (edit) {
    const box = ZB.numberField({
      id: "ajout-" + edit.id, label: ZB.t("essai.poste_ajoute"), unit: "ETP", value: edit.etp, min: 0.1, max: 5, step: 0.1, least: 0.01, most: 50,
      take: function (text) { state.set(Object.assign({}, edit, { etp: text })); },
    });
    return ZB.element("li", {}, box, button(ZB.t("essai.retirer"), ZB.t("essai.retirer_ajout"), function () { state.remove(state.keyOf(edit)); }));
  };
  const perimeterLine = function (perimeter) {
    const gone = state.find("retrait_perimetre", "perimetre", perimeter.perimetre);
    const text = data.natures[perimeter.nature] + "\u202f: " + words.place(perimeter) + (perimeter.compte ? "" : " – " + perimeter.etat);
    if (gone) { return ZB.element("li", {}, ZB.element("s", {}, text), " " + ZB.t("essai.retire")); }
    return ZB.element("li", {}, ZB.element("span", {}, text), button(ZB.t("essai.retirer"), ZB.t("essai.retirer_perimetre", { lieu: text }), function () {
      state.set({ action: "retrait_perimetre", perimetre: perimeter.perimetre });
    }));
  };

  const structureBox = function (id) {
    const name = words.structure(id);
    const posts = data.postes.filter(function (post) { return post.structure_id === id && post.volet === "facilitateur"; });
    const perimeters = data.perimetres.filter(function (item) { return item.structure_id === id && item.volet === "facilitateur"; });
    const added = state.edits().filter(function (edit) { return edit.action === "ajout_poste" && edit.structure_id === id; });
    const box = ZB.element("section", { class: "structure" }, ZB.element("h4", {}, name));
    box.append(ZB.element("ul", { class: "postes" }, ...posts.map(function (post) { return postLine(post, name); }), ...added.map(addedLine)));
    box.append(button(ZB.t("essai.ajouter_poste"), ZB.t("essai.ajouter_poste_a", { structure: name }), function () {
      state.set({ action: "ajout_poste", structure_id: id, etp: "0.5" });
    }));
    const list = ZB.element("details", {}, ZB.element("summary", {}, ZB.t("essai.perimetres", { nombre: perimeters.length })),
      ZB.element("ul", { class: "perimetres" }, ...perimeters.map(perimeterLine)));
    list.open = open.has(id);
    list.addEventListener("toggle", function () { if (list.open) { open.add(id); } else { open.delete(id); } });
    box.append(list);
    return box;
  };

  /* What is there but values: as long as it stays, fields are kept, and the one being moved too. */
  const frame = function (ids) {
    const edits = state.edits().filter(function (edit) { return edit.action !== "etp"; });
    return ids.join(" ") + "|" + edits.map(state.keyOf).join(" ");
  };
  const refreshed = function () {
    data.postes.forEach(function (post) {
      const input = document.getElementById("poste-" + post.poste);
      if (input === null || input.parentElement.contains(document.activeElement)) { return; }
      const edit = state.find("etp", "poste", post.poste);
      input.value = ZB.written(edit ? edit.etp : post.etp);
      input.parentElement.querySelector("input[type=range]").value = Number(edit ? edit.etp : post.etp);
      input.parentElement.say("");
    });
  };
  let framed = "";

  /* The structures that reach a place, in the study or by a change. */
  this.show = function (ids, place) {
    document.getElementById("essai-lieu").textContent = place;
    if (ids.length && frame(ids) === framed) { refreshed(); return; }
    framed = frame(ids);
    const within = root.contains(document.activeElement);
    root.replaceChildren(...ids.map(structureBox));
    if (!ids.length) { root.append(ZB.element("p", { class: "aide" }, ZB.t(place ? "essai.aucune_structure" : "essai.choisir"))); }
    if (within) { document.getElementById("volet-essai").focus({ preventScroll: true }); }
  };
};

ZB.TrialParameters = function (data, words, state) {
  const root = document.getElementById("essai-parametres");
  const fields = data.parametres.map(function (item) {
    const share = words.isShare(item);
    const scaled = function (text) { return share && !text.includes("/") ? ZB.shifted(text, 2) : text; };
    const box = ZB.numberField({
      id: "parametre-" + item.nom, label: item.libelle, unit: share ? "%" : "h", value: scaled(item.valeur),
      min: Number(scaled(item.minimum)), max: Number(scaled(item.maximum)), step: share ? 1 : item.nom === "seuil_besoin_h" ? 100 : 500,
      least: Number(scaled(item.minimum)), most: Number(scaled(item.maximum)),
      take: function (text) {
        const value = share ? ZB.shifted(text, -2) : text;
        if (value === item.valeur) { state.remove("parametre/" + item.nom); }
        else { state.set({ action: "parametre", nom: item.nom, valeur: value }); }
      },
    });
    root.append(box);
    return [item, box, scaled];
  });

  /* Puts the fields in accord with the changes, but the one being typed in. */
  this.refresh = function () {
    fields.forEach(function ([item, box, scaled]) {
      const edit = state.find("parametre", "nom", item.nom), input = box.querySelector("input[type=text]");
      const text = scaled(edit ? edit.valeur : item.valeur);
      box.querySelector("input[type=range]").value = Number(text);
      if (document.activeElement !== input) { input.value = ZB.written(text); box.say(""); }
    });
  };
};
