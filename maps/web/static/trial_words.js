"use strict";
/* What the changes of a what-if are, in words. */

ZB.TrialWords = function (data, values) {
  const names = new Map(values.structures.id.map(function (id, rank) { return [id, values.structures.nom[rank]]; }));
  this.structure = function (id) { return names.get(id) || id; };

  this.etp = function (text) { return ZB.written(text) + "\u00a0ETP"; };
  this.isShare = function (parameter) { return parameter.genre === "ratio"; };
  this.value = function (parameter, text) {
    if (!this.isShare(parameter)) { return ZB.integer(Number(text)) + "\u00a0h"; }
    return text.includes("/") ? text : ZB.written(ZB.shifted(text, 2)) + "\u202f%";
  };
  this.parameter = function (name) { return data.parametres.find(function (item) { return item.nom === name; }); };
  this.place = function (perimeter) {
    return data.niveaux[perimeter.niveau] + " " + perimeter.nom + " (" + perimeter.code + ")";
  };

  const said = {
    etp: function (edit) {
      const post = data.postes[edit.poste];
      return ZB.t("essai.dit_etp", { structure: this.structure(post.structure_id), avant: ZB.written(post.etp), apres: this.etp(edit.etp) });
    },
    ajout_poste: function (edit) {
      return ZB.t("essai.dit_ajout_poste", { structure: this.structure(edit.structure_id), etp: this.etp(edit.etp) });
    },
    retrait_poste: function (edit) {
      const post = data.postes[edit.poste];
      return ZB.t("essai.dit_retrait_poste", { structure: this.structure(post.structure_id), etp: this.etp(post.etp) });
    },
    ajout_perimetre: function (edit) {
      return ZB.t("essai.dit_ajout_perimetre", {
        structure: this.structure(edit.structure_id), nature: data.natures[edit.nature],
        lieu: this.place({ niveau: edit.niveau, code: edit.code, nom: this.nameOf(edit.niveau, edit.code) }),
      });
    },
    retrait_perimetre: function (edit) {
      const perimeter = data.perimetres[edit.perimetre];
      return ZB.t("essai.dit_retrait_perimetre", {
        structure: this.structure(perimeter.structure_id), nature: data.natures[perimeter.nature], lieu: this.place(perimeter),
      });
    },
    parametre: function (edit) {
      const parameter = this.parameter(edit.nom);
      return ZB.t("essai.dit_parametre", {
        nom: parameter.libelle, avant: this.value(parameter, parameter.valeur), apres: this.value(parameter, edit.valeur),
      });
    },
  };
  this.edit = function (edit) { return said[edit.action].call(this, edit); };
  this.nameOf = function (_level, code) { return code; };
};
