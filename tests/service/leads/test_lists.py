"""Lists of leads and opportunities: what they are narrowed to, how they are sorted, and what they show."""

from tests.support.samples import REASONS, a_customer, a_deal

WON = {"outcome": "won", "amount": {"amount": "1.00", "currency": "CNY"}} | REASONS
LOST = {"outcome": "lost"} | REASONS


def names(user, query):
    answer = user.get(f"/opportunities?{query}")
    assert answer.status_code == 200, answer.json
    return [deal["name"] for deal in answer.json["items"]]


def test_deals_are_narrowed_to_open_won_and_lost_ones(leads):
    li = leads.a_user("sales")
    for name, closing in (("开", None), ("赢", WON), ("输", LOST)):
        deal = a_deal(li, name=name).json["id"]
        if closing is not None:
            li.post(f"/opportunities/{deal}/close", closing)
    assert names(li, "outcome=open") == ["开"]
    assert names(li, "outcome=won") == ["赢"]
    assert names(li, "outcome=lost") == ["输"]
    assert names(li, "stage=prospecting&outcome=won") == []


def test_deals_are_narrowed_to_those_with_a_product(leads, admin, product):
    other = admin.post("/products", {"name": "MG Special"}).json["id"]
    for name, products in (("两种", (product, other)), ("一种", (product,)), ("没有", ())):
        a_deal(admin, name=name, lines=[{"product_id": each} for each in products])
    assert sorted(names(admin, f"product_id={product}")) == ["一种", "两种"]
    assert names(admin, f"product_id={other}") == ["两种"]


def test_deals_are_sorted_by_the_day_they_should_close_and_those_without_one_come_last(leads):
    li = leads.a_user("sales")
    for name, day in (
        ("晚", "2026-12-01"),
        ("不知道", None),
        ("早", "2026-04-01"),
        ("也不知道", None),
        ("中", "2026-05-01"),
    ):
        a_deal(li, name=name, expected_close_on=day)
    found, cursor = [], ""
    while cursor is not None:
        page = li.get(f"/opportunities?sort=expected_close_on&limit=2{cursor}").json
        found += [deal["name"] for deal in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert found == ["早", "中", "晚", "不知道", "也不知道"]
    assert names(li, "sort=-expected_close_on") == found[::-1]


def test_a_deal_says_what_its_customer_is_called_wherever_it_is_shown(leads):
    li = leads.a_user("sales")
    known = a_customer(li, name="北京同舟")
    leads.hears(known)
    made = a_deal(li, customer_id=str(known.customer_id))
    moved = li.post(f"/opportunities/{made.json['id']}/stage", {"stage": "proposing"})
    found = li.get(f"/opportunities/{made.json['id']}")
    (listed,) = li.get("/opportunities").json["items"]
    assert [each["customer_name"] for each in (made.json, moved.json, found.json, listed)] == ["北京同舟"] * 4
    assert a_deal(li).json["customer_name"] is None


def test_leads_are_narrowed_to_a_state_a_source_an_owner_and_a_unit(leads, admin, source):
    other = admin.post("/sources", {"name": "展会", "kind": "event"}).json["id"]
    li, wang = leads.a_user("sales", "EAST1"), leads.a_user("sales", "WEST")
    for company, user, its in (("甲", li, source), ("乙", wang, other)):
        given = {"company": company, "source_id": its, "owner_id": str(user.id)}
        assert admin.post("/leads", given).status_code == 201
    wanted = {
        "state=assigned": ["乙", "甲"],
        "state=converted": [],
        f"source_id={other}": ["乙"],
        f"owner_id={li.id}": ["甲"],
        f"unit_id={leads.units['EAST'].id}": ["甲"],
        "q=甲": ["甲"],
    }
    for query, companies in wanted.items():
        assert [lead["company"] for lead in admin.get(f"/leads?{query}").json["items"]] == companies, query
