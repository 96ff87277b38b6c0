// jsforce (npm), as its own documentation uses it: queries, records and describes.
import jsforce from 'jsforce';
import { heard, refused, tell } from './driver.mjs';

const { url, key, secret, username } = await heard();
const conn = new jsforce.Connection({ oauth2: { loginUrl: url, clientId: key, clientSecret: secret }, version: '62.0' });
await conn.authorize({ grant_type: 'client_credentials' });
const found = {};

const users = await conn.query(`SELECT Id, Username, Profile.Name FROM User WHERE Username = '${username}'`);
found.users = users.records.map((user) => [user.Username, user.Profile.Name]);
found.count = (await conn.query('SELECT COUNT() FROM Organization')).totalSize;
found.tooling = (await conn.tooling.query('SELECT Name FROM Organization')).records.map((org) => org.Name);
found.versions = (await conn.request('/services/data')).at(-1).version;
found.record = (await conn.sobject('User').retrieve(users.records[0].Id)).Username;
found.fields = (await conn.describe('User')).fields.slice(0, 2).map((field) => field.name);
found.objects = (await conn.describeGlobal()).sobjects.some((one) => one.name === 'LoginHistory');
found.limits = (await conn.limits()).DailyApiRequests.Max > 0;
found.identity = (await conn.identity()).username;

// More than a batch holds: jsforce goes on by itself, and by hand.
const all = 'SELECT Id FROM LoginHistory';
found.fetched = (await conn.query(all, { autoFetch: true, maxFetch: 10000 })).records.length;
const first = await conn.query(all);
const second = await conn.queryMore(first.nextRecordsUrl);
found.batches = [first.records.length, first.done, second.records.length, second.done];
found.different = new Set([...first.records, ...second.records].map((row) => row.Id)).size;
found.refused = await refused(() => conn.query('SELECT Id FORM User'));
found.missing = await refused(() => conn.query('SELECT Id FROM Account'));
tell(found);
