"""The demo company's deals and what was done for them."""

from datetime import date, timedelta
from typing import Any

from crm.demo.market import DEALS, PRODUCTS, Market, Row
from crm.demo.people import SELLING, Person

OPEN = ("prospecting", "engaging", "proposing", "negotiating")
HURT = ("price", "competitor_move", "timing", "budget", "technical_fit", "decision_maker", "delivery")
HELPED = ("relationship", "product", "service", "technical_fit", "price", "brand", "quality")
SKILL = {branch.code: branch.skill for branch in SELLING}

DID = {
    "visit": ("拜访{who}，参观了车间，痛点在{pain}", "上门交流{product}，{who}比较认可", "和{who}面谈，下一步做方案"),
    "call": ("电话回访{who}，确认{pain}的进度", "{who}来电询问{product}的价格", "电话约了下周的交流"),
    "meeting": ("线上会议讲解{product}方案，{who}提了三个问题", "与客户信息部、财务部开会，梳理{pain}"),
    "message": ("微信发送了{product}资料", "发送了报价单，等{who}回复"),
    "demo": ("演示{product}，重点讲了{pain}", "给{who}演示{product}，现场反馈不错"),
    "paperwork": ("整理投标文件", "修改合同条款并寄出"),
}
PAINS = ("库存不准", "交期延误", "对账慢", "报表靠手工", "系统不互通", "成本核算不清")
OUTCOMES = ("同意进入下一步", "需要再比较一家", "等预算批复", "希望下月再谈", None, None)
WHAT_NEXT = (
    "回访报价反馈",
    "送样机并演示",
    "约见决策人",
    "提交修改后的方案",
    "确认合同条款",
    "跟进招标进度",
    "回访使用情况",
)


def deals(market: Market, customers: list[Row]) -> list[Row]:
    """A year of deals: most are decided, by the skill of branch and person; the rest stand in all stages."""
    people = {person.username: person for person in market.staff}
    rows = []
    for at in range(DEALS):
        customer = market.chance.choice(customers)
        opened = market.a_day()
        rows.append(_deal(market, at, customer, people[customer["owner"]], opened))
    return rows


def _deal(market: Market, at: int, customer: Row, owner: Person, opened: date) -> Row:
    name, _, price = market.chance.choice(PRODUCTS)
    quantity = market.chance.choice((1, 1, 1, 2, 3))
    amount = round(price * quantity * market.chance.uniform(0.75, 1.05), -2)
    days = max(6, round(market.chance.gauss(58, 22)))
    closes = _working_day(opened + timedelta(days=days))
    row: dict[str, Any] = {
        "key": f"deal-{at}", "name": f"{customer['name'][2:6]}{name}项目", "customer": customer["key"],
        "owner": owner.username, "product": name, "quantity": str(quantity), "opened_on": opened.isoformat(),
        "amount": f"{amount:.2f}",
    }  # fmt: skip
    if closes < market.today:
        won = market.chance.random() < SKILL[owner.unit] + owner.skill
        factors = market.chance.sample(HELPED if won else HURT, market.chance.choice((1, 2)))
        effect = "helped" if won else "hurt"
        return row | {
            "stage": "won" if won else "lost", "closed_on": closes.isoformat(),
            "factors": [{"code": code, "effect": effect} for code in factors],
            "competitor": {"answer": market.chance.choice(("none", "unknown"))},
        }  # fmt: skip
    stage = OPEN[min(3, 4 * (market.today - opened).days // days)]
    return row | {"stage": stage, "entered_on": opened.isoformat(), "expected_close_on": closes.isoformat()}


def _working_day(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() > 4 else day


def activities(market: Market, customers: list[Row], contacts: list[Row]) -> list[Row]:
    """What salespeople did for their customers, since they know them."""
    who = {contact["customer"]: contact["name"] for contact in contacts}
    rows: list[Row] = []
    for customer in customers:
        known_for = (market.today - date.fromisoformat(customer["created_at"][:10])).days
        for _ in range(market.chance.choice((2, 3, 5, 7))):
            kind = market.chance.choices(tuple(DID), (22, 34, 14, 16, 8, 6))[0]
            day = market.a_day(min(365, max(4, known_for - 1)), 1)
            said = {
                "who": who[customer["key"]],
                "pain": market.chance.choice(PAINS),
                "product": market.chance.choice(PRODUCTS)[0],
            }
            rows.append({
                "key": f"activity-{len(rows)}", "owner": customer["owner"], "customer": customer["key"], "kind": kind,
                "started_at": market.a_moment(day), "minutes": market.chance.choice((15, 30, 45, 60, 90)),
                "summary": market.chance.choice(DID[kind]).format(**said), "outcome": market.chance.choice(OUTCOMES),
                "decision_maker_met": kind in ("visit", "demo") and market.chance.random() < 0.4,
            })  # fmt: skip
    return rows


def plans(market: Market, customers: list[Row]) -> list[Row]:
    """What is promised next: some days ago, today, and in the two weeks to come."""
    rows = []
    for at, customer in enumerate(market.chance.sample(customers, 120)):
        day = market.today + timedelta(days=market.chance.choice((-6, -3, -1, 0, 0, 1, 2, 3, 5, 8, 12)))
        rows.append({
            "key": f"plan-{at}", "owner": customer["owner"], "customer": customer["key"],
            "kind": market.chance.choice(("visit", "call", "meeting", "demo")), "due_at": market.a_moment(day),
            "summary": market.chance.choice(WHAT_NEXT),
        })  # fmt: skip
    return rows
