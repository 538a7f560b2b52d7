"""The demo company's units and people. Nobody of them is real."""

import random
from dataclasses import dataclass

HEADQUARTERS = "HQ"


@dataclass(frozen=True)
class Branch:
    """A unit; `skill` is how well it sells: about the share of deals it wins."""

    code: str
    name: str
    kind: str
    parent: str
    city: str = ""
    skill: float = 0.0


@dataclass(frozen=True)
class Person:
    """Somebody who signs in; `skill` is what he adds to his branch's."""

    username: str
    name: str
    role: str
    unit: str
    manager: str | None = None
    skill: float = 0.0


BRANCHES = (
    Branch("NORTH", "华北大区", "region", HEADQUARTERS),
    Branch("EAST", "华东大区", "region", HEADQUARTERS),
    Branch("SOUTH", "华南大区", "region", HEADQUARTERS),
    Branch("BJ", "北京分公司", "branch", "NORTH", "北京", 0.58),
    Branch("TJ", "天津分公司", "branch", "NORTH", "天津", 0.36),
    Branch("SH", "上海分公司", "branch", "EAST", "上海", 0.64),
    Branch("HZ", "杭州分公司", "branch", "EAST", "杭州", 0.52),
    Branch("GZ", "广州分公司", "branch", "SOUTH", "广州", 0.47),
    Branch("CD", "成都分公司", "branch", "SOUTH", "成都", 0.31),
)
SELLING = tuple(branch for branch in BRANCHES if branch.kind == "branch")
SALES_OF_A_BRANCH = 4
SURNAMES = (
    ("李", "li"), ("王", "wang"), ("张", "zhang"), ("刘", "liu"), ("陈", "chen"), ("杨", "yang"), ("赵", "zhao"),
    ("黄", "huang"), ("周", "zhou"), ("吴", "wu"), ("徐", "xu"), ("孙", "sun"), ("胡", "hu"), ("朱", "zhu"),
)  # fmt: skip
GIVEN = (
    ("娜", "na"), ("伟", "wei"), ("芳", "fang"), ("敏", "min"), ("静", "jing"), ("磊", "lei"), ("强", "qiang"),
    ("洋", "yang"), ("艳", "yan"), ("军", "jun"), ("杰", "jie"), ("涛", "tao"), ("明", "ming"), ("超", "chao"),
    ("霞", "xia"), ("平", "ping"), ("刚", "gang"), ("桂英", "guiying"), ("海燕", "haiyan"), ("志远", "zhiyuan"),
)  # fmt: skip


def people() -> list[Person]:
    """About forty: two at the head, one of each staff role, a manager of each region and branch, and who sells."""
    chance = random.Random(20)  # noqa: S311 -- the same company every time, not a secret
    names = [(surname + given, f"{latin}.{own}") for surname, latin in SURNAMES for given, own in GIVEN]
    chance.shuffle(names)

    def somebody(role: str, unit: str, manager: str | None = None, skill: float = 0.0) -> Person:
        name, username = names.pop()
        found.append(Person(username, name, role, unit, manager, skill))
        return found[-1]

    found: list[Person] = []
    head = somebody("executive", HEADQUARTERS)
    for role in ("finance", "auditor", "service", "marketing"):
        somebody(role, HEADQUARTERS)
    regions = {unit.code: somebody("manager", unit.code, head.username) for unit in BRANCHES if unit.kind == "region"}
    for branch in SELLING:
        manager = somebody("manager", branch.code, regions[branch.parent].username)
        for _ in range(SALES_OF_A_BRANCH):
            somebody("sales", branch.code, manager.username, chance.uniform(-0.15, 0.15))
    return found
