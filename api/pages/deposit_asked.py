"""What the pages of a deposit ask for: the deposit, its received workbooks, and forms."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData

from api.access.guards import judge
from api.access.roles import Action
from api.deposits.deposit import Deposit
from api.deposits.received import ReceivedBooks
from api.pages.register import RegisterAsked, actor, regions_of


def deposit_of(register: RegisterAsked, depot: str) -> Deposit:
    """Return the deposit of the address, to whom may change its study."""
    deposit = register.deposits.find(depot, actor())
    if deposit.slug:
        judge(Action.DEPOSER, regions_of(register.entry(deposit.slug)))
    return deposit


def received_of(register: RegisterAsked) -> ReceivedBooks:
    """Return the workbooks received on deposits."""
    received: ReceivedBooks = register.received
    return received


async def form_of(request: Request) -> FormData:
    """Return and forms."""
    return await request.form()


DepositAsked = Annotated[Deposit, Depends(deposit_of)]
ReceivedAsked = Annotated[ReceivedBooks, Depends(received_of)]
FormAsked = Annotated[FormData, Depends(form_of)]
