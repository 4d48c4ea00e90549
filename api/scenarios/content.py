"""What a saved scenario holds, in plain JSON of a numbered form.

Modifications of a what-if, each with what tells the row that it changes; and what the file of a
scenario may say (`methode`, `appel`, `generees`, `verrous`, `refus`), as written in that file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints
from pydantic import ValidationError as Malformed

from api.trials.asked import MOST, Modification
from coverage.trials.marks import Mark
from data.store.errors import RegisterError

if TYPE_CHECKING:
    from coverage.trials.edits import Edit

FORM: Final = 1
"""Number of this form of content."""

Short = Annotated[str, StringConstraints(max_length=500)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Decimal = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1e15, le=1e15)]
Whole = Annotated[StrictInt, Field(ge=-(10**15), le=10**15)]
Plain = StrictBool | Whole | Decimal | Short
Value = Plain | Annotated[list[Short], Field(max_length=50)] | dict[Name, Plain]
"""A value as TOML writes it."""

Values = Annotated[dict[Name, Value], Field(max_length=100)]
Reasons = Annotated[dict[Name, Short], Field(max_length=500)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Repere(_Part):
    """Ce qui distingue la ligne changée, pour la retrouver dans une autre version."""

    cellules: dict[Name, Short] = Field(max_length=20)
    rang: int = Field(0, ge=0, description="lignes identiques avant elle")

    @property
    def mark(self) -> Mark:
        """The mark of the row."""
        return Mark(self.cellules, self.rang)


class Kept(_Part):
    """Une modification gardée."""

    demande: Modification
    repere: Annotated[Repere | None, Field(description="de la ligne changée, s’il y en a une")] = (
        None
    )

    @property
    def edit(self) -> Edit:
        """The edit that the model takes, on the version that it was written on."""
        return self.demande.edit()


class Version(_Part):
    """La version de l’étude sur laquelle le scénario a été écrit."""

    numero: int = Field(ge=1, examples=[1])
    empreinte: str = Field(max_length=64, examples=["0" * 64])


class Content(_Part):
    """Ce que garde une révision d’un scénario."""

    format: Literal[1] = FORM
    etude: Version
    description: Short = Field("", description="ne nomme personne")
    archive: bool = Field(default=False, description="mis de côté ; rien n’est perdu")
    modifications: list[Kept] = Field([], max_length=MOST)
    methode: Values = Field({}, description="réglages, comme dans « etude.toml »")
    appel: Values = Field({}, description="règles de l’appel, comme dans « etude.toml »")
    generees: bool = Field(
        default=True, description="faux : seuls les postes demandés sont comparés"
    )
    verrous: Reasons = Field({}, description="option → motif")
    refus: Reasons = Field({}, description="option → motif")

    @property
    def proposes(self) -> bool:
        """Whether it changes what is proposed beside the coverage."""
        return bool(self.appel or self.verrous or self.refus or not self.generees)

    @property
    def tables(self) -> dict[str, dict[str, Any]]:
        """What its file would say, beside its name and description."""
        return {
            "methode": dict(self.methode),
            "appel": dict(self.appel),
            "options": {} if self.generees else {"generees": False},
            "verrous": dict(self.verrous),
            "refus": dict(self.refus),
        }

    def plain(self) -> dict[str, Any]:
        """Return it as the register keeps it."""
        return self.model_dump(mode="json")


def content_of(plain: dict[str, Any]) -> Content:
    """Return what the register keeps.

    Raises
    ------
    RegisterError
        When another program wrote it.
    """
    try:
        return Content.model_validate(plain)
    except Malformed as error:
        raise RegisterError(
            "un scénario a été écrit par un autre programme, ou une version plus récente → "
            "mettre celui-ci à jour"
        ) from error
