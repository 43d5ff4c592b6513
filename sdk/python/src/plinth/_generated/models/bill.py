from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.bill_line import BillLine
    from ..models.bill_period import BillPeriod
    from ..models.bill_subtotal import BillSubtotal


T = TypeVar("T", bound="Bill")


@_attrs_define
class Bill:
    """What an org is charged. Amounts and quantities are decimals; amounts have the digits of the currency.

    Attributes:
        org (str):
        plan (str): Name of the plan.
        currency (str): ISO 4217 code.
        period (BillPeriod):
        as_of (datetime.datetime): What was recorded before this moment is in the bill.
        lines (list[BillLine]):
        subtotals (list[BillSubtotal]): One for each price; each is the sum of its lines.
        total (str): The sum of the subtotals.
        unpriced (list[str]): Meters with usage that the plan has no price for.
    """

    org: str
    plan: str
    currency: str
    period: BillPeriod
    as_of: datetime.datetime
    lines: list[BillLine]
    subtotals: list[BillSubtotal]
    total: str
    unpriced: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        org = self.org

        plan = self.plan

        currency = self.currency

        period = self.period.to_dict()

        as_of = self.as_of.isoformat()

        lines = []
        for lines_item_data in self.lines:
            lines_item = lines_item_data.to_dict()
            lines.append(lines_item)

        subtotals = []
        for subtotals_item_data in self.subtotals:
            subtotals_item = subtotals_item_data.to_dict()
            subtotals.append(subtotals_item)

        total = self.total

        unpriced = self.unpriced

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "org": org,
                "plan": plan,
                "currency": currency,
                "period": period,
                "as_of": as_of,
                "lines": lines,
                "subtotals": subtotals,
                "total": total,
                "unpriced": unpriced,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.bill_line import BillLine
        from ..models.bill_period import BillPeriod
        from ..models.bill_subtotal import BillSubtotal

        d = dict(src_dict)
        org = d.pop("org")

        plan = d.pop("plan")

        currency = d.pop("currency")

        period = BillPeriod.from_dict(d.pop("period"))

        as_of = datetime.datetime.fromisoformat(d.pop("as_of"))

        lines = []
        _lines = d.pop("lines")
        for lines_item_data in _lines:
            lines_item = BillLine.from_dict(lines_item_data)

            lines.append(lines_item)

        subtotals = []
        _subtotals = d.pop("subtotals")
        for subtotals_item_data in _subtotals:
            subtotals_item = BillSubtotal.from_dict(subtotals_item_data)

            subtotals.append(subtotals_item)

        total = d.pop("total")

        unpriced = cast(list[str], d.pop("unpriced"))

        bill = cls(
            org=org,
            plan=plan,
            currency=currency,
            period=period,
            as_of=as_of,
            lines=lines,
            subtotals=subtotals,
            total=total,
            unpriced=unpriced,
        )

        bill.additional_properties = d
        return bill

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
