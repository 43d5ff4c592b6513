"""Contains all the data models used in inputs/outputs"""

from .accept_body import AcceptBody
from .accepted_wire import AcceptedWire
from .action_answer import ActionAnswer
from .action_answer_result import ActionAnswerResult
from .action_claim_request import ActionClaimRequest
from .actor_kind import ActorKind
from .actor_wire import ActorWire
from .aggregate import Aggregate
from .answers_wire import AnswersWire
from .apply_product_body import ApplyProductBody
from .apply_product_response_200 import ApplyProductResponse200
from .ask_connection_action import AskConnectionAction
from .ask_connection_response_200 import AskConnectionResponse200
from .ask_draft_connection_action import AskDraftConnectionAction
from .ask_draft_connection_response_200 import AskDraftConnectionResponse200
from .authorize_answer import AuthorizeAnswer
from .authorize_answer_requires_item import AuthorizeAnswerRequiresItem
from .authorize_answer_statements_item import AuthorizeAnswerStatementsItem
from .authorize_authentication import AuthorizeAuthentication
from .authorize_body import AuthorizeBody
from .authorize_context import AuthorizeContext
from .authorize_draft import AuthorizeDraft
from .authorize_draft_properties import AuthorizeDraftProperties
from .authorize_draft_spec import AuthorizeDraftSpec
from .bill import Bill
from .bill_line import BillLine
from .bill_line_kind import BillLineKind
from .bill_period import BillPeriod
from .bill_resource import BillResource
from .bill_subtotal import BillSubtotal
from .bill_tier import BillTier
from .claim_actions_response_200 import ClaimActionsResponse200
from .claim_only import ClaimOnly
from .claim_request import ClaimRequest
from .claim_work_response_200 import ClaimWorkResponse200
from .confirm_reset_body import ConfirmResetBody
from .confirm_verification_body import ConfirmVerificationBody
from .connection import Connection
from .connection_list import ConnectionList
from .connection_properties import ConnectionProperties
from .connection_question import ConnectionQuestion
from .connection_status import ConnectionStatus
from .draft_question import DraftQuestion
from .draft_question_spec import DraftQuestionSpec
from .empty import Empty
from .empty_body import EmptyBody
from .event import Event
from .event_data import EventData
from .event_data_after_type_0 import EventDataAfterType0
from .event_data_before_type_0 import EventDataBeforeType0
from .event_kind import EventKind
from .event_operation import EventOperation
from .files import Files
from .files_format import FilesFormat
from .get_assignment_response_200 import GetAssignmentResponse200
from .get_product_response_200 import GetProductResponse200
from .healthz_response_200 import HealthzResponse200
from .ingested import Ingested
from .invitation import Invitation
from .issued_wire import IssuedWire
from .list_event import ListEvent
from .list_events_order import ListEventsOrder
from .list_invitation import ListInvitation
from .list_member import ListMember
from .list_org import ListOrg
from .list_own_session import ListOwnSession
from .list_policy import ListPolicy
from .list_policy_version import ListPolicyVersion
from .list_refused_request import ListRefusedRequest
from .list_resource import ListResource
from .list_service_account import ListServiceAccount
from .list_sql_login import ListSqlLogin
from .list_token import ListToken
from .list_usage_record import ListUsageRecord
from .log_in_body import LogInBody
from .me import Me
from .member import Member
from .member_attributes import MemberAttributes
from .member_patch_body import MemberPatchBody
from .member_patch_body_attributes_type_0 import MemberPatchBodyAttributesType0
from .metric_answer import MetricAnswer
from .metric_batch import MetricBatch
from .metric_point import MetricPoint
from .metric_point_labels import MetricPointLabels
from .metric_query import MetricQuery
from .metric_query_labels import MetricQueryLabels
from .metric_reading import MetricReading
from .metric_series import MetricSeries
from .metric_series_group import MetricSeriesGroup
from .new_connection import NewConnection
from .new_connection_properties import NewConnectionProperties
from .new_invitation_body import NewInvitationBody
from .new_org_body import NewOrgBody
from .new_pipeline import NewPipeline
from .new_pipeline_properties import NewPipelineProperties
from .new_resource import NewResource
from .new_resource_properties import NewResourceProperties
from .new_resource_spec import NewResourceSpec
from .new_service_account_body import NewServiceAccountBody
from .new_service_account_body_attributes import NewServiceAccountBodyAttributes
from .new_sql_login_body import NewSqlLoginBody
from .new_token_body import NewTokenBody
from .openapi_response_200 import OpenapiResponse200
from .opened_sql_login import OpenedSqlLogin
from .org import Org
from .org_patch import OrgPatch
from .outbox import Outbox
from .outbox_message import OutboxMessage
from .outcome_wire import OutcomeWire
from .own_org import OwnOrg
from .own_session import OwnSession
from .patch_resource import PatchResource
from .patch_resource_properties import PatchResourceProperties
from .patch_resource_spec import PatchResourceSpec
from .permissions_wire import PermissionsWire
from .pipeline import Pipeline
from .pipeline_list import PipelineList
from .pipeline_properties import PipelineProperties
from .pipeline_question import PipelineQuestion
from .pipeline_spec import PipelineSpec
from .pipeline_spec_destination import PipelineSpecDestination
from .pipeline_spec_destination_format import PipelineSpecDestinationFormat
from .pipeline_spec_mode import PipelineSpecMode
from .pipeline_spec_source import PipelineSpecSource
from .pipeline_spec_source_table import PipelineSpecSourceTable
from .pipeline_status import PipelineStatus
from .pipeline_status_peer import PipelineStatusPeer
from .pipeline_status_state import PipelineStatusState
from .pipeline_status_table import PipelineStatusTable
from .pipeline_status_table_state import PipelineStatusTableState
from .policy import Policy
from .policy_body import PolicyBody
from .policy_body_statements_type_0_item import PolicyBodyStatementsType0Item
from .policy_change import PolicyChange
from .policy_change_kind import PolicyChangeKind
from .policy_check import PolicyCheck
from .policy_check_statements_type_0_item import PolicyCheckStatementsType0Item
from .policy_deletion import PolicyDeletion
from .policy_draft import PolicyDraft
from .policy_draft_statements_type_0_item import PolicyDraftStatementsType0Item
from .policy_example import PolicyExample
from .policy_finding import PolicyFinding
from .policy_gain_lose import PolicyGainLose
from .policy_impact import PolicyImpact
from .policy_past_request import PolicyPastRequest
from .policy_requests import PolicyRequests
from .policy_statements_type_0_item import PolicyStatementsType0Item
from .policy_verdict import PolicyVerdict
from .policy_version import PolicyVersion
from .postgre_sql import PostgreSQL
from .postgre_sqltls import PostgreSQLTLS
from .preview_org_wire import PreviewOrgWire
from .preview_wire import PreviewWire
from .price_model import PriceModel
from .problem_body import ProblemBody
from .problem_body_offenders_item import ProblemBodyOffendersItem
from .problem_code import ProblemCode
from .problem_field import ProblemField
from .program import Program
from .question import Question
from .question_body import QuestionBody
from .readyz_response_200 import ReadyzResponse200
from .refused_request import RefusedRequest
from .release import Release
from .renew_lease_response_200 import RenewLeaseResponse200
from .replace_connection import ReplaceConnection
from .replace_connection_properties import ReplaceConnectionProperties
from .replace_pipeline import ReplacePipeline
from .replace_pipeline_properties import ReplacePipelineProperties
from .replace_resource import ReplaceResource
from .replace_resource_properties import ReplaceResourceProperties
from .replace_resource_spec import ReplaceResourceSpec
from .reset_body import ResetBody
from .resource import Resource
from .resource_include import ResourceInclude
from .resource_properties import ResourceProperties
from .resource_sort import ResourceSort
from .resource_spec import ResourceSpec
from .resource_status import ResourceStatus
from .revert_body import RevertBody
from .risk import Risk
from .risk_part import RiskPart
from .role import Role
from .role_policy import RolePolicy
from .roles_wire import RolesWire
from .service_account import ServiceAccount
from .service_account_attributes import ServiceAccountAttributes
from .service_account_patch import ServiceAccountPatch
from .service_account_patch_attributes_type_0 import ServiceAccountPatchAttributesType0
from .session import Session
from .session_kind_wire import SessionKindWire
from .sign_up_body import SignUpBody
from .signal import Signal
from .signal_detail import SignalDetail
from .signal_kind import SignalKind
from .signal_list import SignalList
from .sql_login import SqlLogin
from .status_report import StatusReport
from .status_report_status import StatusReportStatus
from .token import Token
from .usage_batch import UsageBatch
from .usage_record import UsageRecord
from .usage_record_properties import UsageRecordProperties
from .usage_report import UsageReport
from .usage_report_properties import UsageReportProperties
from .user import User

__all__ = (
    "AcceptBody",
    "AcceptedWire",
    "ActionAnswer",
    "ActionAnswerResult",
    "ActionClaimRequest",
    "ActorKind",
    "ActorWire",
    "Aggregate",
    "AnswersWire",
    "ApplyProductBody",
    "ApplyProductResponse200",
    "AskConnectionAction",
    "AskConnectionResponse200",
    "AskDraftConnectionAction",
    "AskDraftConnectionResponse200",
    "AuthorizeAnswer",
    "AuthorizeAnswerRequiresItem",
    "AuthorizeAnswerStatementsItem",
    "AuthorizeAuthentication",
    "AuthorizeBody",
    "AuthorizeContext",
    "AuthorizeDraft",
    "AuthorizeDraftProperties",
    "AuthorizeDraftSpec",
    "Bill",
    "BillLine",
    "BillLineKind",
    "BillPeriod",
    "BillResource",
    "BillSubtotal",
    "BillTier",
    "ClaimActionsResponse200",
    "ClaimOnly",
    "ClaimRequest",
    "ClaimWorkResponse200",
    "ConfirmResetBody",
    "ConfirmVerificationBody",
    "Connection",
    "ConnectionList",
    "ConnectionProperties",
    "ConnectionQuestion",
    "ConnectionStatus",
    "DraftQuestion",
    "DraftQuestionSpec",
    "Empty",
    "EmptyBody",
    "Event",
    "EventData",
    "EventDataAfterType0",
    "EventDataBeforeType0",
    "EventKind",
    "EventOperation",
    "Files",
    "FilesFormat",
    "GetAssignmentResponse200",
    "GetProductResponse200",
    "HealthzResponse200",
    "Ingested",
    "Invitation",
    "IssuedWire",
    "ListEvent",
    "ListEventsOrder",
    "ListInvitation",
    "ListMember",
    "ListOrg",
    "ListOwnSession",
    "ListPolicy",
    "ListPolicyVersion",
    "ListRefusedRequest",
    "ListResource",
    "ListServiceAccount",
    "ListSqlLogin",
    "ListToken",
    "ListUsageRecord",
    "LogInBody",
    "Me",
    "Member",
    "MemberAttributes",
    "MemberPatchBody",
    "MemberPatchBodyAttributesType0",
    "MetricAnswer",
    "MetricBatch",
    "MetricPoint",
    "MetricPointLabels",
    "MetricQuery",
    "MetricQueryLabels",
    "MetricReading",
    "MetricSeries",
    "MetricSeriesGroup",
    "NewConnection",
    "NewConnectionProperties",
    "NewInvitationBody",
    "NewOrgBody",
    "NewPipeline",
    "NewPipelineProperties",
    "NewResource",
    "NewResourceProperties",
    "NewResourceSpec",
    "NewServiceAccountBody",
    "NewServiceAccountBodyAttributes",
    "NewSqlLoginBody",
    "NewTokenBody",
    "OpenapiResponse200",
    "OpenedSqlLogin",
    "Org",
    "OrgPatch",
    "Outbox",
    "OutboxMessage",
    "OutcomeWire",
    "OwnOrg",
    "OwnSession",
    "PatchResource",
    "PatchResourceProperties",
    "PatchResourceSpec",
    "PermissionsWire",
    "Pipeline",
    "PipelineList",
    "PipelineProperties",
    "PipelineQuestion",
    "PipelineSpec",
    "PipelineSpecDestination",
    "PipelineSpecDestinationFormat",
    "PipelineSpecMode",
    "PipelineSpecSource",
    "PipelineSpecSourceTable",
    "PipelineStatus",
    "PipelineStatusPeer",
    "PipelineStatusState",
    "PipelineStatusTable",
    "PipelineStatusTableState",
    "Policy",
    "PolicyBody",
    "PolicyBodyStatementsType0Item",
    "PolicyChange",
    "PolicyChangeKind",
    "PolicyCheck",
    "PolicyCheckStatementsType0Item",
    "PolicyDeletion",
    "PolicyDraft",
    "PolicyDraftStatementsType0Item",
    "PolicyExample",
    "PolicyFinding",
    "PolicyGainLose",
    "PolicyImpact",
    "PolicyPastRequest",
    "PolicyRequests",
    "PolicyStatementsType0Item",
    "PolicyVerdict",
    "PolicyVersion",
    "PostgreSQL",
    "PostgreSQLTLS",
    "PreviewOrgWire",
    "PreviewWire",
    "PriceModel",
    "ProblemBody",
    "ProblemBodyOffendersItem",
    "ProblemCode",
    "ProblemField",
    "Program",
    "Question",
    "QuestionBody",
    "ReadyzResponse200",
    "RefusedRequest",
    "Release",
    "RenewLeaseResponse200",
    "ReplaceConnection",
    "ReplaceConnectionProperties",
    "ReplacePipeline",
    "ReplacePipelineProperties",
    "ReplaceResource",
    "ReplaceResourceProperties",
    "ReplaceResourceSpec",
    "ResetBody",
    "Resource",
    "ResourceInclude",
    "ResourceProperties",
    "ResourceSort",
    "ResourceSpec",
    "ResourceStatus",
    "RevertBody",
    "Risk",
    "RiskPart",
    "Role",
    "RolePolicy",
    "RolesWire",
    "ServiceAccount",
    "ServiceAccountAttributes",
    "ServiceAccountPatch",
    "ServiceAccountPatchAttributesType0",
    "Session",
    "SessionKindWire",
    "SignUpBody",
    "Signal",
    "SignalDetail",
    "SignalKind",
    "SignalList",
    "SqlLogin",
    "StatusReport",
    "StatusReportStatus",
    "Token",
    "UsageBatch",
    "UsageRecord",
    "UsageRecordProperties",
    "UsageReport",
    "UsageReportProperties",
    "User",
)
