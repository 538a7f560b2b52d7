"""How each refusal of the domain goes out over HTTP, in both languages."""

from chassis.batch import Translations
from chassis.errors import Problem, Text
from services.organization.domain.users import SHORTEST_PASSWORD, NoMembership, SeveralPrimary, WeakPassword

INVALID = ("数据有误", "Something is wrong with what was sent")


def _field(slug: str, field: str, text: Text) -> Problem:
    return Problem(422, slug, INVALID, errors={field: [text]})


WEAK = (
    f"密码至少 {SHORTEST_PASSWORD} 个字符，且不能与用户名相同",
    f"At least {SHORTEST_PASSWORD} characters, and not the username",
)

PROBLEMS: Translations = {
    WeakPassword: lambda _: _field("weak-password", "password", WEAK),
    NoMembership: lambda _: _field("no-membership", "memberships", ("至少一个任职", "At least one membership")),
    SeveralPrimary: lambda _: _field("several-primary", "memberships", ("只能有一个主任职", "One is primary at most")),
}
