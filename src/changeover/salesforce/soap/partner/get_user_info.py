"""getUserInfo(): whose session it is. Source: SOAP API guide, getUserInfo(), in the order of the WSDL.

What a local org has no setting for (currency, language, time zone, skin) is what Salesforce gives a new
Developer Edition org in English.
"""

from __future__ import annotations

from collections.abc import Mapping

from changeover.oauth.issuing import SESSION_TIMEOUT
from changeover.org.model.orgs import Org
from changeover.org.model.people import User
from changeover.org.ports import Unit
from changeover.salesforce.soap.answers import NIL, Value
from changeover.salesforce.soap.call import SoapCall


def get_user_info(call: SoapCall) -> Value:
    """Return the user of the session."""
    session = call.session()
    with call.units.read() as unit:
        return user_info(unit, session.org, session.user)


def user_info(unit: Unit, org: Org, user: User) -> Mapping[str, Value]:
    """Return a GetUserInfoResult."""
    profiles = unit.users.profiles(org.org_id)
    profile = next((one.profile_id for one in profiles if one.name == user.profile), None)
    return {
        "accessibilityMode": False,
        "chatterExternal": False,
        "currencySymbol": "$",
        "orgAttachmentFileSizeLimit": 5_242_880,
        "orgDefaultCurrencyIsoCode": "USD",
        "orgDefaultCurrencyLocale": "en_US",
        "orgDisallowHtmlAttachments": False,
        "orgHasPersonAccounts": False,
        "organizationId": org.org_id,
        "organizationMultiCurrency": False,
        "organizationName": org.name,
        "profileId": profile or NIL,
        "roleId": NIL,
        "sessionSecondsValid": int(SESSION_TIMEOUT.total_seconds()),
        "userDefaultCurrencyIsoCode": NIL,
        "userEmail": user.email,
        "userFullName": user.name,
        "userId": user.user_id,
        "userLanguage": "en_US",
        "userLocale": "en_US",
        "userName": user.username,
        "userTimeZone": "GMT",
        "userType": "Standard",
        "userUiSkin": "Theme3",
    }
