from prefect import State as State

from presscheck.cleaning import clean_line as clean_line
from presscheck.cleaning import clean_text as clean_text
from presscheck.models import Approval as Approval
from presscheck.models import Asset as Asset
from presscheck.models import Brief as Brief
from presscheck.models import CallToAction as CallToAction
from presscheck.models import Claim as Claim
from presscheck.models import Copy as Copy
from presscheck.models import Decision as Decision
from presscheck.models import Fact as Fact
from presscheck.models import Finding as Finding
from presscheck.models import Frozen as Frozen
from presscheck.models import Outcome as Outcome
from presscheck.models import OutcomeStatus as OutcomeStatus
from presscheck.models import Product as Product
from presscheck.models import Recipient as Recipient
from presscheck.models import Refused as Refused
from presscheck.models import Review as Review
from presscheck.models import Sender as Sender
from presscheck.models import Variant as Variant
from tasks import *  # noqa: F403

__version__: str
