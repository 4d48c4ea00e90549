"use strict";
/* What the page was given, and how it speaks. */

ZB.settings = JSON.parse(document.getElementById("reglages").textContent);

/* A text of the catalogue, its {places} filled. */
ZB.t = function (key, values) {
  const text = ZB.settings.mots[key];
  if (text === undefined) { throw new Error("no text named " + key); }
  return text.replace(/\{(\w+)\}/g, function (_, name) { return values[name]; });
};

/* A decimal number typed in French or not, as an exact text with a point; null when it is none. */
ZB.typedNumber = function (typed) {
  const text = typed.replace(/[\s\u00a0\u202f]/g, "").replace(",", ".");
  return /^(\d+(\.\d*)?|\.\d+)$/.test(text) ? text.replace(/^\./, "0.").replace(/\.$/, "") : null;
};

/* An exact decimal text, or a fraction, as French writes it. */
ZB.written = function (text) { return text.replace(".", ","); };

/* The same number a hundred times as large, or as small: only the point moves. */
ZB.shifted = function (text, places) {
  const [whole, part] = text.split(".").concat("");
  const digits = places > 0 ? whole + part.padEnd(places, "0") : whole.padStart(1 - places, "0") + part;
  const point = places > 0 ? whole.length + places : Math.max(whole.length, 1 - places) + places;
  const moved = digits.slice(0, point).replace(/^0+(?=\d)/, "") + "." + digits.slice(point);
  return moved.replace(/\.?0*$/, "");
};

/* A difference with its sign. */
ZB.difference = function (value) {
  if (!value) { return "="; }
  return (value > 0 ? "+" : "−") + "\u202f" + ZB.integer(Math.abs(value));
};

/* A rate in millionths or less, rounded down: under 1 it never reads 100 %. */
ZB.rate = function (value) {
  const thousandths = Math.floor(value * 1000 + 1e-7);
  if (value > 0 && !thousandths) { return "moins de 0,1\u202f%"; }
  return ZB.percent(value < 1 ? Math.min(thousandths, 999) : thousandths);
};

/* An answer of the API, its fault turned into an error that says it. */
ZB.answered = async function (address, options) {
  const answer = await fetch(address, options);
  if (answer.ok) { return answer; }
  const problem = await answer.json().catch(function () { return {}; });
  const error = new Error(problem.detail || ZB.t("carte.erreur_reseau"));
  error.status = answer.status;
  error.problem = problem;
  throw error;
};

/* What such an answer holds. */
ZB.fetched = async function (address, options) { return (await ZB.answered(address, options)).json(); };
