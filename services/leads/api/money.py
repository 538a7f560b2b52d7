"""Money as it comes in, as the domain's own value."""

from chassis.web import schemas
from services.leads.domain.opportunities import Money


class MoneySchema(schemas.MoneySchema):
    makes = Money
