// A real OpenID provider on loopback: client-credentials JWT access tokens with groups. Prints its port once it listens.
// Usage: node server.mjs [port]. POST /rotate puts a new signing key first, as providers do when they rotate.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const newKey = () => ({
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  kid: randomUUID(), alg: 'RS256', use: 'sig',
});

// Each client's id is its subject; its tokens carry these claims besides.
const extra = {
  'bot-7': { groups: ['agents', 'ci'] },
  'bot-single': { groups: 'agents' },
  'bot-odd-groups': { groups: [{ nested: true }] },
  'bot-overage': { _claim_names: { groups: 'src1' } },
  'bot-service': { kind: 'service' },
  'bot-actor': { act: { sub: 'agent-9', act: { sub: 'earlier' } } },
  'bot-bad-actor': { act: { iss: 'nobody' } },
  'bot-email': { email: 'bot@example.test', email_verified: false },
};

const clients = Object.keys(extra).map((client_id) => ({
  client_id, client_secret: 'secret', grant_types: ['client_credentials'], redirect_uris: [], response_types: [],
}));

const makeProvider = (issuer, keys) => {
  const provider = new Provider(issuer, {
    clients,
    jwks: { keys },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => ({
          scope: 'use', audience: resource.replace('urn:', ''), accessTokenFormat: 'jwt', accessTokenTTL: 300, jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    extraTokenClaims: (_, token) => extra[token.clientId],
  });
  return provider.callback();
};

const keys = [newKey()];
let handle;
const server = createServer((request, response) => {
  if (request.method === 'POST' && request.url === '/rotate') {
    keys.unshift(newKey());
    handle = makeProvider(issuer, [...keys]);
    response.end();
    return;
  }
  handle(request, response);
});
let issuer;
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  handle = makeProvider(issuer, [...keys]);
  console.log(`listening ${server.address().port}`);
});
// The test's end closes our input; nothing is left running then.
process.stdin.on('end', () => process.exit(0)).resume();
