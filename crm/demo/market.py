"""Whom the demo company sells to, what it sells, and how word of it comes in."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from chassis.calendar import CHINA
from crm.demo.people import SELLING, Person, people

CUSTOMERS, LEADS, DEALS, CONVERTED = 300, 600, 230, 20
YEAR = 365

PRODUCTS = (
    ("云枢ERP", "管理软件", 280_000), ("云枢MES", "管理软件", 460_000), ("智仓WMS", "仓储物流", 190_000),
    ("数镜BI", "数据分析", 120_000), ("安盾网关", "安全", 86_000), ("驻场服务包", "服务", 60_000),
)  # fmt: skip
SOURCES = (
    ("老客户转介绍", "referral"), ("上门拜访", "visit"), ("行业展会", "event"), ("官网留资", "website"),
    ("来电咨询", "phone"), ("公众号", "media"), ("渠道伙伴", "partner"), ("招标公告", "tender"),
    ("老客户复购", "existing"), ("分公司上报", "branch"),
)  # fmt: skip
INDUSTRIES = (
    "装备制造",
    "汽车零部件",
    "生物医药",
    "食品饮料",
    "电子元器件",
    "连锁零售",
    "物流仓储",
    "新能源",
    "化工材料",
    "建筑工程",
)
TITLES = ("总经理", "信息部经理", "采购总监", "生产副总", "财务总监", "IT主管", "供应链经理", "运营总监")
FIRST = ("启", "恒", "瑞", "嘉", "远", "鼎", "宏", "泽", "晟", "博", "凌", "卓", "澜", "朗", "腾", "骏")
SECOND = ("航", "达", "源", "信", "通", "创", "盛", "维", "科", "辰", "越", "丰", "图", "川", "锐", "诚")
TRADES = {
    "装备制造": "机械", "汽车零部件": "汽车部件", "生物医药": "生物科技", "食品饮料": "食品", "电子元器件": "电子",
    "连锁零售": "商贸", "物流仓储": "物流", "新能源": "新能源", "化工材料": "新材料", "建筑工程": "建设工程",
}  # fmt: skip
INDUSTRIES = tuple(TRADES)
Row = dict[str, Any]


def _faker() -> Any:
    """Loaded only when somebody draws: images, which have no demo company, leave the library out."""
    from faker import Faker

    return Faker("zh_CN")


@dataclass
class Market:
    """Everything that is drawn, from one seed and the day it is all told."""

    today: date
    chance: random.Random = field(default_factory=lambda: random.Random(8800))  # noqa: S311 -- as in people
    faker: Any = field(default_factory=_faker)
    staff: list[Person] = field(default_factory=people)

    def __post_init__(self) -> None:
        self.faker.seed_instance(8800)
        self.sellers = {branch.code: [who for who in self.staff if who.role == "sales" and who.unit == branch.code]
                        for branch in SELLING}  # fmt: skip
        self._names = [first + second for first in FIRST for second in SECOND]
        self.chance.shuffle(self._names)

    def a_day(self, earliest: int = YEAR, latest: int = 0) -> date:
        """A working day so many to so few days ago: quarters end busily, the spring festival is quiet."""
        while True:
            day = self.today - timedelta(days=self.chance.randint(latest, earliest))
            weight = 1.0 if day.month % 3 == 0 else 0.25 if day.month == 2 else 0.65
            if day.weekday() < 5 and self.chance.random() < weight:
                return day

    def a_moment(self, day: date) -> str:
        """Office hours of `day`."""
        minutes = self.chance.randrange(9 * 60, 18 * 60, 5)
        return datetime.combine(day, time(minutes // 60, minutes % 60), CHINA).isoformat()

    def a_company(self, city: str, industry: str) -> str:
        brand = self._names[self.chance.randrange(len(self._names))] + self.chance.choice(("", "", "集", "联", "新"))
        suffix = self.chance.choice(("有限公司", "有限公司", "股份有限公司", "集团有限公司"))
        return f"{city}{brand}{TRADES[industry]}{suffix}"

    def customers(self) -> list[Row]:
        """Companies with who looks after them; each key `unit` and `owner` is a code and a username."""
        rows: dict[str, Row] = {}
        while len(rows) < CUSTOMERS:
            branch = self.chance.choices(SELLING, weights=(24, 12, 26, 18, 18, 10))[0]
            industry = self.chance.choice(INDUSTRIES)
            name = self.a_company(branch.city, industry)
            owner = self.chance.choice(self.sellers[branch.code])
            since = self.a_day(YEAR + 200, 5)
            rows.setdefault(name, {
                "name": name, "industry": industry, "region": branch.city, "owner": owner.username,
                "class": "key" if self.chance.random() < 0.18 else "ordinary", "created_at": self.a_moment(since),
                "lifecycle": self.chance.choices(("potential", "opportunity", "ordering", "user"), (50, 20, 12, 18))[0],
            })  # fmt: skip
        return [row | {"key": f"customer-{at}"} for at, row in enumerate(rows.values())]

    def contacts(self, customers: list[Row]) -> list[Row]:
        """One or two at each, the first of the important ones decides."""
        rows = []
        for customer in customers:
            for number in range(1 if self.chance.random() < 0.6 else 2):
                rows.append({
                    "customer": customer["key"], "key": f"{customer['key']}-contact-{number}",
                    "name": self.faker.name(), "title": self.chance.choice(TITLES), "phone": self.faker.phone_number(),
                    "decision_maker": number == 0 and self.chance.random() < 0.6,
                })  # fmt: skip
        return rows

    def leads(self) -> list[Row]:
        """Signals of every source over the year; `verdict` is what came of them."""
        rows = []
        for at in range(LEADS):
            branch = self.chance.choice(SELLING)
            age = self.chance.randint(1, 10) if at < 60 else None
            day = self.a_day(age + 4, age) if age is not None else self.a_day(YEAR, 8)
            verdicts = ("", "potential", "invalid") if age is None else ("",)
            rows.append({
                "key": f"lead-{at}", "company": self.a_company(branch.city, self.chance.choice(INDUSTRIES)),
                "contact_name": self.faker.name(), "phone": self.faker.phone_number(), "region": branch.city,
                "source": self.chance.choices(SOURCES, (14, 9, 12, 20, 10, 9, 9, 5, 7, 5))[0][0],
                "owner": self.chance.choice(self.sellers[branch.code]).username, "created_at": self.a_moment(day),
                "note": self.chance.choice(NOTES),
                "verdict": "opportunity" if 60 <= at < 60 + CONVERTED else self.chance.choices(
                    verdicts, (45, 25, 30)[: len(verdicts)])[0],
            })  # fmt: skip
        return rows


NOTES = (
    "想了解系统上线周期和报价", "现有系统老旧，年底前要更换", "集团统一选型，需要参加招标", "只要仓库模块，预算不多",
    "看了展会演示，希望约上门交流", "朋友公司在用，口碑不错", "财务和生产数据对不上，想找方案", "先要一份产品资料",
)  # fmt: skip
