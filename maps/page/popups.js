/* What a commune and a zone say of themselves when asked. */

ZB.Popups = function (data) {
  const communes = data.communes, zones = data.zones, styles = data.styles;

  const facts = function (rows) {
    const list = ZB.element("dl", { class: "faits" });
    for (const [term, value] of rows) {
      if (value === undefined) { continue; }
      list.append(ZB.element("div", {}, ZB.element("dt", {}, term), ZB.element("dd", {}, value)));
    }
    return list;
  };

  const classes = function (mask) {
    return data.classes.filter(function (_, rank) { return mask & (1 << rank); }).join(", ");
  };

  const status = function (rank) {
    const drawn = document.getElementById("echantillon-" + styles[rank].key);
    return ZB.element("p", { class: "situation" }, drawn.firstElementChild.cloneNode(true), " ", styles[rank].label);
  };

  const decision = function (row) {
    if (zones.kept[row]) { return "zone retenue"; }
    return zones.waiting[row] ? "zone à documenter : besoin inconnu" : "zone non retenue";
  };

  const area = function (value) {
    return value === null ? "inconnue" : value ? ZB.integer(value) + "\u00a0km²" : "moins de 1\u00a0km²";
  };

  const known = function (mask) {
    if (!mask) { return "toutes les catégories d’acheteurs"; }
    if (mask === (1 << data.classes.length) - 1) { return "aucun besoin connu"; }
    return "en partie ; besoin inconnu : " + classes(mask);
  };

  const inhabitants = function (value) {
    return value === null ? "inconnue" : ZB.counted(value, "habitant");
  };

  const mixed = function (parts) {
    const names = ["en périmètre principal", "par extension seule", "non couverts"];
    return parts.map(function (part, rank) { return ZB.percent(part) + " " + names[rank]; }).join(", ");
  };

  const suppliers = function (row) {
    const named = communes.structures[row].map(function (rank) { return data.structures[rank]; });
    return named.length ? named.join(" ; ") : "aucune";
  };

  const communeFacts = function (row) {
    return facts([
      ["Population", inhabitants(communes.population[row])],
      ["Besoin connu", known(communes.unknown[row])],
      ["Besoin", ZB.hours(communes.need[row])],
      ["dont État et opérateurs", ZB.hours(communes.stateNeed[row])],
      ["Taux de réponse", communes.rate[0][communes.rate[1][row]]],
      ["Taux de réponse État", communes.stateRate[0][communes.stateRate[1][row]]],
      ["Sans réponse", communes.unserved[row] ? "aucun poste ne sert : " + classes(communes.unserved[row]) : undefined],
      ["Part du territoire", communes.mixed[row] ? mixed(communes.mixed[row]) : undefined],
      ["Structures", suppliers(row)],
    ]);
  };

  this.commune = function (row, openZone) {
    const zone = communes.zone[row];
    const box = ZB.element("div", { class: "fiche", tabindex: "-1" },
      ZB.element("h2", {}, communes.name[row] + " (" + communes.code[row] + ")"),
      status(communes.style[row]), communeFacts(row));
    if (zone >= 0) {
      box.append(ZB.element("p", { class: "motif" }, zones.reason[zone]));
      const button = ZB.element("button", { type: "button" }, "Voir la zone " + zones.id[zone]);
      button.addEventListener("click", function () { openZone(zone); });
      box.append(ZB.element("p", {}, decision(zone) + " "), button);
    }
    return box;
  };

  const breakEven = function (row) {
    const value = zones.breakEven[row];
    if (styles[zones.style[row]].status !== "capacite_insuffisante") { return undefined; }
    return value === null ? "aucun" : ZB.hours(value) + " par ETP et par an";
  };

  const need = function (row) {
    const hours = ZB.hours(zones.need[row]);
    return zones.known[row] === "inconnu" ? "inconnu (partie connue : " + hours + ")" : hours + " (" + zones.known[row] + ")";
  };

  const zoneFacts = function (row) {
    return facts([
      ["Décision", decision(row)],
      ["Départements", zones.departements[row]],
      ["Étendue", ZB.counted(zones.communes[row], "commune") + ", " + area(zones.area[row])],
      ["Population", inhabitants(zones.population[row])],
      ["Besoin", need(row)],
      ["dont État et opérateurs", ZB.hours(zones.stateNeed[row])],
      ["Déficit équitable", ZB.hours(zones.deficit[row])],
      ["Déficit prouvé", ZB.hours(zones.proved[row])],
      ["ETP manquants", zones.etp[row]],
      ["Seuil de bascule", breakEven(row)],
    ]);
  };

  this.zone = function (row) {
    const box = ZB.element("div", { class: "fiche", tabindex: "-1" },
      ZB.element("h2", {}, "Zone " + zones.id[row]), status(zones.style[row]),
      ZB.element("p", { class: "motif" }, zones.reason[row]), zoneFacts(row));
    if (zones.certificates[row].length) {
      const list = ZB.element("ul", {});
      for (const rank of zones.certificates[row]) { list.append(ZB.element("li", {}, data.certificates[rank])); }
      box.append(ZB.element("h3", {}, "Ce qui le prouve"), list);
    }
    return box;
  };

  this.label = function (kind, row) {
    const table = kind === "zone" ? zones : communes;
    const name = kind === "zone" ? "Zone " + zones.id[row] : communes.name[row] + " (" + communes.code[row] + ")";
    return ZB.element("span", {}, ZB.element("strong", {}, name), ZB.element("br"), styles[table.style[row]].short);
  };
};
