"""Checks of the user: active, and permitted by the app."""

from __future__ import annotations

from changeover.oauth.attempt import Attempt
from changeover.oauth.refusals import NOT_ADMIN_APPROVED, USER_INACTIVE, Refusal
from changeover.org.permissions import Permission


def user_active(attempt: Attempt) -> Refusal | None:
    """A user who was deactivated, or is but a placeholder, logs in with no app."""
    user = attempt.user
    return None if user.active and not user.placeholder else USER_INACTIVE


def permitted_user(attempt: Attempt) -> Refusal | None:
    """Where admin approved users are pre-authorized, a profile or permission set must let the user in.

    Source: Metadata API guide, isAdminApproved and permittedUsersPolicyType; Salesforce Help, "Use Any API
    Client" (salesforce-reference section 6).
    """
    client, user = attempt.client, attempt.user
    if not client.admin_approved:
        return None
    if user.profile in client.profiles or client.permission_sets & set(user.permission_sets):
        return None
    held = attempt.unit.users.permissions(user.user_id)
    return None if Permission.USE_ANY_API_CLIENT.value in held else NOT_ADMIN_APPROVED
