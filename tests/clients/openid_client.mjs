// openid-client (npm), as its own documentation uses it: every flow that it can do.
import { readFile } from 'node:fs/promises';
import { createPrivateKey } from 'node:crypto';
import * as client from 'openid-client';
import { ask, heard, refused, tell } from './driver.mjs';

const { url, key, secret, pem, username, callback, refreshTokens } = await heard();
const found = {};
const post = await client.discovery(new URL(url), key, undefined, client.ClientSecretPost(secret));
const basic = await client.discovery(new URL(url), key, undefined, client.ClientSecretBasic(secret));
found.issuer = post.serverMetadata().issuer;

// Web server flow: PKCE, state, nonce, and the ID token's signature by the published keys.
client.enableNonRepudiationChecks(post);
async function approved() {
  const verifier = client.randomPKCECodeVerifier();
  const checks = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() };
  const asked = client.buildAuthorizationUrl(post, {
    redirect_uri: callback,
    scope: 'openid api refresh_token',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
  });
  const back = new URL(await ask('authorize', asked.href));
  return { back, checks, tokens: await client.authorizationCodeGrant(post, back, checks) };
}
const { tokens } = await approved();
found.subject = tokens.claims().sub;
found.userinfo = await client.fetchUserInfo(post, tokens.access_token, found.subject);

// Refresh: of now, and of the stages before.
found.refreshToken = tokens.refresh_token;
found.refreshed = [];
for (const token of [tokens.refresh_token, ...refreshTokens]) {
  const again = await client.refreshTokenGrant(post, token);
  const info = await client.fetchUserInfo(post, again.access_token, client.skipSubjectCheck);
  found.refreshed.push(info.preferred_username);
}

// Client credentials, by form and by HTTP Basic, and with a signed assertion (private_key_jwt).
const signing = await crypto.subtle.importKey(
  'pkcs8', createPrivateKey(await readFile(pem)).export({ type: 'pkcs8', format: 'der' }),
  { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['sign'],
);
const asserting = await client.discovery(new URL(url), key, undefined, client.PrivateKeyJwt(signing));
found.clientCredentials = [];
for (const config of [post, basic, asserting]) {
  const own = await client.clientCredentialsGrant(config);
  found.clientCredentials.push((await client.tokenIntrospection(config, own.access_token)).active);
}

// JWT bearer: openid-client has no call of its own for it, but one for any grant.
const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const now = Math.floor(Date.now() / 1000);
const signed = `${encode({ alg: 'RS256' })}.${encode({ iss: key, sub: username, aud: url, exp: now + 180 })}`;
const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', signing, Buffer.from(signed));
const assertion = `${signed}.${Buffer.from(signature).toString('base64url')}`;
const jwt = await client.genericGrantRequest(post, 'urn:ietf:params:oauth:grant-type:jwt-bearer', { assertion });
found.jwtBearer = (await client.fetchUserInfo(post, jwt.access_token, client.skipSubjectCheck)).preferred_username;

// Device.
const device = await client.initiateDeviceAuthorization(post, { scope: 'api openid', response_type: 'device_code' });
await ask('connect', { url: device.verification_uri, code: device.user_code });
const connected = await client.pollDeviceAuthorizationGrant(post, device);
found.device = (await client.fetchUserInfo(post, connected.access_token, client.skipSubjectCheck)).preferred_username;

// Introspection and revocation.
found.before = (await client.tokenIntrospection(basic, connected.access_token)).active;
await client.tokenRevocation(basic, connected.access_token);
found.after = (await client.tokenIntrospection(basic, connected.access_token)).active;

// A code that comes twice: it is refused, and what was issued for it ends.
const once = await approved();
found.replay = await refused(() => client.authorizationCodeGrant(post, once.back, once.checks));
found.afterReplay = (await client.tokenIntrospection(basic, once.tokens.access_token)).active;
tell(found);
