/* What every map in a file does around its layers: controls, places to go to, popups, paper. */

ZB.frame = function (map, credit, boxes) {
  const goTo = function (rank) {
    const [west, south, east, north] = boxes[rank];
    map.fitBounds([[south, west], [north, east]], { padding: [12, 12], animate: false });
  };

  /* Who asks for less motion gets none: what would glide is put in place at once. */
  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
    const panBy = map.panBy;
    map.panBy = function (offset, options) {
      return panBy.call(map, offset, Object.assign({}, options, { animate: false }));
    };
  }
  map.attributionControl.setPrefix("Leaflet").addAttribution(ZB.element("span", {}, credit).innerHTML);
  L.control.zoom({ zoomInTitle: "Zoomer", zoomOutTitle: "Dézoomer" }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  if (boxes.length) { goTo(0); }

  document.querySelectorAll("[data-lieu]").forEach(function (button) {
    button.addEventListener("click", function () { map.closePopup(); goTo(Number(button.dataset.lieu)); });
  });
  map.on("popupopen", function (event) {
    const box = event.popup.getElement();
    box.querySelector(".leaflet-popup-close-button").setAttribute("aria-label", "Fermer");
    box.addEventListener("keydown", function (key) {
      if (key.key === "Escape") { map.closePopup(); }
    });
  });
  const paper = function (event) {
    const bounds = map.getBounds();
    document.documentElement.classList.toggle("impression", event.type === "beforeprint");
    map.invalidateSize({ animate: false });
    map.fitBounds(bounds, { animate: false });
  };
  new ResizeObserver(function () { map.invalidateSize({ animate: false, pan: false }); }).observe(map.getContainer());
  window.addEventListener("beforeprint", paper);
  window.addEventListener("afterprint", paper);
};
