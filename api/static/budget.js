// Counters of the posts left ticked, against an envelope and a ceiling: whole cents and hundredths
// of ETP. The page already says those of its own state: this script follows what is ticked or typed.
"use strict";

const form = document.querySelector("form[data-compteurs]");
const said = document.querySelector("[data-total]");
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

// Whole hundredths of what is typed; null when empty, NaN when it is no number.
function hundredths(text) {
  const plain = text.replace(/[\s\u00a0\u202f€]/g, "").replace(",", ".");
  if (!plain) return null;
  return /^\d{1,11}(\.\d{1,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : NaN;
}

function counted() {
  const sums = { posts: 0, added: 0, kept: 0, promised: 0, advance: 0, paid: new Map() };
  for (const row of table.tBodies[0].rows) {
    if (!row.querySelector("input").checked) continue;
    sums.posts += 1;
    sums[row.dataset.nouveau === "1" ? "added" : "kept"] += Number(row.dataset.centiemes);
    sums.promised += Number(row.dataset.engagement);
    sums.advance += Number(row.dataset.avance);
    for (const pair of row.dataset.paiements.split(" ")) {
      const [year, amount] = pair.split(":");
      sums.paid.set(year, (sums.paid.get(year) || 0) + Number(amount));
    }
  }
  return sums;
}

// What a field sets, null without a limit; one that says no number is told and sets none.
function limit(id) {
  const field = form.querySelector(id);
  const value = hundredths(field.value);
  const wrong = Number.isNaN(value);
  field.setAttribute("aria-invalid", String(wrong));
  field.parentElement.querySelector("[data-faute]").hidden = !wrong;
  return wrong ? null : value;
}

function left(most, spent, write, what) {
  return most < spent
    ? `dépasse ${what} de ${write(spent - most)}`
    : `reste ${write(most - spent)}`;
}

function tell() {
  const sums = counted();
  const years = [...sums.paid].filter(([, amount]) => amount).sort();
  const paid = years.map(([year, amount]) => `${euros(amount)} en ${year}`);
  const parts = [
    `${sums.posts} ${sums.posts < 2 ? "poste" : "postes"}`,
    `${etp(sums.added)} ETP nouveaux et ${etp(sums.kept)} conservés`,
    `engagement ${euros(sums.promised)}`,
    `avance ${euros(sums.advance)}`,
    `solde ${euros(sums.promised - sums.advance)}`,
    `paiement ${paid.join(", ") || euros(0)}`,
  ];
  const envelope = limit("#c-enveloppe");
  const ceiling = limit("#c-plafond");
  if (envelope !== null) parts.push(left(envelope, sums.promised, euros, "l’enveloppe"));
  if (ceiling !== null) {
    const posts = (number) => `${etp(number)} ETP`;
    parts.push(left(ceiling, sums.added + sums.kept, posts, "le plafond"));
  }
  said.textContent = `${parts.join("\u202f; ")}.`;
}

if (form && table) {
  form.querySelector("[type=reset]").hidden = false;
  for (const part of document.querySelectorAll("[data-compte]")) part.hidden = false;
  table.addEventListener("change", tell);
  form.addEventListener("input", tell);
  form.addEventListener("reset", () => {
    for (const box of table.querySelectorAll("input")) box.checked = box.defaultChecked;
    setTimeout(tell);
  });
  tell();
}
