// Counters of the posts left ticked, against an envelope: whole cents and hundredths of ETP.
"use strict";

const form = document.querySelector("form[data-compteurs]");
const table = document.querySelector("table[data-postes]");

function euros(cents) {
  const whole = cents % 100 === 0;
  const digits = { minimumFractionDigits: whole ? 0 : 2, maximumFractionDigits: 2 };
  return `${(cents / 100).toLocaleString("fr-FR", digits)}\u202f€`;
}

function etp(hundredths) {
  const digits = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return (hundredths / 100).toLocaleString("fr-FR", digits);
}

// Whole cents of what is typed; null when empty, NaN when it is no amount.
function cents(text) {
  const plain = text.replace(/[\s\u00a0\u202f€]/g, "").replace(",", ".");
  if (!plain) return null;
  return /^\d{1,11}(\.\d{1,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : NaN;
}

function counted() {
  const sums = { posts: 0, added: 0, kept: 0, promised: 0, paid: new Map() };
  for (const row of table.tBodies[0].rows) {
    if (!row.querySelector("input").checked) continue;
    sums.posts += 1;
    sums[row.dataset.nouveau === "1" ? "added" : "kept"] += Number(row.dataset.centiemes);
    sums.promised += Number(row.dataset.engagement);
    for (const pair of row.dataset.paiements.split(" ")) {
      const [year, amount] = pair.split(":");
      sums.paid.set(year, (sums.paid.get(year) || 0) + Number(amount));
    }
  }
  return sums;
}

function tell() {
  const sums = counted();
  const field = form.querySelector("#c-enveloppe");
  const envelope = cents(field.value);
  const wrong = Number.isNaN(envelope);
  field.setAttribute("aria-invalid", String(wrong));
  form.querySelector("[data-faute]").hidden = !wrong;
  const years = [...sums.paid].sort().map(([year, amount]) => `${euros(amount)} en ${year}`);
  const parts = [
    `${sums.posts} ${sums.posts < 2 ? "poste" : "postes"}`,
    `${etp(sums.added)} ETP nouveaux et ${etp(sums.kept)} conservés`,
    `engagement ${euros(sums.promised)}`,
    `paiement ${years.join(", ") || euros(0)}`,
  ];
  if (envelope !== null && !wrong) {
    const left = envelope - sums.promised;
    parts.push(left < 0 ? `dépasse l’enveloppe de ${euros(-left)}` : `reste ${euros(left)}`);
  }
  form.querySelector("[data-total]").textContent = `${parts.join(" ; ")}.`;
}

if (form && table) {
  form.hidden = false;
  for (const cell of table.querySelectorAll("[data-compte]")) cell.hidden = false;
  table.addEventListener("change", tell);
  form.addEventListener("input", tell);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    for (const box of table.querySelectorAll("input")) box.checked = true;
    setTimeout(tell);
  });
  tell();
}
