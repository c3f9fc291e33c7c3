"""Awarding Family Assistance: the amount by the dated table, the letter, the first payment, its arrival.

Used by the application and by the review that reverses a refusal. The amount is the one in force on the day
of the decision, since payments are made after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from cases.journal import Answers, CaseFile
from config.budget import working_days
from config.rates import rate_on
from config.words import text
from tasks.approval import Choice, Decision, approval
from tasks.assessment import assess
from tasks.citizen import ask_citizen
from tasks.criteria import Assessed, all_criteria_in_words
from tasks.dates import last_day, local_date
from tasks.letter import letter
from tasks.message import message
from tasks.payment import Paid, order_payment
from tasks.rates import RateInForce, rate_in_force
from tasks.receipt import Received, confirm_receipt

REMINDERS = 2
NEW_PAYEE = Choice("new-payee", form="payee")
LIST_OF_PAYMENTS = "payments"
OF_A_HOUSEHOLD = (
    *("head_name", "members", "payee_kind", "bank_name", "account_number", "wallet_phone"),
    *("head_phone", "head_email"),
)
"""The answers of an application from which a household is made."""


@dataclass(frozen=True, slots=True)
class Household:
    """Whom an award is for: the head, how many live together, and how many of them already get other help.

    payee: {"kind": "bank" or "wallet", "bank" or None, "account"}. address: for messages, None for none.
    """

    head_name: str
    people: int
    helped_otherwise: int
    payee: Mapping[str, Any]
    address: str | None


def household_of(answers: Answers) -> Household:
    """Return the household that an application is for."""
    members = answers.members or []
    return Household(
        head_name=answers.head_name,
        people=1 + len(members),
        helped_otherwise=sum(bool(member.get("member_allowances")) for member in members),
        payee={
            "kind": answers.payee_kind,
            "bank": answers.bank_name,
            "account": answers.account_number or answers.wallet_phone,
        },
        address=answers.head_phone or answers.head_email,
    )


def award(
    case: CaseFile,
    *,
    household: Household,
    decision: Decision,
    criteria: Sequence[Assessed],
    supersedes: tuple[str, str] | None = None,
) -> str:
    """Tell the family, order the first payment, and wait for their word: awarded, or awarded-unconfirmed.

    criteria: as decided. supersedes: (reference, key) of the letter whose place the award's takes, or None.
    """
    amount = assess(case, "amount", lambda case: amount_for(case, household, local_date(case, decision.at)))
    facts = _facts(case, household, decision, amount) | {
        "criteria": all_criteria_in_words(case, criteria),
        "replaces": supersedes[0] if supersedes else None,
    }
    letter(case, "award", facts, supersedes=supersedes)
    message(case, "award-message", {"total": amount["total"]}, to=household.address)
    _have_it_paid(case, household, amount)
    message(case, "payment-message", {"total": amount["total"]}, to=household.address)
    return until_received(case, household)


def amount_for(case: CaseFile, household: Household, day: date) -> dict[str, Any]:
    """Return the monthly amount by the rows in force on `day`, and the rows.

    Who gets other help isn't counted, and no more than the table has rows for. The part for food is left out
    where no row holds. A rise that was announced without a table is told of, never reckoned with.
    """
    most = rate_in_force(case, "counted-persons", day)
    counted = min(max(household.people - household.helped_otherwise, 1), int(most["value"]))
    monthly = rate_in_force(case, f"monthly-{counted}", day)
    food = _row(case, "monthly-food", day)
    total = Decimal(monthly["value"]) + Decimal(food["value"] if food else 0)
    return {
        "people": household.people,
        "helped_otherwise": household.helped_otherwise,
        "counted": counted,
        "most_counted": most,
        "monthly": monthly,
        "food": food,
        "total": f"{total:.2f}",
        "announced_rise": _row(case, "announced-rise", day),
        "review_after": rate_in_force(case, "review-after", day),
    }


def _row(case: CaseFile, name: str, day: date) -> RateInForce | None:
    return rate_in_force(case, name, day) if rate_on(case.config.rates, name, day) else None


def _have_it_paid(case: CaseFile, household: Household, amount: Mapping[str, Any]) -> None:
    """Put the first payment on the list; when it comes back, ask for other details and order it again."""
    payee = dict(household.payee)
    while True:
        paid = order_payment(
            case,
            "first-payment",
            to=LIST_OF_PAYMENTS,
            facts={"payee": household.head_name, **payee, "amount": amount["total"], "months": 1},
        )
        if isinstance(paid, Paid):
            return
        message(case, "payee-message", to=household.address)
        question = text(case.config.phrases["payee-question"], case.language)[0]
        answer = ask_citizen(case, "payee-question", question, within=working_days(20))
        corrected = approval(
            case,
            "payee-details",
            by="welfare-officer",
            outcomes=(NEW_PAYEE,),
            shows={
                "returned_because": paid.reason,
                "payment_details": payee,
                "asked": [{"question": question, **answer.shown}],
            },
        )
        payee = {
            "kind": corrected.details["new_payee_kind"],
            "bank": corrected.details.get("new_bank_name"),
            "account": corrected.details["new_account"],
        }


def until_received(case: CaseFile, household: Household) -> str:
    """Wait for the family's word that the money has come, and remind them twice."""
    reminded = 0
    while True:
        receipt = confirm_receipt(case, "receipt", payment="first-payment", within=working_days(10))
        if isinstance(receipt, Received):
            return "awarded"
        if reminded == REMINDERS:
            return "awarded-unconfirmed"
        message(case, "receipt-reminder", to=household.address)
        reminded += 1


def _facts(
    case: CaseFile, household: Household, decision: Decision, amount: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what the letter says of the award.

    The day on which it is looked at again is told only as far as it is confirmed, and of an account no more
    than its end, by which the family knows it.
    """
    decided = local_date(case, decision.at)
    term = amount["review_after"]
    review_on = last_day(decided, int(term["value"])) if term["confirmed"] else None
    account = str(household.payee["account"])
    return {
        "head_name": household.head_name,
        "received_on": local_date(case, case.received_at).isoformat(),
        "decided_on": decided.isoformat(),
        "decided_by": {"name": decision.by_name, "role": decision.by_role},
        "amount": dict(amount),
        "payee": {**household.payee, "account": f"…{account[-4:]}"},
        "review_on": review_on.isoformat() if review_on else None,
    }
