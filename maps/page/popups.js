/* What a commune and a zone say of themselves when asked. */

ZB.Popups = function (data) {
  const communes = data.communes, zones = data.zones, parts = data.parts, styles = data.styles;

  const facts = function (rows) {
    const list = ZB.element("dl", { class: "faits" });
    for (const [term, value] of rows) {
      if (value === undefined) { continue; }
      list.append(ZB.element("div", {}, ZB.element("dt", {}, term), ZB.element("dd", {}, value)));
    }
    return list;
  };

  /* Parts of each commune that a drawn border cuts, by commune; the first is « partie 1 ». */
  const partsOf = new Map();
  parts.commune.forEach(function (row, part) {
    if (!partsOf.has(row)) { partsOf.set(row, []); }
    partsOf.get(row).push(part);
  });

  this.partCount = function (row) { return partsOf.has(row) ? partsOf.get(row).length : 0; };

  const partName = function (part) {
    return "partie\u00a0" + (partsOf.get(parts.commune[part]).indexOf(part) + 1);
  };

  const shareOf = function (part) { return ZB.percent(parts.share[part]) + " de la surface"; };

  const classes = function (mask) {
    return data.classes.filter(function (_, rank) { return mask & (1 << rank); }).join(", ");
  };

  const swatch = function (rank) {
    return document.getElementById("echantillon-" + styles[rank].key).firstElementChild.cloneNode(true);
  };

  const status = function (rank) {
    return ZB.element("p", { class: "situation" }, swatch(rank), " ", styles[rank].label);
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

  /* Names of services or of projects; said unknown where no file speaks of them. */
  const sites = function (names, none) {
    if (names === null) { return "inconnus : aucun fichier déposé"; }
    return names.length ? names.join(" ; ") : none;
  };

  /* Of a commune, only what is there is told. */
  const sitesOf = function (byRow, row) {
    return byRow && byRow[row] ? byRow[row].join(" ; ") : undefined;
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
      ["Services de l’État non accompagnés", sitesOf(communes.services, row)],
      ["Grands projets", sitesOf(communes.projects, row)],
    ]);
  };

  const titleOf = function (row) { return communes.name[row] + " (" + communes.code[row] + ")"; };

  const zoneButton = function (zone, openZone) {
    const button = ZB.element("button", { type: "button" }, "Voir la zone " + zones.id[zone]);
    button.addEventListener("click", function () { openZone(zone); });
    return button;
  };

  /* No rate is decided by part: the shade of one that its commune does not show is its zone's. */
  const shade = function (part) {
    const short = styles[parts.style[part]].status === "capacite_insuffisante";
    return short && !parts.shown[part] ? " Le taux de réponse indiqué est celui de la zone entière." : "";
  };

  const reason = function (zone, openZone) {
    return [ZB.element("p", { class: "motif" }, zones.reason[zone]),
      ZB.element("p", {}, decision(zone) + " "), zoneButton(zone, openZone)];
  };

  const partList = function (row, openZone, told) {
    return ZB.element("ul", { class: "parties" }, ...partsOf.get(row).map(function (part) {
      const words = partName(part) + " : " + shareOf(part) + ", " + styles[parts.style[part]].short;
      const item = ZB.element("li", {}, swatch(parts.style[part]));
      if (part === told) { item.append(ZB.element("span", {}, ZB.element("strong", {}, words), " (ci-dessus)")); }
      else { item.append(ZB.element("span", {}, words, " ", zoneButton(parts.zone[part], openZone))); }
      return item;
    }));
  };

  /* A commune; of one that is cut, the part told if there is one, and all its parts. */
  this.commune = function (row, openZone, told) {
    const box = ZB.element("div", { class: "fiche", tabindex: "-1" });
    if (!partsOf.has(row)) {
      box.append(ZB.element("h2", {}, titleOf(row)), status(communes.style[row]), communeFacts(row));
      if (communes.zone[row] >= 0) { box.append(...reason(communes.zone[row], openZone)); }
      return box;
    }
    if (told === undefined) {
      box.append(ZB.element("h2", {}, titleOf(row)), status(communes.style[row]),
        ZB.element("p", {}, "Commune coupée par un périmètre dessiné : c’est la situation de la partie où le besoin est le plus fort."));
    } else {
      box.append(ZB.element("h2", {}, titleOf(row) + ", " + partName(told)), status(parts.style[told]),
        ZB.element("p", {}, shareOf(told) + " de la commune, coupée par un périmètre dessiné." + shade(told)),
        ...reason(parts.zone[told], openZone));
    }
    box.append(ZB.element("h3", {}, "Ses parties"), partList(row, openZone, told),
      ZB.element("h3", {}, "La commune entière"), communeFacts(row));
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
      ["Services de l’État non accompagnés", sites(zones.services[row], "aucun")],
      ["Services de l’État à préciser", zones.doubtful[row] ? ZB.integer(zones.doubtful[row]) : undefined],
      ["Grands projets", sites(zones.projects[row], "aucun")],
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

  const label = function (name, ...words) {
    const lines = words.flatMap(function (word) { return [ZB.element("br"), word]; });
    return ZB.element("span", {}, ZB.element("strong", {}, name), ...lines);
  };

  /* What is said of what the pointer shows. */
  this.label = function (item) {
    const words = styles[item.style].short;
    if (item.commune === undefined) { return label("Zone " + zones.id[item.zone], words); }
    if (item.part === undefined) { return label(titleOf(item.commune), words); }
    return label(titleOf(item.commune) + ", " + partName(item.part), words, shareOf(item.part));
  };

  this.title = titleOf;
};
