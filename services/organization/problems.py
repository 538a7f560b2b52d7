"""How each refusal of the domain goes out over HTTP, in both languages."""

from chassis.batch import Translations
from chassis.errors import Problem, Text
from services.organization.domain import handovers
from services.organization.domain.users import SHORTEST_PASSWORD, NoMembership, SeveralPrimary, WeakPassword

INVALID = ("数据有误", "Something is wrong with what was sent")


def _field(slug: str, field: str, text: Text) -> Problem:
    return Problem(422, slug, INVALID, errors={field: [text]})


WEAK = (
    f"密码至少 {SHORTEST_PASSWORD} 个字符，且不能与用户名相同",
    f"At least {SHORTEST_PASSWORD} characters, and not the username",
)

HEIRS: dict[str, Text] = {
    "missing": ("请指定接收人", "Name the heir"),
    "unasked": ("只有移交给接收人时才指定", "Only where it goes to an heir"),
    "himself": ("不能移交给离职者本人", "He cannot inherit from himself"),
    "unknown": ("没有此用户", "There is no such user"),
    "inactive": ("此用户已停用", "This user is disabled"),
}
NO_POOL = ("此类没有公海，请移交给接收人或上级", "There is no pool for this kind; name an heir or the manager")
TWICE = ("此类已有规则", "There is a rule for this kind already")
LEFT = ("此用户已离职", "This user has left already")
LEAVING = ("交接尚未完成，暂不能启用", "His hand-over is under way; he cannot come back before it is done")
NOBODY = ("没有可以接手的上级或管理员", "There is no manager or administrator who could take over")
PAST = ("截止时间必须在将来", "Must lie in the future")


def _conflict(slug: str, field: str, text: Text) -> Problem:
    return Problem(409, slug, text, errors={field: [text]})


PROBLEMS: Translations = {
    WeakPassword: lambda _: _field("weak-password", "password", WEAK),
    NoMembership: lambda _: _field("no-membership", "memberships", ("至少一个任职", "At least one membership")),
    SeveralPrimary: lambda _: _field("several-primary", "memberships", ("只能有一个主任职", "One is primary at most")),
    handovers.WrongHeir: lambda error: _field("wrong-heir", error.field, HEIRS[error.why]),
    handovers.NoPool: lambda error: _field("no-pool", error.field, NO_POOL),
    handovers.KindTwice: lambda error: _field("kind-twice", error.field, TWICE),
    handovers.DueInThePast: lambda _: _field("due-in-the-past", "due_at", PAST),
    handovers.NobodyTakesOver: lambda _: _conflict("nobody-takes-over", "user_id", NOBODY),
    handovers.AlreadyLeft: lambda _: _conflict("already-left", "user_id", LEFT),
    handovers.StillLeaving: lambda _: _conflict("still-leaving", "active", LEAVING),
}
