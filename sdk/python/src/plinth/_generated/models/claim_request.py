from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.claim_only import ClaimOnly
from ..types import UNSET, Unset

T = TypeVar("T", bound="ClaimRequest")


@_attrs_define
class ClaimRequest:
    """What an agent asks for.

    Attributes:
        agent (str): Names the agent: the same over its life, another one after a restart.
        types (list[str]):
        capacity (int | Unset): How many resources it can take: 0 to 100.
        org_capacity (int | None | Unset): How many resources of one org it takes at most, counting those that it holds:
            at least 1. Resources that are being
            deleted are given out beyond it.
        only (ClaimOnly | None | Unset):
        wait_secs (int | Unset): How long to wait for something to do: 0 to 30 seconds.
    """

    agent: str
    types: list[str]
    capacity: int | Unset = UNSET
    org_capacity: int | None | Unset = UNSET
    only: ClaimOnly | None | Unset = UNSET
    wait_secs: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        agent = self.agent

        types = self.types

        capacity = self.capacity

        org_capacity: int | None | Unset
        if isinstance(self.org_capacity, Unset):
            org_capacity = UNSET
        else:
            org_capacity = self.org_capacity

        only: None | str | Unset
        if isinstance(self.only, Unset):
            only = UNSET
        elif isinstance(self.only, ClaimOnly):
            only = self.only.value
        else:
            only = self.only

        wait_secs = self.wait_secs

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "agent": agent,
                "types": types,
            }
        )
        if capacity is not UNSET:
            field_dict["capacity"] = capacity
        if org_capacity is not UNSET:
            field_dict["org_capacity"] = org_capacity
        if only is not UNSET:
            field_dict["only"] = only
        if wait_secs is not UNSET:
            field_dict["wait_secs"] = wait_secs

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        agent = d.pop("agent")

        types = cast(list[str], d.pop("types"))

        capacity = d.pop("capacity", UNSET)

        def _parse_org_capacity(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        org_capacity = _parse_org_capacity(d.pop("org_capacity", UNSET))

        def _parse_only(data: object) -> ClaimOnly | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                only_type_0 = ClaimOnly(data)

                return only_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ClaimOnly | None | Unset, data)

        only = _parse_only(d.pop("only", UNSET))

        wait_secs = d.pop("wait_secs", UNSET)

        claim_request = cls(
            agent=agent,
            types=types,
            capacity=capacity,
            org_capacity=org_capacity,
            only=only,
            wait_secs=wait_secs,
        )

        return claim_request
