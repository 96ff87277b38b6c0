"""A project with an app of every readiness, and evidence for it, all of our own making."""

from __future__ import annotations

from pathlib import Path

from tests.project.files import connected_app, global_settings, header, lay

CANVAS = """<canvasConfig>
        <accessMethod>Get</accessMethod>
        <canvasUrl>https://canvas.example.com</canvasUrl>
        <locations>UserProfile</locations>
    </canvasConfig>"""
HOSTILE = "=cmd|'/C calc'!A1 &lt;script&gt;alert(1)&lt;/script&gt;"
LOGINS = (
    "UserId,LoginTime,Application,LoginSubType,Status\n"
    "int@example.com,2026-11-01T08:00:00Z,Payroll,OauthUsernamePassword,Success\n"
    "005,2026-11-02T08:00:00Z,Kiosk,OauthUserAgent,Success\n"
    "005,2026-11-03T08:00:00Z,Billing,OauthWebServer,Success\n"
)
TOKENS = "AppName,LastUsedDate,UseCount\nWarehouse,2026-11-05T10:00:00Z,4\n"


def project(root: Path) -> Path:
    """Lay a project: two ready, one that stops, one to confirm, one blocked, one migrated, one broken."""
    folder = "force-app/main/default/connectedApps"
    return lay(
        root,
        {
            f"{folder}/Billing.connectedApp-meta.xml": connected_app("Billing", "KEY.1"),
            f"{folder}/Warehouse.connectedApp-meta.xml": connected_app("Warehouse", "KEY.2"),
            f"{folder}/Kiosk.connectedApp-meta.xml": connected_app("Kiosk", "KEY.3"),
            f"{folder}/Payroll.connectedApp-meta.xml": connected_app("Payroll", "KEY.4"),
            f"{folder}/Canvas.connectedApp-meta.xml": connected_app("Canvas", "KEY.5", more=CANVAS),
            f"{folder}/Hostile.connectedApp-meta.xml": connected_app(HOSTILE, "KEY.6"),
            f"{folder}/Done.connectedApp-meta.xml": connected_app("Done", "KEY.7"),
            "force-app/main/default/externalClientApps/Done.eca-meta.xml": header("Done"),
            "force-app/main/default/extlClntAppGlobalOauthSets/Done_glbloauth.ecaGlblOauth-meta.xml": (
                global_settings("Done", "KEY.7")
            ),
            f"{folder}/Broken.connectedApp-meta.xml": "<ConnectedApp>",
        },
    )


def evidence(folder: Path) -> tuple[Path, Path]:
    """Write Login History and OauthToken."""
    logins, tokens = folder / "logins.csv", folder / "tokens.csv"
    logins.write_text(LOGINS, encoding="utf-8")
    tokens.write_text(TOKENS, encoding="utf-8")
    return logins, tokens
