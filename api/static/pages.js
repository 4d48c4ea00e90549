// Small comforts: the pages work without them.
"use strict";

for (const form of document.querySelectorAll("form[data-envoi]")) {
  for (const list of form.querySelectorAll("select")) {
    list.addEventListener("change", () => form.requestSubmit());
  }
}

for (const button of document.querySelectorAll("button[data-imprimer]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const button of document.querySelectorAll("button[data-copier]")) {
  const said = document.getElementById(button.getAttribute("aria-describedby"));
  if (!navigator.clipboard || !said) continue;
  // What a field holds when the button names one, else the address of the page.
  const field = document.getElementById(button.dataset.copier);
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field ? field.value : window.location.href);
      said.textContent = button.dataset.copie;
    } catch {
      said.textContent = button.dataset.refus;
    }
  });
}
