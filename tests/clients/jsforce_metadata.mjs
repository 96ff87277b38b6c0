// jsforce (npm), as its own documentation uses it: SOAP login and the Metadata API.
import jsforce from 'jsforce';
import { readFile, writeFile } from 'node:fs/promises';
import { heard, refused, tell } from './driver.mjs';

const { url, username, password, zip, brought } = await heard();
const found = {};
const conn = new jsforce.Connection({ loginUrl: url, version: '62.0' });
const user = await conn.login(username, password);
found.login = [user.id, user.organizationId, conn.instanceUrl];
found.wrong = await refused(() => new jsforce.Connection({ loginUrl: url, version: '62.0' }).login(username, 'wrong'));

const described = await conn.metadata.describe('62.0');
found.types = described.metadataObjects.map((one) => one.xmlName);
const listed = await conn.metadata.list([{ type: 'ConnectedApp' }], '62.0');
found.listed = [listed].flat().map((one) => one.fullName);

const read = await conn.metadata.read('ConnectedApp', ['Metered', 'Nobody']);
found.read = read.map((one) => one.fullName ?? null);
const app = read[0];
const contact = { fullName: 'Metered', contactEmail: app.contactEmail, oauthConfig: app.oauthConfig };
found.upserted = await conn.metadata.upsert('ConnectedApp', [{ ...contact, label: 'Upserted' }]);
found.updated = await conn.metadata.update('ConnectedApp', [{ ...contact, label: 'Updated' }]);
found.created = await conn.metadata.create('ConnectedApp', [{ ...contact, fullName: 'Fresh', label: 'Fresh' }]);
found.label = (await conn.metadata.read('ConnectedApp', 'Metered')).label;

const wanted = { apiVersion: '62.0', singlePackage: true, unpackaged: { types: [{ name: 'ConnectedApp', members: ['Metered'] }], version: '62.0' } };
const retrieved = await conn.metadata.retrieve(wanted).complete();
found.retrieved = [retrieved.success, retrieved.status];
await writeFile(brought, Buffer.from(retrieved.zipFile, 'base64'));

const deployed = await conn.metadata.deploy(await readFile(zip), { singlePackage: true, rollbackOnError: true }).complete(true);
found.deployed = [deployed.success, deployed.status, deployed.numberComponentsDeployed];

const deleted = await conn.metadata.delete('ConnectedApp', ['Metered', 'Nobody']);
found.deleted = deleted.map((one) => one.success);
const { instanceUrl, accessToken, version } = conn;
await conn.logout();
const over = new jsforce.Connection({ instanceUrl, accessToken, version });
found.after = await refused(() => over.metadata.list([{ type: 'ConnectedApp' }], '62.0'));
tell(found);
