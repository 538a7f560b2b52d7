"""How each refusal of the domain goes out over HTTP, in both languages."""

from chassis.batch import Translations
from chassis.errors import Problem, Text
from services.organization.domain import handovers
from services.organization.domain.policies import ApprovalMissing, NotADraft, NotPublished, OwnWork, TooSoon
from services.organization.domain.users import NoMembership, SeveralPrimary, WeakPassword

INVALID = ("数据有误", "Something is wrong with what was sent")


def _field(slug: str, field: str, text: Text) -> Problem:
    return Problem(422, slug, INVALID, errors={field: [text]})


def _weak_password(error: WeakPassword) -> Problem:
    text = (
        f"密码至少 {error.shortest} 个字符，且不能与用户名相同",
        f"At least {error.shortest} characters, and not the username",
    )
    return _field("weak-password", "password", text)


def _not_a_draft(error: NotADraft) -> Problem:
    title = (f"已不是草稿 ({error.state})，请另拟新版本", f"No draft any more ({error.state}); write a new version")
    return Problem(409, "not-a-draft", title)


def _not_published(error: NotPublished) -> Problem:
    return Problem(409, "not-published", (f"未在发布状态 ({error.state})", f"Not published ({error.state})"))


def _too_soon(error: TooSoon) -> Problem:
    earliest = error.earliest.isoformat()
    return _field("too-soon", "effective_from", (f"最早 {earliest}", f"{earliest} at the earliest"))


APPROVAL = ("须由另一人批准", "Needs the approval of a second person")

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
    WeakPassword: _weak_password,
    NoMembership: lambda _: _field("no-membership", "memberships", ("至少一个任职", "At least one membership")),
    SeveralPrimary: lambda _: _field("several-primary", "memberships", ("只能有一个主任职", "One is primary at most")),
    NotADraft: _not_a_draft,
    NotPublished: _not_published,
    OwnWork: lambda _: _field("own-work", "approved_by", ("不能批准自己所写", "Nobody approves his own text")),
    ApprovalMissing: lambda _: _field("approval-missing", "approved_by", APPROVAL),
    TooSoon: _too_soon,
    handovers.WrongHeir: lambda error: _field("wrong-heir", error.field, HEIRS[error.why]),
    handovers.NoPool: lambda error: _field("no-pool", error.field, NO_POOL),
    handovers.KindTwice: lambda error: _field("kind-twice", error.field, TWICE),
    handovers.DueInThePast: lambda _: _field("due-in-the-past", "due_at", PAST),
    handovers.NobodyTakesOver: lambda _: _conflict("nobody-takes-over", "user_id", NOBODY),
    handovers.AlreadyLeft: lambda _: _conflict("already-left", "user_id", LEFT),
    handovers.StillLeaving: lambda _: _conflict("still-leaving", "active", LEAVING),
}
