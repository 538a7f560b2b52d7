"""`/api/v1/audit` and `/api/v1/audit.csv`."""

from typing import Any

import flask
import marshmallow as ma

from chassis import audit
from chassis.web import Blueprint, requires, work
from chassis.web.paging import PageSchema, page_of
from chassis.web.schemas import Schema
from services.organization.queries import audit as queries

blueprint = Blueprint("audit", __name__, url_prefix="/api/v1", description="Who did what")

READ = "audit:read"


class AskSchema(Schema):
    """What an entry must be to be shown; `q` finds words in any part of it, `to` is the first moment left out."""

    q = ma.fields.String(load_default=None, validate=ma.validate.Length(1, 100))
    actor_id = ma.fields.UUID(load_default=None)
    subject_id = ma.fields.UUID(load_default=None)
    action = ma.fields.String(load_default=None)
    service = ma.fields.String(load_default=None)
    begin = ma.fields.AwareDateTime(format="iso", load_default=None, data_key="from")
    end = ma.fields.AwareDateTime(format="iso", load_default=None, data_key="to")


class ListAuditSchema(PageSchema, AskSchema):
    """A page of them."""


class AuditChangeSchema(ma.Schema):
    field = ma.fields.String()
    before = ma.fields.String(allow_none=True)
    after = ma.fields.String(allow_none=True)


class AuditEntrySchema(ma.Schema):
    id = ma.fields.UUID()
    at = ma.fields.AwareDateTime(format="iso")
    service = ma.fields.String()
    action = ma.fields.String()
    actor_id = ma.fields.UUID(allow_none=True)
    actor_name = ma.fields.String(allow_none=True)
    address = ma.fields.String(allow_none=True)
    subject_kind = ma.fields.String()
    subject_id = ma.fields.UUID(allow_none=True)
    subject_name = ma.fields.String(allow_none=True)
    changes = ma.fields.List(ma.fields.Nested(AuditChangeSchema))
    reason = ma.fields.String(allow_none=True)
    trace_id = ma.fields.String()


@blueprint.route("/audit", methods=["GET"])
@blueprint.arguments(ListAuditSchema, location="query")
@blueprint.response(200, page_of(AuditEntrySchema))
@requires(READ)
def list_entries(asked: dict[str, Any]) -> dict[str, Any]:
    return queries.list_entries(work(), asked)


@blueprint.route("/audit.csv", methods=["GET"])
@blueprint.arguments(AskSchema, location="query")
@blueprint.response(200, content_type="text/csv")
@requires(READ)
def export_entries(asked: dict[str, Any]) -> flask.Response:
    """The same as CSV; that it was taken out is itself put on record."""
    present = work()
    with present.transaction() as tx:
        audit.record(tx, "audit.exported", ("audit", None), after={name: asked[name] for name in sorted(asked)})
    answer = flask.Response(queries.written_out(present, asked), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return answer
