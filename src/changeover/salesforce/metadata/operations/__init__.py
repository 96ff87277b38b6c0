"""The operations of the Metadata API, in its guide's order: file-based, CRUD-based, utility calls."""

from changeover.salesforce.metadata.operations.deploying import cancel_deploy, check_deploy_status, deploy
from changeover.salesforce.metadata.operations.listing import describe_metadata, list_metadata
from changeover.salesforce.metadata.operations.reading import read_metadata
from changeover.salesforce.metadata.operations.retrieving import check_retrieve_status, check_status, retrieve
from changeover.salesforce.metadata.operations.saving import (
    create_metadata,
    delete_metadata,
    update_metadata,
    upsert_metadata,
)
from changeover.salesforce.soap.call import Operation

OPERATIONS = (
    Operation("deploy", deploy),
    Operation("checkDeployStatus", check_deploy_status),
    Operation("cancelDeploy", cancel_deploy),
    Operation("retrieve", retrieve),
    Operation("checkRetrieveStatus", check_retrieve_status),
    Operation("checkStatus", check_status),
    Operation("createMetadata", create_metadata),
    Operation("readMetadata", read_metadata),
    Operation("updateMetadata", update_metadata),
    Operation("upsertMetadata", upsert_metadata),
    Operation("deleteMetadata", delete_metadata),
    Operation("describeMetadata", describe_metadata),
    Operation("listMetadata", list_metadata),
)
"""A new operation is a function in a module here and a line."""
