"""How each refusal of the domain goes out over HTTP, in both languages."""

from chassis.batch import Translations
from chassis.errors import Problem
from services.leads.domain.leads import NotQualifiable, ReasonMissing
from services.leads.domain.opportunities import AlreadyClosed, AmountMissing, DaysOutOfOrder, MixedCurrencies
from services.leads.domain.pipeline import GateNotMet, UnknownFactor, UnknownStage

INVALID = ("数据有误", "Something is wrong with what was sent")


def _unknown_stage(error: UnknownStage) -> Problem:
    allowed = ", ".join(error.allowed)
    text = (f"没有阶段 {error.stage}，可选: {allowed}", f"No stage {error.stage}; one of {allowed}")
    return Problem(422, "unknown-stage", INVALID, errors={"stage": [text]})


def _gate_not_met(error: GateNotMet) -> Problem:
    text = (f"进入阶段 {error.stage} 前必填", f"Needed to enter the stage {error.stage}")
    errors = {name: [text] for name in error.missing}
    return Problem(422, "gate-not-met", INVALID, errors=errors, extra={"missing": list(error.missing)})


def _unknown_factor(error: UnknownFactor) -> Problem:
    allowed = ", ".join(error.allowed)
    text = (f"没有因素 {error.code}，可选: {allowed}", f"No factor {error.code}; one of {allowed}")
    return Problem(422, "unknown-factor", INVALID, errors={"factors": [text]})


def _already_closed(error: AlreadyClosed) -> Problem:
    return Problem(409, "already-closed", (f"商机已关闭 ({error.outcome})", f"The deal is closed ({error.outcome})"))


def _days_out_of_order(error: DaysOutOfOrder) -> Problem:
    text = ("日期不能在未来，也不能早于开始日期", "Neither in the future nor before the deal was opened")
    return Problem(422, "days-out-of-order", INVALID, errors={error.field: [text]})


def _amount_missing(error: AmountMissing) -> Problem:
    text = ("赢单需要金额", "A deal is won for an amount")
    return Problem(422, "amount-missing", INVALID, errors={"amount": [text]})


def _mixed_currencies(error: MixedCurrencies) -> Problem:
    text = ("一个商机只能用一种货币", "One deal has one currency")
    return Problem(422, "mixed-currencies", INVALID, errors={"lines": [text]})


def _not_qualifiable(error: NotQualifiable) -> Problem:
    return Problem(
        409, "already-judged", (f"线索已判别 ({error.state})", f"The lead was judged before ({error.state})")
    )


def _reason_missing(error: ReasonMissing) -> Problem:
    return Problem(422, "reason-missing", INVALID, errors={error.field: [("必填", "Missing data for required field.")]})


PROBLEMS: Translations = {
    UnknownStage: _unknown_stage,
    GateNotMet: _gate_not_met,
    UnknownFactor: _unknown_factor,
    AlreadyClosed: _already_closed,
    DaysOutOfOrder: _days_out_of_order,
    AmountMissing: _amount_missing,
    MixedCurrencies: _mixed_currencies,
    NotQualifiable: _not_qualifiable,
    ReasonMissing: _reason_missing,
}
