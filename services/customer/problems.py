"""How each refusal of the domain goes out over HTTP, in both languages."""

from chassis.batch import Translations
from chassis.errors import Problem
from services.customer.domain.credit_code import InvalidCreditCode

INVALID = ("数据有误", "Something is wrong with what was sent")
CODE = ("不是有效的统一社会信用代码", "Not a valid unified social credit code")

PROBLEMS: Translations = {
    InvalidCreditCode: lambda _: Problem(422, "invalid-credit-code", INVALID, errors={"credit_code": [CODE]}),
}
