"""The operations of the partner and the enterprise API that a local org has: one module each."""

from changeover.salesforce.soap.call import Operation
from changeover.salesforce.soap.partner.get_user_info import get_user_info
from changeover.salesforce.soap.partner.login import LAST_VERSION, login
from changeover.salesforce.soap.partner.logout import logout

OPERATIONS = (
    Operation("login", login, last=LAST_VERSION),
    Operation("logout", logout),
    Operation("getUserInfo", get_user_info),
)
"""A new operation is a module here and a line."""
