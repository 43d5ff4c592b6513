from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.actor_wire import ActorWire
    from ..models.policy_impact import PolicyImpact
    from ..models.policy_statements_type_0_item import PolicyStatementsType0Item


T = TypeVar("T", bound="Policy")


@_attrs_define
class Policy:
    """A policy of an org.

    Attributes:
        id (str):
        name (str):
        description (str):
        text (str): Cedar.
        statements (list[PolicyStatementsType0Item] | None): The easy form; `null` when a statement says more than it
            can.
        version (int): Counts changes; the ETag.
        created_by (ActorWire): Whoever did something.
        created_at (datetime.datetime):
        updated_by (ActorWire): Whoever did something.
        updated_at (datetime.datetime):
        impact (None | PolicyImpact | Unset):
    """

    id: str
    name: str
    description: str
    text: str
    statements: list[PolicyStatementsType0Item] | None
    version: int
    created_by: ActorWire
    created_at: datetime.datetime
    updated_by: ActorWire
    updated_at: datetime.datetime
    impact: None | PolicyImpact | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.policy_impact import PolicyImpact

        id = self.id

        name = self.name

        description = self.description

        text = self.text

        statements: list[dict[str, Any]] | None
        if isinstance(self.statements, list):
            statements = []
            for statements_type_0_item_data in self.statements:
                statements_type_0_item = statements_type_0_item_data.to_dict()
                statements.append(statements_type_0_item)

        else:
            statements = self.statements

        version = self.version

        created_by = self.created_by.to_dict()

        created_at = self.created_at.isoformat()

        updated_by = self.updated_by.to_dict()

        updated_at = self.updated_at.isoformat()

        impact: dict[str, Any] | None | Unset
        if isinstance(self.impact, Unset):
            impact = UNSET
        elif isinstance(self.impact, PolicyImpact):
            impact = self.impact.to_dict()
        else:
            impact = self.impact

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "name": name,
                "description": description,
                "text": text,
                "statements": statements,
                "version": version,
                "created_by": created_by,
                "created_at": created_at,
                "updated_by": updated_by,
                "updated_at": updated_at,
            }
        )
        if impact is not UNSET:
            field_dict["impact"] = impact

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.actor_wire import ActorWire
        from ..models.policy_impact import PolicyImpact
        from ..models.policy_statements_type_0_item import PolicyStatementsType0Item

        d = dict(src_dict)
        id = d.pop("id")

        name = d.pop("name")

        description = d.pop("description")

        text = d.pop("text")

        def _parse_statements(data: object) -> list[PolicyStatementsType0Item] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                statements_type_0 = []
                _statements_type_0 = data
                for statements_type_0_item_data in _statements_type_0:
                    statements_type_0_item = PolicyStatementsType0Item.from_dict(
                        statements_type_0_item_data
                    )

                    statements_type_0.append(statements_type_0_item)

                return statements_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[PolicyStatementsType0Item] | None, data)

        statements = _parse_statements(d.pop("statements"))

        version = d.pop("version")

        created_by = ActorWire.from_dict(d.pop("created_by"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        updated_by = ActorWire.from_dict(d.pop("updated_by"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        def _parse_impact(data: object) -> None | PolicyImpact | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                impact_type_0 = PolicyImpact.from_dict(data)

                return impact_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PolicyImpact | Unset, data)

        impact = _parse_impact(d.pop("impact", UNSET))

        policy = cls(
            id=id,
            name=name,
            description=description,
            text=text,
            statements=statements,
            version=version,
            created_by=created_by,
            created_at=created_at,
            updated_by=updated_by,
            updated_at=updated_at,
            impact=impact,
        )

        policy.additional_properties = d
        return policy

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
