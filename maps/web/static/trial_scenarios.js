"use strict";
/* A what-if saved as a scenario of the register, and opened again: nobody overwrites what they have
   not seen. The tab remembers which revision it started from. */

ZB.TrialScenarios = function (state) {
  const address = ZB.settings.adresses.scenarios;
  if (!address) { return; }
  const place = ZB.TrialState.place + "/scenario";
  const find = function (id) { return document.getElementById(id); };
  const choice = find("scenario-choix"), form = find("scenario-enregistrer"), conflict = find("scenario-conflit");
  const name = form.elements.nom, description = form.elements.description;
  const said = find("scenario-dit"), fault = find("scenario-faute"), current = find("scenario-ouvert");
  let open = null;

  const remembered = function () {
    try { return JSON.parse(sessionStorage.getItem(place)); } catch { return null; }
  };
  const become = function (scenario) {
    open = { numero: scenario.numero, nom: scenario.nom, revision: scenario.revision, description: scenario.description };
    try { sessionStorage.setItem(place, JSON.stringify(open)); } catch { /* Only the memory of the tab is lost. */ }
    name.value = scenario.nom;
    description.value = scenario.description;
    conflict.hidden = true;
    conflict.replaceChildren();
    current.textContent = ZB.t("essai.scenario_ouvert", scenario);
  };

  const list = async function () {
    const known = await ZB.fetched(address + "?limite=1000");
    const kept = known.filter(function (each) { return !each.archive; });
    choice.replaceChildren(...kept.map(function (each) {
      return ZB.element("option", { value: each.numero }, each.nom);
    }));
    if (open) { choice.value = open.numero; }
    choice.form.hidden = !kept.length;
  };

  const take = function (facts) {
    state.load(facts.modifications.map(function (each) { return each.demande; }));
    become(facts.scenario);
    const lost = facts.non_retrouvees.map(function (each) { return each.texte + " (" + each.raison + ")"; });
    fault.textContent = lost.length ? ZB.t("essai.scenario_perdues", { liste: lost.join(" ; ") }) : "";
    said.textContent = ZB.t("essai.scenario_charge", facts.scenario);
  };
  const read = async function (number) {
    fault.textContent = "";
    try { take(await ZB.fetched(address + "/" + number)); } catch (error) { fault.textContent = error.message; }
  };

  const send = async function (content) {
    fault.textContent = "";
    said.textContent = "";
    try {
      const facts = await ZB.fetched(address, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content),
      });
      become(facts.scenario);
      said.textContent = ZB.t("essai.scenario_enregistre", facts.scenario);
      await list();
    } catch (error) {
      if (error.status === 409 && error.problem.enregistre) { crossed(error.problem); } else { fault.textContent = error.message; }
    }
  };
  /* What the form says; a name that is not that of the scenario opened makes another one. */
  const typed = function () {
    const same = open && open.nom === name.value.trim();
    return {
      nom: name.value.trim(), revision: same ? open.revision : null,
      description: description.value, modifications: state.question(),
    };
  };

  /* Someone saved meanwhile: both contents, and three ways on. */
  const crossed = function (problem) {
    const theirs = problem.enregistre.scenario, mine = problem.propose;
    const cell = function (yes) { return ZB.element("td", {}, ZB.t(yes ? "essai.oui" : "essai.non")); };
    const head = ["essai.conflit_change", "essai.conflit_sien", "essai.conflit_mien"].map(function (key) {
      return ZB.element("th", { scope: "col" }, ZB.t(key, theirs));
    });
    const rows = problem.lignes.map(function (line) {
      return ZB.element("tr", {}, ZB.element("th", { scope: "row" }, line.texte), cell(line.enregistre), cell(line.propose));
    });
    const button = function (key, act) {
      const made = ZB.element("button", { type: "button" }, ZB.t(key, theirs));
      made.addEventListener("click", act);
      return made;
    };
    /* Modifications as they are here: those of another version have rows that are not of this one. */
    const over = Object.assign({}, mine, { nom: theirs.nom, revision: theirs.revision, modifications: state.question() });
    delete over.format;
    delete over.etude;
    conflict.replaceChildren(
      ZB.element("p", { class: "faute", tabindex: "-1" }, ZB.t("essai.conflit", theirs)),
      ZB.element("table", { class: "totaux" }, ZB.element("thead", {}, ZB.element("tr", {}, ...head)), ZB.element("tbody", {}, ...rows)),
      ZB.element("p", { class: "commandes" },
        button("essai.conflit_prendre", function () { take(problem.enregistre); choice.focus(); }),
        button("essai.conflit_dessus", function () { send(over); name.focus(); }),
        button("essai.conflit_autre", function () { name.value = ZB.t("essai.conflit_copie", theirs); name.focus(); name.select(); })));
    conflict.hidden = false;
    conflict.firstElementChild.focus();
  };

  form.addEventListener("submit", function (event) { event.preventDefault(); send(typed()); });
  choice.form.addEventListener("submit", function (event) { event.preventDefault(); read(choice.value); });

  /* The scenario that the address asks for, else the one that the tab had opened. */
  const asked = new URL(window.location.href);
  const number = asked.searchParams.get("scenario");
  if (number) {
    asked.searchParams.delete("scenario");
    history.replaceState(null, "", asked);
    read(number);
  } else if (remembered()) {
    open = remembered();
    name.value = open.nom;
    description.value = open.description;
    current.textContent = ZB.t("essai.scenario_ouvert", open);
  }
  list().catch(function (error) { fault.textContent = error.message; });
};

/* Whether the address asks for a scenario. */
ZB.TrialScenarios.asked = function () { return new URL(window.location.href).searchParams.has("scenario"); };
