from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.price_model import PriceModel
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.bill_tier import BillTier


T = TypeVar("T", bound="BillSubtotal")


@_attrs_define
class BillSubtotal:
    """One price over all resources. On the bill of one resource `quantity`, `amount` and `records` are that resource's,
    and allowance, tiers and packages remain the org's.

        Attributes:
            price (str):
            meter (None | str):
            title (str):
            unit (str):
            model (PriceModel):
            quantity (str):
            included (str): The allowance, used or not.
            billable (str):
            price_unit (str): Name of the unit that `unit_price` is for.
            unit_scale (str): How many of the meter's units make one priced unit.
            tiers (list[BillTier]):
            amount (str):
            records (int):
            unit_price (None | str | Unset):
            packages (None | str | Unset):
    """

    price: str
    meter: None | str
    title: str
    unit: str
    model: PriceModel
    quantity: str
    included: str
    billable: str
    price_unit: str
    unit_scale: str
    tiers: list[BillTier]
    amount: str
    records: int
    unit_price: None | str | Unset = UNSET
    packages: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        price = self.price

        meter: None | str
        meter = self.meter

        title = self.title

        unit = self.unit

        model = self.model.value

        quantity = self.quantity

        included = self.included

        billable = self.billable

        price_unit = self.price_unit

        unit_scale = self.unit_scale

        tiers = []
        for tiers_item_data in self.tiers:
            tiers_item = tiers_item_data.to_dict()
            tiers.append(tiers_item)

        amount = self.amount

        records = self.records

        unit_price: None | str | Unset
        if isinstance(self.unit_price, Unset):
            unit_price = UNSET
        else:
            unit_price = self.unit_price

        packages: None | str | Unset
        if isinstance(self.packages, Unset):
            packages = UNSET
        else:
            packages = self.packages

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "price": price,
                "meter": meter,
                "title": title,
                "unit": unit,
                "model": model,
                "quantity": quantity,
                "included": included,
                "billable": billable,
                "price_unit": price_unit,
                "unit_scale": unit_scale,
                "tiers": tiers,
                "amount": amount,
                "records": records,
            }
        )
        if unit_price is not UNSET:
            field_dict["unit_price"] = unit_price
        if packages is not UNSET:
            field_dict["packages"] = packages

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.bill_tier import BillTier

        d = dict(src_dict)
        price = d.pop("price")

        def _parse_meter(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        meter = _parse_meter(d.pop("meter"))

        title = d.pop("title")

        unit = d.pop("unit")

        model = PriceModel(d.pop("model"))

        quantity = d.pop("quantity")

        included = d.pop("included")

        billable = d.pop("billable")

        price_unit = d.pop("price_unit")

        unit_scale = d.pop("unit_scale")

        tiers = []
        _tiers = d.pop("tiers")
        for tiers_item_data in _tiers:
            tiers_item = BillTier.from_dict(tiers_item_data)

            tiers.append(tiers_item)

        amount = d.pop("amount")

        records = d.pop("records")

        def _parse_unit_price(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        unit_price = _parse_unit_price(d.pop("unit_price", UNSET))

        def _parse_packages(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        packages = _parse_packages(d.pop("packages", UNSET))

        bill_subtotal = cls(
            price=price,
            meter=meter,
            title=title,
            unit=unit,
            model=model,
            quantity=quantity,
            included=included,
            billable=billable,
            price_unit=price_unit,
            unit_scale=unit_scale,
            tiers=tiers,
            amount=amount,
            records=records,
            unit_price=unit_price,
            packages=packages,
        )

        bill_subtotal.additional_properties = d
        return bill_subtotal

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
