// npm's oidc-provider as the bench measures ours beside: opaque tokens, in memory, one client with a secret.
//
//     node provider.mjs PORT CLIENT_ID CLIENT_SECRET

import Provider from "oidc-provider";

const [port, clientId, clientSecret] = process.argv.slice(2);

const provider = new Provider(`http://localhost:${port}`, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: "client_secret_basic",
    },
  ],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true },
  },
  scopes: ["api"],
});

provider.listen(Number(port), "127.0.0.1");
