// A provider of identities as it is installed elsewhere: `oidc-provider`, certified, with its own pages to sign in.
import Provider from 'oidc-provider';

/** Who has an account there, by what they type. */
const PEOPLE = {
  nadia: { given_name: 'Nadia', family_name: 'Roche', email: 'nadia@example.org', email_verified: true, groups: ['equipe', 'formation'] },
  zoe: { given_name: 'Zoé', family_name: 'Petit', email: 'zoe@example.org', email_verified: true, groups: ['equipe'] },
  paul: { given_name: 'Paul', family_name: 'Moreau', email: 'paul@example.org', email_verified: false, groups: ['formation'] },
};

/** Starts it; answers how to stop it. */
export function start({ issuer, client, secret, base }) {
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client,
        client_secret: secret,
        redirect_uris: [`${base}/connexion/retour`],
        post_logout_redirect_uris: [`${base}/connexion`],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    pkce: { required: () => true },
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'given_name', 'family_name'],
      groups: ['groups'],
    },
    findAccount: (_, sub) =>
      PEOPLE[sub] && { accountId: sub, claims: () => ({ sub, name: `${PEOPLE[sub].given_name} ${PEOPLE[sub].family_name}`, ...PEOPLE[sub] }) },
  });
  const seen = [];
  provider.use(async (context, next) => {
    await next();
    seen.push(`${context.method} ${context.path} ${context.status}`);
  });
  const server = provider.listen(Number(new URL(issuer).port), '127.0.0.1');
  return { seen, stop: () => server.close() };
}
