"use strict";
/* Figures of the communes: those of the study, those of a what-if laid over them, and the class
   that each theme puts them in. Rows are those of the values; units those of the mesh. */

ZB.Values = function (data, mesh) {
  const filed = data.communes;
  const rows = filed.code.length;
  const unitOfRow = Int32Array.from(filed.code, function (code) { return mesh.unitOf.get(code); });
  const rowOfUnit = new Int32Array(mesh.units).fill(-1);
  unitOfRow.forEach(function (unit, row) { rowOfUnit[unit] = row; });
  const zoneNames = data.zones.id.slice();
  const zoneNumber = new Map(zoneNames.map(function (id, number) { return [id, number]; }));
  const changing = ["statut", "mixte", "gravite", "taux", "taux_etat", "deficit_h", "zone"];

  this.rows = rows;
  this.filed = filed;
  this.structures = data.structures;
  this.regions = data.regions;
  this.statuts = data.statuts;
  this.unitOfRow = unitOfRow;
  this.rowOfUnit = rowOfUnit;
  this.totals = { avant: data.totaux, apres: null };
  this.changed = [];
  this.partStatus = null;

  const numberOfZone = function (id) {
    if (id === null || id === "") { return -1; }
    if (!zoneNumber.has(id)) { zoneNumber.set(id, zoneNames.length); zoneNames.push(id); }
    return zoneNumber.get(id);
  };
  const gravityOf = function (value) {
    return typeof value === "number" ? value : data.gravites.indexOf(value || "");
  };
  const zoneRecords = function (columns) {
    return new Map(columns.id.map(function (id, rank) {
      return [numberOfZone(id), { id: id, statut: columns.statut[rank], retenue: Boolean(columns.retenue[rank]) }];
    }));
  };

  /* Units that a change of values touches, all where zones are kept that were not, or no more. */
  const keptZones = function (zones) {
    return [...zones].filter(function ([, record]) { return record.retenue; }).map(function ([zone]) { return zone; }).sort().join();
  };
  const touching = function (values, change) {
    const rows = values.changed, partly = values.partStatus, before = values.zones && keptZones(values.zones);
    change();
    const cut = partly !== values.partStatus && Boolean((partly && partly.size) || (values.partStatus && values.partStatus.size));
    values.touched = before === keptZones(values.zones) && !cut
      ? [...new Set([...rows, ...values.changed])].map(function (row) { return unitOfRow[row]; }) : null;
  };

  const backToStudy = function () {
    this.now = Object.assign({}, filed);
    this.zones = zoneRecords(data.zones);
    this.totals.apres = null;
    this.changed = [];
    this.partStatus = null;
  };
  /* Back to the study. */
  this.reset = function () { touching(this, backToStudy.bind(this)); };

  /* Lays the answer of a what-if over the study. */
  const lay = function (answer) {
    backToStudy.call(this);
    for (const name of changing) { this.now[name] = filed[name].slice(); }
    const given = answer.communes;
    given.rang.forEach(function (row, rank) {
      for (const name of changing) {
        const value = given[name][rank];
        this.now[name][row] = name === "zone" ? numberOfZone(value) : name === "gravite" ? gravityOf(value) : value;
      }
    }, this);
    this.changed = given.rang;
    this.zones = zoneRecords(answer.zones);
    this.totals = answer.totaux;
    this.partStatus = new Map(answer.parties.rang.map(function (part, rank) { return [part, answer.parties.statut[rank]]; }));
  };
  this.apply = function (answer) { touching(this, lay.bind(this, answer)); };

  this.zoneName = function (row) { return this.now.zone[row] < 0 ? "" : zoneNames[this.now.zone[row]]; };
  this.isKept = function (zone) {
    const record = this.zones.get(zone);
    return Boolean(record && record.retenue);
  };
  this.structuresOf = function (row) { return data.ensembles[filed.structures[row]]; };

  /* Rows of the communes that a structure reaches in the study, one flag by unit. */
  this.reach = function (structure) {
    const held = data.ensembles.map(function (list) { return list.includes(structure); });
    const flags = new Uint8Array(mesh.units);
    filed.structures.forEach(function (set, row) { if (held[set]) { flags[unitOfRow[row]] = 1; } });
    return flags;
  };

  /* ---- classes of the themes ---- */
  const rankOf = function (theme, key) { return theme.classes.findIndex(function (item) { return item.cle === key; }); };

  const statusRanks = function (theme) {
    const table = new Map(theme.classes.map(function (item, rank) { return [item.statut + "/" + item.nuance, rank]; }));
    return function (statut, gravite, unknown) {
      const name = data.statuts[statut];
      let nuance = "";
      if (name === "couverte" && unknown) { nuance = "partiel"; }
      if (name === "capacite_insuffisante") { nuance = data.gravites[gravite] || "<1"; }
      return table.get(name + "/" + nuance);
    };
  };
  const statusRank = statusRanks(ZB.settings.themes[0]);
  this.statusRank = statusRank;

  const sorters = {
    statut: function () {
      return function (row) { return statusRank(this.now.statut[row], this.now.gravite[row], filed.inconnu[row]); };
    },
    taux: function (theme) {
      const [zero, low, middle, high, known, whole, none, unknown] =
        ["zero", "bas", "moyen", "haut", "entier_connu", "entier", "sans_besoin", "inconnu"].map(rankOf.bind(null, theme));
      return function (row) {
        const value = this.now[theme.colonne][row], missing = filed.inconnu[row] & theme.masque;
        if (value === null) { return missing ? unknown : none; }
        if (value === 0) { return zero; }
        if (value >= 1) { return missing ? known : whole; }
        return value < theme.bornes[0] ? low : value < theme.bornes[1] ? middle : high;
      };
    },
    heures: function (theme) {
      const unknown = rankOf(theme, "inconnu"), partly = rankOf(theme, "h0_connu");
      const steps = theme.classes.map(function (item, rank) { return /^h\d$/.test(item.cle) ? rank : -1; })
        .filter(function (rank) { return rank >= 0; });
      return function (row) {
        const value = this.now[theme.colonne][row];
        if (value === null || value === undefined) { return unknown; }
        if (!value && filed.inconnu[row] & theme.masque) { return partly; }
        let step = 0;
        while (step < theme.bornes.length && value >= theme.bornes[step]) { step += 1; }
        return steps[step];
      };
    },
    structures: function (theme) {
      return function (row) { return Math.min(data.ensembles[filed.structures[row]].length, theme.classes.length - 1); };
    },
  };

  /* The class of each row in a theme. */
  this.classesOf = function (theme) {
    const sort = sorters[theme.genre](theme).bind(this);
    const found = new Int16Array(rows);
    for (let row = 0; row < rows; row += 1) { found[row] = sort(row); }
    return found;
  };

  /* What a theme says of a row, in words. */
  this.told = function (theme, row, classes) {
    const words = theme.classes[classes[row]].texte, value = this.now[theme.colonne][row];
    if (theme.genre === "taux" && value !== null) { return ZB.rate(value); }
    if (theme.genre === "heures" && value !== null) { return ZB.hours(value); }
    if (theme.genre === "structures") { return ZB.counted(data.ensembles[value].length, "structure"); }
    return words;
  };

  this.reset();
};
