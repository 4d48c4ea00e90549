"""What the pages of a deposit ask for: the deposit, its received workbooks, and forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData

from api.access.guards import judge
from api.access.roles import Action
from api.deposits.deposit import Deposit
from api.deposits.received import ReceivedBooks
from api.limits import MOST_FIELDS
from api.pages.register import RegisterAsked, actor, regions_of

if TYPE_CHECKING:
    from api.register import Register


def deposit_of(register: RegisterAsked, depot: str) -> Deposit:
    """Return the deposit of the address, to whom may change its study."""
    return deposit_for(register, depot, Action.DEPOSER)


def deposit_for(register: Register, key: str, action: Action) -> Deposit:
    """Return one's own deposit, to whom may do something to its study."""
    deposit = register.deposits.find(key, actor())
    if deposit.slug:
        judge(action, regions_of(register.entry(deposit.slug)))
    return deposit


def received_of(register: RegisterAsked) -> ReceivedBooks:
    """Return the workbooks received on deposits."""
    received: ReceivedBooks = register.received
    return received


async def form_of(request: Request) -> FormData:
    """Return the form that is sent."""
    return await request.form(max_fields=MOST_FIELDS)


DepositAsked = Annotated[Deposit, Depends(deposit_of)]
ReceivedAsked = Annotated[ReceivedBooks, Depends(received_of)]
FormAsked = Annotated[FormData, Depends(form_of)]
