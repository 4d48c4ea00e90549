// Follows a computation as it goes; without this script the page refreshes itself.
"use strict";

const place = document.querySelector("[data-evenements]");
if (place && window.EventSource) {
  const phrase = place.querySelector("[data-etape]");
  const bar = place.querySelector("[data-avance]");
  const source = new EventSource(place.dataset.evenements);
  source.addEventListener("etat", (event) => {
    const told = JSON.parse(event.data);
    if (told.etat !== "en_attente" && told.etat !== "en_cours") {
      source.close();
      window.location.reload();
      return;
    }
    if (told.etape) phrase.textContent = told.etape;
    bar.max = told.etapes;
    bar.value = told.etape_rang;
  });
}
