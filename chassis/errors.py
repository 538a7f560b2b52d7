"""What a command may refuse for; `chassis.web` turns each into one problem+json answer.

A text is a pair (zh-CN, English). A service's domain raises plain exceptions of its own, named in `Service.problems`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Text = tuple[str, str]
"""The same sentence in Chinese and in English."""

FieldErrors = Mapping[str, Sequence[Text]]


@dataclass(frozen=True)
class Problem:
    """One refusal as it goes out: HTTP status, slug of its type, title, field errors and seconds until a retry."""

    status: int
    slug: str
    title: Text
    detail: Text | None = None
    errors: FieldErrors | None = None
    retry_after: int | None = None
    extra: Mapping[str, object] | None = None


class Refused(Exception):
    """A command was refused and changed nothing; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.title[1])
        self.problem = problem


class NotFound(Refused):
    """There is no such thing, or none the caller may see: the two answer alike."""

    def __init__(self) -> None:
        super().__init__(Problem(404, "not-found", ("没有找到", "Not found")))


class Forbidden(Refused):
    """The caller sees it but may not do this."""

    def __init__(self, permission: str) -> None:
        detail = (f"需要权限 {permission}", f"This needs the permission {permission}")
        super().__init__(Problem(403, "forbidden", ("没有权限", "Not permitted"), detail))


class Unauthenticated(Refused):
    """No valid access token came with the request."""

    def __init__(self, detail: Text | None = None) -> None:
        super().__init__(Problem(401, "unauthenticated", ("请先登录", "Sign in first"), detail))


class SecondFactorRequired(Refused):
    """The second factor must be given: 401 while signing in, 403 where it was given too long ago for this."""

    def __init__(self, status: int) -> None:
        title = ("请输入动态口令", "Give your second factor")
        super().__init__(Problem(status, "second-factor-required", title))


class Stale(Refused):
    """If-Match names a version that is no longer the present one."""

    def __init__(self, version: int) -> None:
        detail = (
            f"当前版本是 {version}, 请刷新后重试",
            f"The present version is {version}; fetch it and try again",
        )
        super().__init__(Problem(412, "stale", ("数据已被他人修改", "Changed by somebody else meanwhile"), detail))


class Conflict(Refused):
    """The change contradicts what stands."""

    def __init__(self, slug: str, title: Text, *, extra: Mapping[str, object] | None = None) -> None:
        super().__init__(Problem(409, slug, title, extra=extra))


class RuleNotMet(Refused):
    """A rule of the business is not met; `errors` names the fields."""

    def __init__(self, slug: str, title: Text, errors: FieldErrors, **extra: object) -> None:
        super().__init__(Problem(422, slug, title, errors=errors, extra=extra or None))


class UnknownReference(Refused):
    """Something referred to is not known here, perhaps not yet."""

    def __init__(self, fields: Sequence[str], retry_after: int = 2) -> None:
        missing = ("不存在，或您无权查看", "does not exist, or not for you")
        errors = {field: [missing] for field in fields}
        title = ("引用的对象不存在", "Refers to something unknown")
        super().__init__(Problem(422, "unknown_reference", title, errors=errors, retry_after=retry_after))


class TooMany(Refused):
    """Asked too often; come back after `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        title = ("请求过于频繁，请稍后再试", "Too many requests, try again later")
        super().__init__(Problem(429, "too-many-requests", title, retry_after=retry_after))


def field_error(field: str, text: Text) -> RuleNotMet:
    """The refusal of one field."""
    return RuleNotMet("invalid", ("数据有误", "Something is wrong with what was sent"), {field: [text]})
