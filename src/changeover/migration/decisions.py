"""What Changeover decides where Salesforce says nothing; `docs/decisions.md` is made from it.

Nothing here has been seen to happen in a Salesforce org; each is a choice that a comparison with a migrated
app can confirm or overthrow (`comparison` names them by their id).
"""

from __future__ import annotations

from typing import NamedTuple


class Decision(NamedTuple):
    """One choice."""

    id: str
    title: str
    decided: str
    """What Changeover does."""
    why: str
    otherwise: str
    """What else could be true of Salesforce."""
    visible: str
    """What a user would see if it were."""


_decisions: list[Decision] = []


def _decide(title: str, *, decided: str, why: str, otherwise: str, visible: str) -> Decision:
    """Add a decision. Ids are given in order and never again: append, do not insert or remove."""
    decision = Decision(f"D-{len(_decisions) + 1:02}", title, decided, why, otherwise, visible)
    _decisions.append(decision)
    return decision


KEY_HANDED_OVER = _decide(
    "Consumer key and secret are handed over unchanged",
    decided="The external client app has the connected app's consumer key and secret.",
    why="Several third parties quote Salesforce Help so; the copy of the page that we read lacks the"
    " sentence.",
    otherwise="The external client app gets a new key and secret.",
    visible="`verify` shows another consumerKey, and every integration fails with invalid_client_id until it"
    " has the new one.",
)
TOKENS_GO_ON = _decide(
    "Tokens and approvals go on working",
    decided="Access tokens, refresh tokens and users' approvals of the connected app are the external client"
    " app's, without a gap, and again the connected app's after a revert.",
    why="The OAuth consumer is a record of its own to which the external client app links; users of the"
    " migration report no interruption.",
    otherwise="Tokens end with the click, or only refresh tokens survive.",
    visible="After the migration Login History shows failed refreshes, and users are asked to approve again.",
)
ROTATED_KEY_STAYS_GONE = _decide(
    "What was rotated on the external client app does not come back",
    decided="After a revert the connected app has the key and secret of the day of the migration; a key or"
    " secret that was rotated since is gone, and tokens of the new key end.",
    why="The article: settings and policies remain as they were when the external client app was created.",
    otherwise="The rotated pair stays valid, because the OAuth consumer is shared.",
    visible="After the deletion clients with the new secret still get in, those with the old one do not.",
)
MIGRATE_AGAIN = _decide(
    "An app may be migrated again after a revert",
    decided="Once its external client app is deleted, the connected app is active and has the button again.",
    why="The article says that it becomes active again and names no limit.",
    otherwise="A connected app can be migrated only once.",
    visible="The button stays away after a revert.",
)
SAME_API_NAME = _decide(
    "The external client app bears the connected app's API name",
    decided="Header and connected app have the same API name.",
    why="sfdx-hardis pairs migrated apps by equal names.",
    otherwise="Salesforce appends something to the name or makes it from the label.",
    visible="`verify` finds no external client app under the name, but one with the same consumer key.",
)
PART_NAMES = _decide(
    "How the parts are named",
    decided="App_glbloauth, App_oauth, App_oauthPlcy, App_plcy, App_oauthSecurity, App_samlPlcy,"
    " App_canvasSettings, App_mobile, App_mobilePlcy, App_push, App_pushPlcy, App_notifications; each part's"
    " label is its name.",
    why="Setup names the parts of external client apps so that are made by hand; for the last seven it is our"
    " guess in the same manner.",
    otherwise="Migrated apps have other part names, or policies called App_oauth_defaultPolicy.",
    visible="Retrieved files have other names. `verify` does not mind: it matches parts by the app they"
    " name.",
)
BLOCKED_IS_BLOCKED = _decide(
    "Conditions that are only reported block too",
    decided="User provisioning, a custom handler, canvas, dynamic registration and SAML Triple DES take the"
    " button away in a local org; on files they block with the advice to look in Setup.",
    why="Two independent notes quote the list from Salesforce Help of August 2026; a button that is there"
    " where Salesforce hides it would lead a plan astray.",
    otherwise="Salesforce shows the button, and migrates or fails.",
    visible="The connected app's page in Setup has the button although Changeover calls the app blocked.",
)
PEOPLE_IN_BOTH_POLICIES = _decide(
    "With OAuth and SAML, who may use the app stands in both policies",
    decided="Profiles, permission sets and custom attributes go to the OAuth policies and to the SAML"
    " policies.",
    why="A connected app has one list for both; leaving it out of one would open or close that door.",
    otherwise="Salesforce writes them to one of the two.",
    visible="`verify` finds them in one part only; the other part lets nobody in, or everybody.",
)
FORMULAS_UNCHANGED = _decide(
    "Attribute formulas are carried unchanged",
    decided="`$User.Department` is written as it stands, with a warning.",
    why="Samples of external client apps write `User.X` for OAuth and `$Object.Field` for SAML, but no page"
    " says that the old form is refused.",
    otherwise="Salesforce rewrites the formulas, or drops those that it cannot read.",
    visible="The attribute is empty in tokens or assertions after the migration.",
)
KEY_AT_IMPORT = _decide(
    "An imported app without a key gets one, without a secret has none",
    decided="A local org gives a connected app that is imported without a consumer key a new one. A secret is"
    " never invented: it stays unset until someone sets it, and logins that need it say so.",
    why="Metadata never holds the secret and not always the key; a made-up secret would look like the real"
    " one.",
    otherwise="The app cannot be imported until its key is known.",
    visible="A client fails against the local org with the key from the real one.",
)
KEYS_UNIQUE_IN_ORG = _decide(
    "Consumer keys are unique within an org",
    decided="Two apps of one org never share a key; two orgs may, as a sandbox does with production.",
    why="Salesforce demands uniqueness over all orgs, but copies keys into sandboxes itself.",
    otherwise="The key is refused in the second org.",
    visible="Importing the same project into two local orgs would fail.",
)
ATTRIBUTES_TO_POLICIES = _decide(
    "Custom attributes go to the admin's policies",
    decided="`attributes` become customAttributes of the policies, not of the OAuth settings.",
    why="On a connected app the admin edits them, beside profiles and permission sets.",
    otherwise="They go to the developer's OAuth settings.",
    visible="`verify` finds customAttributes in App_oauth.",
)
START_URL_CUSTOM = _decide(
    "The start URL is the app policies' custom start page",
    decided="startUrl goes to App_plcy with startPage Custom; without one startPage is None.",
    why="The start URL of a connected app does not depend on OAuth.",
    otherwise="It goes to App_oauthPlcy with startPage OAuth.",
    visible="`verify` finds startPage OAuth and the URL in the OAuth policies; the tile opens the same page.",
)
PKCE_AS_IT_WAS = _decide(
    "PKCE stays as it was, written out",
    decided="isPkceRequired has the connected app's value; where its file is silent, false.",
    why="false is a connected app's default, true that of an external client app: turning it on locks out"
    " clients that send no challenge.",
    otherwise="The migration turns PKCE on; one org reports that it springs back to true.",
    visible="Clients fail with a missing code challenge right after the migration.",
)
NO_DELETE_BEFORE_REVERT = _decide(
    "A migrated connected app cannot be deleted",
    decided="As long as its external client app is there, the connected app cannot be deleted.",
    why="It is read-only, and without it there would be no way back; who removes both deletes the external"
    " client app first.",
    otherwise="Salesforce deletes it, and with it the way back.",
    visible="Setup offers Delete on a migrated connected app.",
)
NOTICES_COME_BACK = _decide(
    "Notifications and briefcases come back with a revert",
    decided="After a revert the connected app is in Notification Delivery Settings and in its briefcases"
    " again, with what it had.",
    why="The article says that it disappears there after a migration and becomes active again after a"
    " revert.",
    otherwise="The assignments are deleted at migration.",
    visible="After a revert the app has to be assigned again.",
)
CONFIRM_ONE_BY_ONE = _decide(
    "A blanket confirmation covers only apps without contrary evidence",
    decided="Where Login History or another finding speaks against the article's confirmations, that app is"
    " confirmed by itself, in so many words, and the audit trail says by whom and against what.",
    why="Salesforce asks once per app; whoever migrates many at once must not confirm what the evidence"
    " denies.",
    otherwise="Nothing to be otherwise: Salesforce has no bulk migration.",
    visible="More questions than Setup asks.",
)
FILES_TELL_MIGRATED = _decide(
    "On files an app is migrated when name and consumer key agree",
    decided="A connected app counts as migrated when an external client app has its API name and its consumer"
    " key. Same name and another key: the name is taken. A key that is missing or a placeholder in braces is"
    " no proof either way and must be confirmed.",
    why="Files know no state, and teams set up external client apps of the same name by hand.",
    otherwise="Salesforce marks migrated apps somewhere that metadata does not show.",
    visible="An app that was set up anew with the same key would be called migrated.",
)
UNKNOWN_BESIDE_SIBLINGS = _decide(
    "Unknown elements stay beside their siblings",
    decided="An element that Changeover does not know is written under its own name into the part that holds"
    " its siblings; one that would overwrite something of the part's own goes under an element"
    " `connectedApp`.",
    why="The newest fields of oauthConfig have all landed in the global OAuth settings under the same name,"
    " and nothing may be dropped silently.",
    otherwise="The field lands elsewhere, or nowhere.",
    visible="A deployment refuses the element and names it; `verify` says that it is missing.",
)
WRITTEN_OUT = _decide(
    "Every switch and policy is written out",
    decided="Where the connected app is silent, its own default is written, in every part that is written:"
    " PKCE not required, the refresh token flow needs the secret, IP restrictions enforced, refresh tokens"
    " valid"
    " until revoked, all users may self-authorise, session level STANDARD, plugins on where the app uses"
    " them.",
    why="Connected apps and external client apps have different defaults (PKCE, asset tokens, refresh"
    " tokens): silence would change the app.",
    otherwise="The migration leaves some of them to the external client app's default.",
    visible="`verify` finds the element absent, or with the other default.",
)
HOMES_WITHOUT_OAUTH = _decide(
    "Values whose only home is an OAuth part are kept there without OAuth",
    decided="IP ranges, session policy, handler and permitted users of an app without OAuth settings are"
    " written to the OAuth parts; the OAuth plugin stays off. With SAML, permitted users go to the SAML"
    " policies alone.",
    why="External client apps have no other place for them, and they must not vanish.",
    otherwise="Salesforce drops them, or creates no OAuth part.",
    visible="`verify` finds App_oauthPlcy missing for a SAML app with a session policy.",
)
ENDLESS_IN_METADATA = _decide(
    "Refresh tokens valid until revoked stay so in metadata",
    decided="`infinite` becomes Infinite, with a warning that idle tokens end after 30 days all the same.",
    why="Salesforce Help says that metadata goes on saying infinite while the idle limit holds.",
    otherwise="The migration writes SpecificInactivity, 30, Days.",
    visible="`verify` finds that policy instead of Infinite.",
)
SILENT_SWITCHES_OFF = _decide(
    "Switches that older files do not show are off",
    decided="Device flow, DPoP, mutual TLS, refresh token rotation, token exchange and the secret for token"
    " exchange are written as false where the file does not name them; the rules say what cannot be seen.",
    why="These fields came with later API versions; false is what most files that show them say.",
    otherwise="The app uses the flow although its file, retrieved with an older API version, is silent.",
    visible="`verify` finds true where we expected false.",
)
NOTIFICATIONS_FOLLOW = _decide(
    "Notification subscriptions follow the app",
    decided="Each notification type that was delivered to the connected app is listed in App_notifications,"
    " with pushByDefault as it was switched.",
    why="The connected app leaves Notification Delivery Settings; the Notification App Settings API takes"
    " external client apps since API 64.",
    otherwise="Nothing is taken over, or only custom notification types.",
    visible="Users no longer get a notification on their phones.",
)
CUSTOM_SCOPES_IN_BOTH = _decide(
    "Custom scopes stand in settings and policies",
    decided="A custom scope assigned to the connected app is named by App_oauth and by App_oauthPlcy.",
    why="Both types have the field: the developer asks for the scope, the admin grants it.",
    otherwise="The assignment has to be made again by hand.",
    visible="Tokens lack the custom scope after the migration.",
)
REFERENCES_STAY_TRUE = _decide(
    "What names the app by its API name still means it",
    decided="App menu, custom permissions and token exchange handlers are left as they are: they name the API"
    " name, which the external client app bears too.",
    why="The connected app stays in the org under that name, so nothing breaks at once.",
    otherwise="They must name the external client app in an element of its own.",
    visible="The tile, the permission or the token exchange stops working although the file is unchanged.",
)
CANVAS_CODES = _decide(
    "Canvas settings in codes are written in words",
    decided="`canvas/locationOptions` such as `CT,VF` becomes canvasLocationOptions in full words.",
    why="Retrieved CanvasMetadata files list the codes in the order of the words.",
    otherwise="A code means another location.",
    visible="The canvas app appears in another place; such apps are blocked anyway.",
)
LISTS_JOINED = _decide(
    "Lists are joined with a comma and a space",
    decided="Scopes, profiles and permission sets are written `A, B`, each once, in the source's order.",
    why="Retrieved scope lists look so.",
    otherwise="Names are joined without the space; a name that holds a comma is escaped.",
    visible="Salesforce says that it cannot find a profile whose name begins with a space.",
)
ENABLED = _decide(
    "The external client app is enabled",
    decided="isEnabled is true.",
    why="The connected app was in use; whether an admin had blocked it stands in no file.",
    otherwise="A blocked connected app becomes a disabled external client app.",
    visible="An app that was blocked lets users in after the migration.",
)
STAGED_ROTATION_LOST = _decide(
    "A staged rotation of the consumer secret is not carried over",
    decided="Only the current key and secret are handed over.",
    why="A staged pair stands in no file and has no field on the external client app.",
    otherwise="The staged pair can still be applied after the migration.",
    visible="Clients that already use the staged secret fail after the migration.",
)
BLOCK_GOES_OVER = _decide(
    "A blocked app stays blocked",
    decided="A block of Connected Apps OAuth Usage holds for the consumer: the external client app is blocked"
    " after the migration, the connected app after a revert, until somebody unblocks it on either page."
    " Blocking ends access tokens; refresh tokens and approvals stay, and are good again when the app is"
    " unblocked.",
    why="Who blocked an app did so to keep it out, and a migration must let nobody in. Salesforce says of"
    " blocking that it ends current sessions and is not permanent.",
    otherwise="The block is lost, or the external client app is made disabled (isEnabled is false).",
    visible="An app that was blocked lets users in after the migration, or its policies show it as disabled.",
)

USERNAME_PASSWORD_SAYS_WHY = _decide(
    "A refused username-password login says why",
    decided="The token endpoint answers invalid_grant with `authentication failure` and, behind a colon, why:"
    " the app is an external client app, the org blocks the flow, or it has ended. Login History has"
    " `Username-Password Flow Disabled` in each case, and the log names app and reason.",
    why="Salesforce answers `authentication failure` alone, as for a wrong password; who rehearses a"
    " migration needs to tell the two apart, and the reason depends on app and org only, not on the user.",
    otherwise="Nothing to be otherwise: Salesforce's answer is shorter.",
    visible="The error's text ends after `authentication failure`.",
)

CLIENTS_AT_HOME = _decide(
    "An app's clients log in to the app's own org",
    decided="A rehearsal logs in to the org in which the app was made.",
    why="Neither files nor an org's Login History show who logs in to another org with the app's consumer"
    " key. A connected app's key is good there too, once the app is installed; users report that a local"
    " external client app's is not.",
    otherwise="Clients log in to other orgs with it: a vendor's customers, or a sandbox made from the org.",
    visible="After the migration logins to the other orgs end with OAUTH_EC_APP_NOT_FOUND.",
)
STAGED_IS_THE_SAME_APP = _decide(
    "Staged credentials are a second name of the same app",
    decided="The staged key and secret of an external client app log in beside its own from the moment they"
    " are staged, and the former pair for 30 days after a rotation. Tokens and approvals hang on the app: a"
    " client goes on with what it has when it changes from one pair to the other. Pairs that are staged or"
    " were rotated can be deleted at any time; a rotated or expired pair is not rotated again, and a second"
    " one is staged once the first is deleted or expired.",
    why="The Connect REST API guide names the states and the 30 days, and third parties say that both pairs"
    " work at the same time; of tokens no page says anything, and an overlap that logs users out would be"
    " none.",
    otherwise="A staged pair works only once it is rotated, or tokens end with the pair that they were asked"
    " for with.",
    visible="Clients with the new pair are refused before the rotation, or users are asked to approve again.",
)
STAGED_ENDS_WITH_REVERT = _decide(
    "Staged credentials end with their external client app",
    decided="The deletion of an external client app lists its staged credentials among what is lost. The"
    " connected app has the pair of the day of the migration again; after a rotation its clients must ask for"
    " new tokens. Connected apps have no staged credentials here.",
    why="What was changed on the external client app is lost with it (article), and a rotated pair is such a"
    " change.",
    otherwise="The staged pair belongs to the OAuth consumer and goes over to the connected app.",
    visible="After the deletion clients still get in with the staged pair.",
)
DECISIONS: tuple[Decision, ...] = tuple(_decisions)
BY_ID = {decision.id: decision for decision in DECISIONS}


def markdown() -> str:
    """Return `docs/decisions.md`."""
    lines = [
        "# Decisions",
        "",
        "Made from `changeover.migration.decisions` by `python tools/docs.py`; change it there.",
        "",
        "Where Salesforce says nothing about a migration, Changeover decides. Each decision has an id that",
        "pages, reports and `verify` use. None of them has been seen in a Salesforce org yet; each says what",
        "you would see if Salesforce does otherwise.",
    ]
    for decision in DECISIONS:
        lines += [
            "",
            f"## {decision.id} {decision.title}",
            "",
            f"- **Decided:** {decision.decided}",
            f"- **Why:** {decision.why}",
            f"- **What else could be true:** {decision.otherwise}",
            f"- **What you would see then:** {decision.visible}",
        ]
    return "\n".join(lines) + "\n"
