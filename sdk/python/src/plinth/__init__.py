"""Client of a Plinth control plane. Start with `plinth.Client`."""

from ._generated.models import Bill, Event, MetricSeries, ServiceAccount, Token, UsageRecord
from .client import Client
from .error import FieldError, PlinthError, WaitError
from .event import Events, EventStream
from .metering import Metrics, Usage
from .resource import Resource, Resources
from .service_account import ServiceAccounts
from .transport import RetryPolicy

__all__ = [
    "Bill",
    "Client",
    "Event",
    "EventStream",
    "Events",
    "FieldError",
    "MetricSeries",
    "Metrics",
    "PlinthError",
    "Resource",
    "Resources",
    "RetryPolicy",
    "ServiceAccount",
    "ServiceAccounts",
    "Token",
    "Usage",
    "UsageRecord",
    "WaitError",
]
