// jsforce (npm), as its own documentation uses it: OAuth only.
import jsforce from 'jsforce';
import { readFile } from 'node:fs/promises';
import { createSign } from 'node:crypto';
import { ask, heard, refused, tell } from './driver.mjs';

const { url, key, secret, pem, username, password, callback, refreshTokens } = await heard();
const found = {};
const options = { loginUrl: url, clientId: key, clientSecret: secret, redirectUri: callback };
const connection = (more) => new jsforce.Connection({ oauth2: new jsforce.OAuth2({ ...options, ...more }), loginUrl: url });
const whoami = async (conn) => (await conn.identity()).username;

// Web server flow, without PKCE and with jsforce's own, which names no method.
found.code = [];
for (const useVerifier of [false, true]) {
  const conn = connection({ useVerifier });
  const back = await ask('authorize', conn.oauth2.getAuthorizationUrl({ scope: 'api refresh_token', state: 's' }));
  await conn.authorize(new URL(back).searchParams.get('code'));
  found.code.push(await whoami(conn));
  found.instanceUrl = conn.instanceUrl;
  found.refreshToken = conn.refreshToken;
}

// A session that is over is renewed by itself; so are refresh tokens of the stages before.
found.refreshed = [];
for (const refreshToken of [found.refreshToken, ...refreshTokens]) {
  const conn = new jsforce.Connection({ oauth2: options, instanceUrl: found.instanceUrl, refreshToken });
  const answer = await conn.oauth2.refreshToken(refreshToken);
  const again = new jsforce.Connection({ instanceUrl: answer.instance_url, accessToken: answer.access_token });
  const info = await again.request(`${url}/services/oauth2/userinfo`);
  found.refreshed.push(info.preferred_username);
}

const own = connection();
await own.authorize({ grant_type: 'client_credentials' });
found.clientCredentials = await whoami(own);
const rows = await own.query(`SELECT Id, Username FROM User WHERE Username = '${username}'`);
found.queried = rows.records.map((row) => row.Username);

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = { iss: key, sub: username, aud: url, exp: Math.floor(Date.now() / 1000) + 180 };
const signed = `${encode({ alg: 'RS256' })}.${encode(claims)}`;
const signature = createSign('RSA-SHA256').update(signed).sign(await readFile(pem, 'utf8'), 'base64url');
const bearer = connection();
await bearer.authorize({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: `${signed}.${signature}` });
found.jwtBearer = await whoami(bearer);

const typed = connection();
found.password = await refused(async () => typed.authorize({ grant_type: 'password', username, password }));
if (typed.accessToken) {
  found.password = await whoami(typed);
}
const wrong = connection();
found.wrongSecret = await refused(() => {
  wrong.oauth2.clientSecret = 'not the secret';
  return wrong.authorize({ grant_type: 'client_credentials' });
});

await own.oauth2.revokeToken(own.accessToken);
found.revoked = await refused(() => whoami(own));
tell(found);
