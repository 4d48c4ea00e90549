"use strict";
/* Leaving with the files of a what-if: the server computes the study so changed, and says so in them. */

ZB.TrialExport = function (state) {
  const buttons = document.querySelectorAll("[data-export-essai]");
  const said = document.getElementById("essai-export-dit");

  /* The name that the server gives, in its plain or its accented form. */
  const nameOf = function (answer, fallback) {
    const header = answer.headers.get("content-disposition") || "";
    const accented = /filename\*=UTF-8''([^;]+)/i.exec(header), plain = /filename="([^"]+)"/.exec(header);
    return accented ? decodeURIComponent(accented[1]) : plain ? plain[1] : fallback;
  };

  const save = async function (name) {
    said.textContent = ZB.t("essai.export_en_cours");
    const region = new URL(window.location.href).searchParams.get("region");
    const address = ZB.settings.adresses.essais + "/exports/" + name + (region ? "?region=" + encodeURIComponent(region) : "");
    try {
      const answer = await ZB.answered(address, {
        method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ modifications: state.question() }),
      });
      const link = ZB.element("a", { href: URL.createObjectURL(await answer.blob()), download: nameOf(answer, name) });
      link.click();
      URL.revokeObjectURL(link.href);
      said.textContent = ZB.t("essai.export_fait", { nom: link.download });
    } catch (error) { said.textContent = error.message; }
  };

  buttons.forEach(function (button) {
    button.addEventListener("click", function () { save(button.dataset.exportEssai); });
  });
  this.refresh = function () {
    const none = !state.edits().length;
    buttons.forEach(function (button) { button.disabled = none; });
    if (none) { said.textContent = ""; }
  };
};
