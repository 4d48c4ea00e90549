"""Root of the tables of the register: kinds of their columns, names of their constraints.

Annotations are read at run time here.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, MetaData, Text
from sqlalchemy.orm import DeclarativeBase

from data.store.columns import CanonicalJson, UtcDateTime

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of constraints and indexes, the same in both databases."""


class Base(DeclarativeBase):
    """Root of the tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own way
        str: Text,
        bytes: LargeBinary,
        datetime: UtcDateTime,
        dict[str, Any]: CanonicalJson,
    }
