from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ActionClaimRequest")


@_attrs_define
class ActionClaimRequest:
    """What an agent asks for that answers questions.

    Attributes:
        agent (str): Names the agent: the same over its life, another one after a restart.
        types (list[str]):
        capacity (int | Unset): How many questions it can take: 0 to 100.
        wait_secs (int | Unset): How long to wait for a question: 0 to 30 seconds.
    """

    agent: str
    types: list[str]
    capacity: int | Unset = UNSET
    wait_secs: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        agent = self.agent

        types = self.types

        capacity = self.capacity

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
        if wait_secs is not UNSET:
            field_dict["wait_secs"] = wait_secs

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        agent = d.pop("agent")

        types = cast(list[str], d.pop("types"))

        capacity = d.pop("capacity", UNSET)

        wait_secs = d.pop("wait_secs", UNSET)

        action_claim_request = cls(
            agent=agent,
            types=types,
            capacity=capacity,
            wait_secs=wait_secs,
        )

        return action_claim_request
