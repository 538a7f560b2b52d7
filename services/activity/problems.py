"""How each refusal of the domain goes out over HTTP, in both languages."""

from chassis.batch import Translations
from chassis.errors import Problem
from services.activity.domain.activities import AlreadyKept, ForNobody, NotYet

INVALID = ("数据有误", "Something is wrong with what was sent")
FUTURE = ("不能在未来", "Cannot lie in the future")
NOBODY = ("请指定客户、线索或商机", "Name a customer, a lead or an opportunity")

PROBLEMS: Translations = {
    NotYet: lambda _: Problem(422, "not-yet", INVALID, errors={"started_at": [FUTURE]}),
    ForNobody: lambda _: Problem(422, "for-nobody", INVALID, errors={"customer_id": [NOBODY]}),
    AlreadyKept: lambda _: Problem(409, "already-kept", ("计划已完成", "The plan was done before")),
}
