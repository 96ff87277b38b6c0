"""Rules about features that must be off before an app can be migrated."""

from __future__ import annotations

from collections.abc import Iterator

from changeover.migration.dates import written
from changeover.migration.finding import Severity, Status
from changeover.migration.mapping.references import beside
from changeover.migration.rules.rule import HELP_CONCEPT, REPORTED, Case, Rule, Seen, Unseen

LOOK_IN_SETUP = " Salesforce probably hides the button: look in Setup."
NOT_DOCUMENTED = " This is reported, not documented."


def _how_sure(case: Case) -> str:
    return NOT_DOCUMENTED if case.situation.in_org else LOOK_IN_SETUP


def push_settings_invalid(case: Case) -> Iterator[Seen | Unseen]:
    """An expired Apple P12 certificate or the legacy Android server key make a migration fail, whole."""
    if case.situation.push is None:
        yield Unseen(
            "Setup, App Manager, the app, Edit, Mobile App Settings: push messaging is in no file; a"
            " migration fails with an expired Apple certificate or an Android server key."
        )
        return
    for configuration in case.situation.push:
        expires = configuration.certificate_expires
        if expires is not None and expires < case.situation.today:
            yield Seen(
                f"The {configuration.service} push certificate of {case.name} expired on {written(expires)}.",
                "Upload a new certificate, or use a .p8 key, or remove the push settings.",
            )
        if configuration.server_key:
            yield Seen(
                f"The {configuration.service} push settings of {case.name} use a server key, which Google has"
                " retired.",
                "Replace the server key by a service account, or remove the push settings.",
            )


PUSH_SETTINGS_INVALID = Rule(
    id="push-settings-invalid",
    title="Push settings are invalid",
    severity=Severity.BLOCKER,
    status=Status.DOCUMENTED,
    source=HELP_CONCEPT,
    remedy="Renew the push credentials or remove the push settings.",
    check=push_settings_invalid,
)


def user_provisioning(case: Case) -> Iterator[Seen | Unseen]:
    """Judge by the org, else by the UserProvisioningConfig that names the app."""
    if case.situation.user_provisioning is not None:
        if case.situation.user_provisioning:
            yield Seen(f"User provisioning is on for {case.name}.{_how_sure(case)}")
        return
    configs = [
        reference for reference in case.situation.references if reference.kind == "UserProvisioningConfig"
    ]
    switched_on = [reference.file for reference in configs if beside(reference, "enabled") == "true"]
    if switched_on:
        yield Seen(f"{switched_on[0]} switches user provisioning on for {case.name}.{_how_sure(case)}")
    elif not configs or any(beside(reference, "enabled") is None for reference in configs):
        yield Unseen(
            "Setup, Manage Connected Apps, the app, User Provisioning; in files UserProvisioningConfig."
        )


USER_PROVISIONING = Rule(
    id="user-provisioning",
    title="User provisioning is on",
    severity=Severity.BLOCKER,
    status=Status.REPORTED,
    source=REPORTED,
    remedy="Turn user provisioning off; external client apps have none, so find it another place first.",
    check=user_provisioning,
)


def custom_handler(case: Case) -> Iterator[Seen | Unseen]:
    """A connected app with a plugin has a handler class."""
    handler = case.value("plugin")
    if handler:
        yield Seen(f"{case.name} has the custom handler {handler}.{_how_sure(case)}")


CUSTOM_HANDLER = Rule(
    id="custom-handler",
    title="A custom handler is set",
    severity=Severity.BLOCKER,
    status=Status.REPORTED,
    source=REPORTED,
    remedy="Remove the handler; write it anew on Auth.ExternalClientAppOauthHandler for afterwards.",
    check=custom_handler,
)


def canvas(case: Case) -> Iterator[Seen | Unseen]:
    """Canvas settings in either form, whatever they say."""
    if case.facts.canvas:
        yield Seen(f"{case.name} has canvas settings.{_how_sure(case)}")


CANVAS = Rule(
    id="canvas",
    title="Canvas is on",
    severity=Severity.BLOCKER,
    status=Status.REPORTED,
    source=REPORTED,
    remedy="Make an external client app for the canvas app by hand, then turn canvas off here and migrate.",
    check=canvas,
)


def dynamic_registration(case: Case) -> Iterator[Seen | Unseen]:
    """Dynamic client registration is in no file."""
    if case.situation.dynamic_registration is None:
        yield Unseen(
            "Setup, App Manager, the app, View: an initial access token for dynamic client registration."
        )
    elif case.situation.dynamic_registration:
        yield Seen(f"Dynamic client registration is on for {case.name}.{_how_sure(case)}")


DYNAMIC_REGISTRATION = Rule(
    id="dynamic-registration",
    title="Dynamic client registration is on",
    severity=Severity.BLOCKER,
    status=Status.REPORTED,
    source=REPORTED,
    remedy="Delete the initial access token; external client apps register no clients.",
    check=dynamic_registration,
)


def saml_triple_des(case: Case) -> Iterator[Seen | Unseen]:
    """External client apps encrypt assertions with AES only."""
    if case.value("samlConfig/encryptionType").replace("_", "").casefold() == "tripledes":
        yield Seen(f"{case.name} encrypts SAML assertions with Triple DES.{_how_sure(case)}")


SAML_TRIPLE_DES = Rule(
    id="saml-triple-des",
    title="SAML uses Triple DES",
    severity=Severity.BLOCKER,
    status=Status.REPORTED,
    source=REPORTED,
    remedy="Choose AES-128 or AES-256 with the service provider's consent.",
    check=saml_triple_des,
)
