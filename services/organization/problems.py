"""How each refusal of the domain goes out over HTTP, in both languages."""

from chassis.batch import Translations
from chassis.errors import Problem, Text
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

PROBLEMS: Translations = {
    WeakPassword: _weak_password,
    NoMembership: lambda _: _field("no-membership", "memberships", ("至少一个任职", "At least one membership")),
    SeveralPrimary: lambda _: _field("several-primary", "memberships", ("只能有一个主任职", "One is primary at most")),
    NotADraft: _not_a_draft,
    NotPublished: _not_published,
    OwnWork: lambda _: _field("own-work", "approved_by", ("不能批准自己所写", "Nobody approves his own text")),
    ApprovalMissing: lambda _: _field("approval-missing", "approved_by", APPROVAL),
    TooSoon: _too_soon,
}
