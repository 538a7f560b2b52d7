"""Units and users."""

from tests.service.organization.conftest import PASSWORD, a_user, signed_in


def a_unit(admin, parent, code="EAST", **changes):
    return admin.post("/units", {"code": code, "name": code, "kind": "region", "parent_id": parent["id"]} | changes)


def test_a_second_root_is_refused(organization, admin, root):
    answer = admin.post("/units", {"code": "HQ2", "name": "二", "kind": "headquarters"})
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["parent_id"]


def test_a_unit_hangs_below_its_parent_and_its_code_is_its_own(organization, admin, root):
    east = a_unit(admin, root)
    assert east.json["path"] == f"{root['path']}.{east.json['id'].replace('-', '')}"
    assert a_unit(admin, root).status_code == 409
    assert a_unit(admin, {"id": "00000000-0000-0000-0000-000000000001"}, code="X").status_code == 422


def test_a_unit_is_renamed_by_whoever_has_seen_its_present_version(organization, admin, root):
    assert admin.patch(f"/units/{root['id']}", {"name": "总公司"}).status_code == 428
    assert admin.patch(f"/units/{root['id']}", {"name": "总公司"}, version=9).status_code == 412
    assert admin.patch(f"/units/{root['id']}", {"name": "总公司"}, version=1).json["version"] == 2


def test_a_salesperson_sees_his_unit_and_colleagues_and_changes_nothing(organization, admin, root):
    east, west = a_unit(admin, root).json, a_unit(admin, root, "WEST").json
    a_user(admin, east)
    stranger = a_user(admin, west, "wang.fang").json
    li = signed_in(organization, "li.na", PASSWORD)
    assert [unit["code"] for unit in li.get("/units").json["items"]] == ["EAST"]
    assert [user["username"] for user in li.get("/users").json["items"]] == ["li.na"]
    assert li.get(f"/units/{west['id']}").status_code == 404
    assert li.get(f"/users/{stranger['id']}").status_code == 404
    assert a_unit(li, east, "NEW").status_code == 403
    assert a_user(li, east, "new.one").status_code == 403


def test_everybody_learns_what_the_people_and_units_he_meets_are_called_and_no_more(organization, admin, root):
    east, west = a_unit(admin, root).json, a_unit(admin, root, "WEST").json
    a_user(admin, east)
    wang = a_user(admin, west, "wang.fang", name="王芳").json
    admin.patch(f"/users/{wang['id']}", {"active": False}, version=1)
    li = signed_in(organization, "li.na", PASSWORD)
    unknown = "00000000-0000-0000-0000-000000000001"
    named = li.get(f"/names?ids={wang['id']},{west['id']},{unknown}").json["items"]
    assert sorted(named, key=lambda each: each["kind"]) == [
        {"id": west["id"], "kind": "unit", "name": "WEST", "unit_name": None},
        {"id": wang["id"], "kind": "user", "name": "王芳", "unit_name": "WEST"},
    ]
    for wrong in ("", "?ids=", "?ids=x", f"?ids={','.join([unknown] * 201)}"):
        assert li.get(f"/names{wrong}").status_code == 422, wrong


def test_others_are_told_where_a_user_stands(organization, admin, root):
    unit = a_unit(admin, root).json
    li = a_user(admin, unit).json
    admin.patch(f"/users/{li['id']}", {"active": False}, version=1)
    told = [event for event in organization.recorded() if event["subject"] == li["id"]]
    assert [(event["type"], event["unitpath"]) for event in told] == [
        ("crm.organization.user.created", unit["path"]),
        ("crm.organization.user.disabled", unit["path"]),
    ]


def test_an_import_of_users_twice_is_the_same_users(organization, admin, root):
    items = [
        {
            "username": f"user{number}",
            "name": "张三",
            "memberships": [{"unit_id": root["id"], "role": "sales"}],
            "external": {"system": "old", "id": str(number)},
        }
        for number in range(3)
    ]
    first = admin.post("/users/bulk", {"items": items}).json["results"]
    again = admin.post("/users/bulk", {"items": [items[0] | {"name": "李四"}, *items[1:]]}).json["results"]
    assert [result["status"] for result in first + again] == [201] * 3 + [200] * 3
    assert [result["id"] for result in first] == [result["id"] for result in again]
    assert len(organization.recorded("crm.organization.user.changed")) == 1


def test_what_is_wrong_with_a_user_is_named(organization, admin, root):
    cases = {
        "password": {"password": "short"},
        "memberships": {"memberships": []},
        "memberships.manager_id": {
            "memberships": [
                {"unit_id": root["id"], "role": "sales", "manager_id": "00000000-0000-0000-0000-000000000001"}
            ]
        },
        "memberships.0.role": {"memberships": [{"unit_id": root["id"], "role": "king"}]},
        "username": {"username": "has space"},
    }
    for field, changes in cases.items():
        answer = a_user(admin, root, **changes)
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert a_user(admin, root).status_code == 201
    assert a_user(admin, root).status_code == 409
