"""The desk: the judge between what people submit and what goes out. No Prefect in it."""

from presscheck.desk.current import CurrentPolicies, PoliciesInForce
from presscheck.desk.desk import Desk
from presscheck.desk.duties import WhoMay
from presscheck.desk.forms import Form
from presscheck.desk.publishing import Basis
from presscheck.desk.situation import PolicySource

__all__ = ["Basis", "CurrentPolicies", "Desk", "Form", "PoliciesInForce", "PolicySource", "WhoMay"]
