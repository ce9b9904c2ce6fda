import { ApolloServer } from '@apollo/server';
import { generators, Issuer, Client as OidcClient, custom } from 'openid-client';
import Koa, { Context } from 'koa';
import koaHelmet from 'koa-helmet';
import koaSession from 'koa-session';
import koaCors from '@koa/cors';
import Router from '@koa/router';
import sgMail from '@sendgrid/mail';
import pino from 'pino';

const log = pino({ level: 'info', redact: ['token', 'headers.authorization'] });
const ORIGIN = 'https://portal.kletterverein.example';
const REDIRECTS = [`${ORIGIN}/signin/done`];
const YEAR = 31_536_000;

custom.setHttpOptionsDefaults({ timeout: 6000 });
sgMail.setApiKey(process.env.SENDGRID_API_KEY as string);

export const router = new Router({ prefix: '/signin' });

async function discover(): Promise<OidcClient> {
  const issuer = await Issuer.discover('https://id.kletterverein.example');
  return new issuer.Client({
    client_id: 'portal',
    client_secret: process.env.PORTAL_CLIENT_SECRET,
    redirect_uris: REDIRECTS,
    response_types: ['code'],
  });
}

async function discoverHut(): Promise<OidcClient> {
  const issuer = await Issuer.discover('https://id.huette.example');
  return new issuer.Client({
    client_id: 'portal-hut',
    client_secret: 'Firn8-Grat3-Kolk5-Wand1',
    redirect_uris: REDIRECTS,
    response_types: ['code'],
  });
}

router.get('/start', async (ctx: Context) => {
  const client = await discover();
  const verifier = generators.codeVerifier();
  const state = generators.state();
  ctx.session!.verifier = verifier;
  ctx.session!.state = state;
  ctx.redirect(
    client.authorizationUrl({
      scope: 'openid profile',
      state,
      code_challenge: generators.codeChallenge(verifier),
      code_challenge_method: 'S256',
    }),
  );
});

router.get('/start/hut', async (ctx: Context) => {
  const client = await discoverHut();
  const verifier = generators.codeVerifier();
  const state = generators.state();
  ctx.session!.verifier = verifier;
  ctx.session!.state = state;
  const parameters = {
    scope: 'openid profile',
    state,
    code_challenge: verifier,
    code_challenge_method: 'plain',
  };
  ctx.redirect(client.authorizationUrl(parameters));
});

router.get('/done', async (ctx: Context) => {
  const client = await discover();
  const { verifier, state } = ctx.session!;
  const tokens = await client.callback(REDIRECTS[0], client.callbackParams(ctx.req), { code_verifier: verifier, state });
  ctx.session!.member = tokens.claims().sub;
  log.info({ member: tokens.claims().sub }, 'signed in');
  log.info(`access token of the member is ${tokens.access_token}`);
  ctx.redirect('/');
});

export async function kioskTokens(client: OidcClient, username: string, password: string) {
  return client.grant({
    grant_type: 'password',
    username,
    password,
  });
}

export async function jobTokens(client: OidcClient) {
  return client.grant({ grant_type: 'client_credentials', scope: 'routes' });
}

export function returnAddressAllowed(redirectUri: string): boolean {
  return REDIRECTS.includes(redirectUri);
}

export function partnerAddressAllowed(redirectUri: string): boolean {
  return /^https:\/\/.*\.partner\.example/.test(redirectUri);
}

router.post('/area', (ctx: Context) => {
  const { area } = ctx.request.body as { area: string };
  ctx.session!.area = area;
  ctx.status = 204;
});

router.post('/unit', (ctx: Context) => {
  const { unit } = ctx.request.body as { unit: string };
  ctx.session!.unit = unit === 'feet' ? 'feet' : 'metres';
  ctx.status = 204;
});

router.post('/invite', async (ctx: Context) => {
  const message = { from: 'portal@kletterverein.example', to: 'board@kletterverein.example', subject: 'Invitation' };
  await sgMail.send({ ...message, text: `${ORIGIN}/invitation` });
  ctx.status = 202;
});

router.post('/remind', async (ctx: Context) => {
  const message = { from: 'portal@kletterverein.example', to: 'board@kletterverein.example', subject: 'Reminder' };
  await sgMail.send({ ...message, text: `https://${ctx.get('Host')}/reminder` });
  ctx.status = 202;
});

export function portal(): Koa {
  const app = new Koa();
  app.keys = [process.env.PORTAL_COOKIE_KEY as string];
  app.use(koaHelmet({ hsts: { maxAge: YEAR, includeSubDomains: true } }));
  app.use(koaCors({ origin: ORIGIN, credentials: true }));
  app.use(koaSession({ key: '__Host-portal', httpOnly: true, secure: true, sameSite: 'strict', maxAge: 1_800_000 }, app));
  return app;
}

export function hutTerminal(): Koa {
  const app = new Koa();
  app.keys = [process.env.HUT_COOKIE_KEY as string];
  app.use(
    koaHelmet({
      hsts: { maxAge: YEAR, includeSubDomains: true },
      contentSecurityPolicy: false,
      xFrameOptions: false,
      referrerPolicy: false,
    }),
  );
  app.use(
    koaCors({
      origin: (ctx) => ctx.get('Origin'),
      credentials: true,
    }),
  );
  const options = { key: 'hut', httpOnly: true, secure: true, sameSite: 'none' as const, maxAge: 1_800_000 };
  app.use(koaSession(options, app));
  return app;
}

export const graph = new ApolloServer({
  typeDefs: 'type Query { routes: [String!]! }',
  csrfPrevention: true,
  introspection: false,
  includeStacktraceInErrorResponses: false,
});

export const hutGraph = new ApolloServer({
  typeDefs: 'type Query { beds: Int! }',
  csrfPrevention: false,
  introspection: false,
  includeStacktraceInErrorResponses: true,
});
