from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="OutboxMessage")


@_attrs_define
class OutboxMessage:
    """
    Attributes:
        id (str):
        recipient (str):
        subject (str):
        body (str): Plain text.
        created_at (str):
    """

    id: str
    recipient: str
    subject: str
    body: str
    created_at: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        recipient = self.recipient

        subject = self.subject

        body = self.body

        created_at = self.created_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "recipient": recipient,
                "subject": subject,
                "body": body,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = d.pop("id")

        recipient = d.pop("recipient")

        subject = d.pop("subject")

        body = d.pop("body")

        created_at = d.pop("created_at")

        outbox_message = cls(
            id=id,
            recipient=recipient,
            subject=subject,
            body=body,
            created_at=created_at,
        )

        outbox_message.additional_properties = d
        return outbox_message

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
