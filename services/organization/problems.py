"""How each refusal of the domain goes out over HTTP, in both languages."""

from chassis.batch import Translations
from chassis.errors import Problem, Text
from services.organization.domain import handovers
from services.organization.domain.passwords import WeakPassword
from services.organization.domain.policies import ApprovalMissing, NotADraft, NotPublished, OwnWork, TooSoon
from services.organization.domain.second_factor import AlreadyEnrolled, NotEnrolled
from services.organization.domain.users import NoMembership, SameMembership, SeveralPrimary

INVALID = ("数据有误", "Something is wrong with what was sent")


def _field(slug: str, field: str, text: Text) -> Problem:
    return Problem(422, slug, INVALID, errors={field: [text]})


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


EASY = ("密码容易被猜到", "This password is easy to guess")
CHINESE = {
    "Use a few words, avoid common phrases.": "请用几个词组成，避免常见短语",
    "No need for symbols, digits, or uppercase letters.": "不需要符号、数字或大写字母",
    "Add another word or two. Uncommon words are better.": "请再加一两个词，越不常见越好",
    "Straight rows of keys are easy to guess.": "键盘上连成一行的字符容易被猜到",
    "Short keyboard patterns are easy to guess.": "简短的键盘图案容易被猜到",
    "Use a longer keyboard pattern with more turns.": "请用更长、转折更多的键盘图案",
    'Repeats like "aaa" are easy to guess.': "“aaa”这样的重复容易被猜到",
    'Repeats like "abcabcabc" are only slightly harder to guess than "abc".': "“abcabcabc”只比“abc”略难猜",
    "Avoid repeated words and characters.": "请避免重复的词和字符",
    'Sequences like "abc" or "6543" are easy to guess.': "“abc”或“6543”这样的顺序容易被猜到",
    "Avoid sequences.": "请避免顺序字符",
    "Recent years are easy to guess.": "近年的年份容易被猜到",
    "Avoid recent years.": "请避免近年的年份",
    "Avoid years that are associated with you.": "请避免与您有关的年份",
    "Dates are often easy to guess.": "日期往往容易被猜到",
    "Avoid dates and years that are associated with you.": "请避免与您有关的日期和年份",
    "This is a top-10 common password.": "这是最常见的十个密码之一",
    "This is a top-100 common password.": "这是最常见的一百个密码之一",
    "This is a very common password.": "这是很常见的密码",
    "This is similar to a commonly used password.": "这与常用密码相似",
    "A word by itself is easy to guess.": "单独一个词容易被猜到",
    "Names and surnames by themselves are easy to guess.": "单独的姓名容易被猜到",
    "Common names and surnames are easy to guess.": "常见的姓名容易被猜到",
    "Capitalization doesn't help very much.": "首字母大写帮助不大",
    "All-uppercase is almost as easy to guess as all-lowercase.": "全大写和全小写一样容易被猜到",
    "Reversed words aren't much harder to guess.": "倒过来写的词并不难猜",
    "Predictable substitutions like '@' instead of 'a' don't help very much.": "用“@”代替“a”之类的替换帮助不大",
}
"""The words in which zxcvbn says why a password is weak."""


def _weak(error: WeakPassword) -> Problem:
    reasons = [(CHINESE.get(reason, EASY[0]), reason) for reason in error.reasons] or [EASY]
    if error.shortest is not None:
        least = error.shortest
        reasons = [
            (f"密码至少 {least} 个字符，且不能与用户名相同", f"At least {least} characters, and not the username.")
        ]
    extra = {"score": error.score}
    return Problem(422, "weak-password", INVALID, errors={error.field: reasons}, extra=extra)


ENROLLED = ("已启用动态口令，请先停用", "There is a second factor already; remove it first")
NOT_ENROLLED = ("尚未申请动态口令", "No second factor was asked for")

PROBLEMS: Translations = {
    AlreadyEnrolled: lambda _: Problem(409, "second-factor-enrolled", ENROLLED),
    NotEnrolled: lambda _: Problem(409, "second-factor-not-enrolled", NOT_ENROLLED),
    WeakPassword: _weak,
    NoMembership: lambda _: _field("no-membership", "memberships", ("至少一个任职", "At least one membership")),
    SameMembership: lambda _: _field(
        "same-membership", "memberships", ("同一单元的同一角色只能有一次", "The same role in the same unit, twice")
    ),
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
