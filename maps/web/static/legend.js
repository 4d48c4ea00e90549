"use strict";
/* The legend: one list a theme, counts that follow the view's région and the what-if, filters. */

ZB.Legend = function (mesh, values, changed) {
  const root = document.getElementById("legende");
  const off = new Set();
  const line = function (theme, rank) { return root.querySelector("[data-theme='" + theme.cle + "'] [data-classe='" + rank + "']"); };

  root.querySelectorAll("[data-filtre]").forEach(function (box) {
    box.addEventListener("change", function () {
      const name = box.dataset.filtre;
      if (box.checked) { off.delete(name); } else { off.add(name); }
      changed();
    });
  });

  this.isOff = function (theme, rank) { return off.has(theme.cle + "/" + theme.classes[rank].cle); };

  /* Shows the list of a theme and counts its classes, in a région or everywhere. */
  this.show = function (theme, classes, region) {
    root.querySelectorAll("[data-theme]").forEach(function (list) { list.hidden = list.dataset.theme !== theme.cle; });
    const communes = theme.classes.map(function () { return 0; }), people = communes.slice();
    for (let row = 0; row < values.rows; row += 1) {
      const unit = values.unitOfRow[row];
      if (region && mesh.regions[unit] !== region) { continue; }
      communes[classes[row]] += 1;
      people[classes[row]] += mesh.population[unit] || 0;
    }
    theme.classes.forEach(function (_, rank) {
      const counts = line(theme, rank).querySelector(".compte");
      counts.textContent = ZB.counted(communes[rank], "commune") + ", " + ZB.counted(people[rank], "habitant");
      counts.dataset.communes = communes[rank];
    });
  };
};
