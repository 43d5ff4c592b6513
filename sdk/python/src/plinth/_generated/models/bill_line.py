from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.bill_line_kind import BillLineKind
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.bill_resource import BillResource
    from ..models.bill_tier import BillTier


T = TypeVar("T", bound="BillLine")


@_attrs_define
class BillLine:
    """
    Attributes:
        price (str): Name of the price; its subtotal has the same.
        kind (BillLineKind):
        meter (None | str):
        title (str):
        unit (str): What a quantity of 1 is.
        resource (BillResource | None):
        quantity (str):
        tiers (list[BillTier]): Where the line is the only one of its price; else they are the subtotal's.
        unrounded_amount (str): The exact share before rounding.
        amount (str):
        records (int): How many usage records it is made of.
        drill (None | str): Path and query of these records.
        unit_price (None | str | Unset):
    """

    price: str
    kind: BillLineKind
    meter: None | str
    title: str
    unit: str
    resource: BillResource | None
    quantity: str
    tiers: list[BillTier]
    unrounded_amount: str
    amount: str
    records: int
    drill: None | str
    unit_price: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.bill_resource import BillResource

        price = self.price

        kind = self.kind.value

        meter: None | str
        meter = self.meter

        title = self.title

        unit = self.unit

        resource: dict[str, Any] | None
        if isinstance(self.resource, BillResource):
            resource = self.resource.to_dict()
        else:
            resource = self.resource

        quantity = self.quantity

        tiers = []
        for tiers_item_data in self.tiers:
            tiers_item = tiers_item_data.to_dict()
            tiers.append(tiers_item)

        unrounded_amount = self.unrounded_amount

        amount = self.amount

        records = self.records

        drill: None | str
        drill = self.drill

        unit_price: None | str | Unset
        if isinstance(self.unit_price, Unset):
            unit_price = UNSET
        else:
            unit_price = self.unit_price

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "price": price,
                "kind": kind,
                "meter": meter,
                "title": title,
                "unit": unit,
                "resource": resource,
                "quantity": quantity,
                "tiers": tiers,
                "unrounded_amount": unrounded_amount,
                "amount": amount,
                "records": records,
                "drill": drill,
            }
        )
        if unit_price is not UNSET:
            field_dict["unit_price"] = unit_price

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.bill_resource import BillResource
        from ..models.bill_tier import BillTier

        d = dict(src_dict)
        price = d.pop("price")

        kind = BillLineKind(d.pop("kind"))

        def _parse_meter(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        meter = _parse_meter(d.pop("meter"))

        title = d.pop("title")

        unit = d.pop("unit")

        def _parse_resource(data: object) -> BillResource | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                resource_type_0 = BillResource.from_dict(data)

                return resource_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(BillResource | None, data)

        resource = _parse_resource(d.pop("resource"))

        quantity = d.pop("quantity")

        tiers = []
        _tiers = d.pop("tiers")
        for tiers_item_data in _tiers:
            tiers_item = BillTier.from_dict(tiers_item_data)

            tiers.append(tiers_item)

        unrounded_amount = d.pop("unrounded_amount")

        amount = d.pop("amount")

        records = d.pop("records")

        def _parse_drill(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        drill = _parse_drill(d.pop("drill"))

        def _parse_unit_price(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        unit_price = _parse_unit_price(d.pop("unit_price", UNSET))

        bill_line = cls(
            price=price,
            kind=kind,
            meter=meter,
            title=title,
            unit=unit,
            resource=resource,
            quantity=quantity,
            tiers=tiers,
            unrounded_amount=unrounded_amount,
            amount=amount,
            records=records,
            drill=drill,
            unit_price=unit_price,
        )

        bill_line.additional_properties = d
        return bill_line

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
