"use strict";
/* How each commune looks now: its class in the theme shown, filters, région, hatching.
   A style is a class twice, plus one when hatched; negative when no class is to be seen. */

ZB.Look = function (mesh, values, parts) {
  const OUTSIDE = -1, FILTERED = -2, NEAR = 9;
  const fills = new ZB.Fills();
  const themes = new Map(ZB.settings.themes.map(function (theme) { return [theme.cle, theme]; }));
  const status = ZB.settings.themes[0];
  const far = new Int16Array(mesh.units), near = new Int16Array(mesh.units);
  let ranks = null;

  this.theme = status;
  this.region = "";
  this.isOff = function () { return false; };

  /* Parts of each cut commune, and the rows whose parts can all be seen. */
  const cut = new Map();
  parts.parties.commune.forEach(function (row, part) {
    if (!cut.has(row)) { cut.set(row, []); }
    cut.get(row).push(part);
  });
  const seen = function (row) {
    return cut.has(row) && cut.get(row).every(function (part) { return !parts.parties.fine[part]; });
  };

  this.statusOf = function (row) { return ranks[row]; };
  this.partStyle = function (part) {
    const row = parts.parties.commune[part];
    if (parts.parties.montree[part]) { return ranks[row]; }
    const statut = values.partStatus === null ? undefined : values.partStatus.get(part);
    return statut === undefined ? parts.parties.style[part] : values.statusRank(statut, 0, values.filed.inconnu[row]);
  };

  /* Under its parts, a cut commune has the worst of their styles: no gap between them can show a better one. */
  const worst = function (row, rank) {
    return Math.min(rank, ...cut.get(row).map(this.partStyle, this));
  };

  /* Works out the classes again: after a change of theme, filter, région or values. */
  this.version = 0;
  this.refresh = function () {
    this.version += 1;
    ranks = values.classesOf(status);
    const classes = this.theme === status ? ranks : values.classesOf(this.theme);
    const byStatus = this.theme === status;
    far.fill(OUTSIDE);
    for (let row = 0; row < values.rows; row += 1) {
      const unit = values.unitOfRow[row];
      if (this.region && mesh.regions[unit] !== this.region) { far[unit] = near[unit] = OUTSIDE; continue; }
      const hatched = byStatus && values.now.mixte[row] ? 1 : 0;
      far[unit] = this.isOff(this.theme, classes[row]) ? FILTERED : classes[row] * 2 + hatched;
      near[unit] = far[unit];
      if (byStatus && far[unit] >= 0 && cut.has(row)) {
        near[unit] = worst.call(this, row, classes[row]) * 2 + (hatched && !seen(row) ? 1 : 0);
      }
    }
    for (let unit = 0; unit < mesh.units; unit += 1) { if (far[unit] === OUTSIDE) { near[unit] = OUTSIDE; } }
    return classes;
  };

  this.byStatus = function () { return this.theme === status; };
  /* Whether a unit is of what the study, and the région chosen, show. */
  this.isShown = function (unit) { return unit >= 0 && far[unit] !== OUTSIDE; };
  this.setTheme = function (key) { this.theme = themes.get(key) || status; };
  this.styles = function (zoom) { return zoom < NEAR ? far : near; };
  /* Filled first to last: what is outside, then from better to worse. */
  this.order = function (a, b) { return (a < 0 ? a - 1000 : -a) - (b < 0 ? b - 1000 : -b); };
  this.fill = function (style, view) {
    if (style === OUTSIDE) { return ZB.settings.hors_etude.fill; }
    if (style === FILTERED) { return "#e9ecf0"; }
    const item = this.theme.classes[style >> 1];
    return fills.of(style & 1 ? item.mixte : item.plein, view);
  };
  this.partFill = function (part, view) {
    const rank = this.partStyle(part);
    const unit = values.unitOfRow[parts.parties.commune[part]];
    if (this.theme !== status || near[unit] < 0) { return null; }
    return this.isOff(status, rank) ? "#e9ecf0" : fills.of(status.classes[rank].plein, view);
  };
  this.holeFill = function (view) { return fills.of(ZB.settings.lacune, view); };
  this.withoutCoordinatorFill = function (view) { return fills.of(ZB.settings.sans_coordinateur, view); };
};
