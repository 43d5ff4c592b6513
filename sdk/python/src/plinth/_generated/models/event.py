from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.event_data import EventData


T = TypeVar("T", bound="Event")


@_attrs_define
class Event:
    """A CloudEvent (1.0, structured JSON) for one committed change.

    Attributes:
        specversion (str):  Example: 1.0.
        id (str): `<org>/<seq>`.
        source (str):
        type_ (str):  Example: plinth.member.update.
        subject (str): The id of what changed.
        time (str):
        datacontenttype (str):
        seq (int): The event's place in the org's log: 1, 2, 3 ... without gaps.
        hash_ (str): SHA-256 over the previous event's hash and this event, in hex.
        data (EventData):
        requestid (None | str | Unset):
    """

    specversion: str
    id: str
    source: str
    type_: str
    subject: str
    time: str
    datacontenttype: str
    seq: int
    hash_: str
    data: EventData
    requestid: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        specversion = self.specversion

        id = self.id

        source = self.source

        type_ = self.type_

        subject = self.subject

        time = self.time

        datacontenttype = self.datacontenttype

        seq = self.seq

        hash_ = self.hash_

        data = self.data.to_dict()

        requestid: None | str | Unset
        if isinstance(self.requestid, Unset):
            requestid = UNSET
        else:
            requestid = self.requestid

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "specversion": specversion,
                "id": id,
                "source": source,
                "type": type_,
                "subject": subject,
                "time": time,
                "datacontenttype": datacontenttype,
                "seq": seq,
                "hash": hash_,
                "data": data,
            }
        )
        if requestid is not UNSET:
            field_dict["requestid"] = requestid

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.event_data import EventData

        d = dict(src_dict)
        specversion = d.pop("specversion")

        id = d.pop("id")

        source = d.pop("source")

        type_ = d.pop("type")

        subject = d.pop("subject")

        time = d.pop("time")

        datacontenttype = d.pop("datacontenttype")

        seq = d.pop("seq")

        hash_ = d.pop("hash")

        data = EventData.from_dict(d.pop("data"))

        def _parse_requestid(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        requestid = _parse_requestid(d.pop("requestid", UNSET))

        event = cls(
            specversion=specversion,
            id=id,
            source=source,
            type_=type_,
            subject=subject,
            time=time,
            datacontenttype=datacontenttype,
            seq=seq,
            hash_=hash_,
            data=data,
            requestid=requestid,
        )

        event.additional_properties = d
        return event

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
