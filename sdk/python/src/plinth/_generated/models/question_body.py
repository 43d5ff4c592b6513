from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.authorize_context import AuthorizeContext
    from ..models.authorize_draft import AuthorizeDraft


T = TypeVar("T", bound="QuestionBody")


@_attrs_define
class QuestionBody:
    """May I do this?

    Attributes:
        action (str):  Example: members:view.
        resource (None | str | Unset): Name or id of a resource of the action's type.
        draft (AuthorizeDraft | None | Unset):
        context (AuthorizeContext | None | Unset):
    """

    action: str
    resource: None | str | Unset = UNSET
    draft: AuthorizeDraft | None | Unset = UNSET
    context: AuthorizeContext | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.authorize_context import AuthorizeContext
        from ..models.authorize_draft import AuthorizeDraft

        action = self.action

        resource: None | str | Unset
        if isinstance(self.resource, Unset):
            resource = UNSET
        else:
            resource = self.resource

        draft: dict[str, Any] | None | Unset
        if isinstance(self.draft, Unset):
            draft = UNSET
        elif isinstance(self.draft, AuthorizeDraft):
            draft = self.draft.to_dict()
        else:
            draft = self.draft

        context: dict[str, Any] | None | Unset
        if isinstance(self.context, Unset):
            context = UNSET
        elif isinstance(self.context, AuthorizeContext):
            context = self.context.to_dict()
        else:
            context = self.context

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "action": action,
            }
        )
        if resource is not UNSET:
            field_dict["resource"] = resource
        if draft is not UNSET:
            field_dict["draft"] = draft
        if context is not UNSET:
            field_dict["context"] = context

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.authorize_context import AuthorizeContext
        from ..models.authorize_draft import AuthorizeDraft

        d = dict(src_dict)
        action = d.pop("action")

        def _parse_resource(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        resource = _parse_resource(d.pop("resource", UNSET))

        def _parse_draft(data: object) -> AuthorizeDraft | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                draft_type_0 = AuthorizeDraft.from_dict(data)

                return draft_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AuthorizeDraft | None | Unset, data)

        draft = _parse_draft(d.pop("draft", UNSET))

        def _parse_context(data: object) -> AuthorizeContext | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                context_type_0 = AuthorizeContext.from_dict(data)

                return context_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AuthorizeContext | None | Unset, data)

        context = _parse_context(d.pop("context", UNSET))

        question_body = cls(
            action=action,
            resource=resource,
            draft=draft,
            context=context,
        )

        return question_body
