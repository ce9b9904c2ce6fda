import { createHash, randomBytes } from 'node:crypto';
import axios from 'axios';
import { Router, Request } from 'express';
import nodemailer from 'nodemailer';
import { Strategy as OAuth2Strategy } from 'passport-oauth2';

const IDP = 'https://login.weinhandel.example';
const CALLBACK = 'https://shop.weinhandel.example/oauth/callback';
const REGISTERED = new Set([CALLBACK, 'https://kasse.weinhandel.example/oauth/callback']);

const http = axios.create({ timeout: 7000 });

function challengeFor(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

function authorizeUrl(params: Record<string, string>): string {
  return `${IDP}/authorize?${new URLSearchParams(params).toString()}`;
}

export const oauth = Router();

oauth.get('/start', (req, res) => {
  const verifier = randomBytes(48).toString('base64url');
  const state = randomBytes(24).toString('base64url');
  Object.assign(req.session, { verifier, state });
  res.redirect(
    authorizeUrl({
      response_type: 'code',
      client_id: 'shop',
      redirect_uri: CALLBACK,
      state,
      code_challenge: challengeFor(verifier),
      code_challenge_method: 'S256',
    }),
  );
});

oauth.get('/start-terminal', (req, res) => {
  const verifier = randomBytes(48).toString('base64url');
  const state = randomBytes(24).toString('base64url');
  Object.assign(req.session, { verifier, state });
  res.redirect(
    authorizeUrl({
      response_type: 'code',
      client_id: 'terminal',
      redirect_uri: CALLBACK,
      state,
      code_challenge: verifier,
      code_challenge_method: 'plain',
    }),
  );
});

oauth.get('/start-widget', (req, res) => {
  const state = randomBytes(24).toString('base64url');
  Object.assign(req.session, { state });
  const params = {
    response_type: 'token',
    client_id: 'widget',
    redirect_uri: CALLBACK,
    state,
  };
  res.redirect(authorizeUrl(params));
});

export async function tokenForCode(code: string, verifier: string): Promise<string> {
  const form = new URLSearchParams({ grant_type: 'authorization_code', code, code_verifier: verifier, client_id: 'shop' });
  const { data } = await http.post(`${IDP}/token`, form);
  return data.access_token;
}

export async function tokenForService(): Promise<string> {
  const form = new URLSearchParams({ grant_type: 'client_credentials', scope: 'stock' });
  const { data } = await http.post(`${IDP}/token`, form, {
    auth: { username: 'shop', password: process.env.SHOP_CLIENT_SECRET ?? '' },
  });
  return data.access_token;
}

export async function tokenForCashier(username: string, password: string): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'password',
    username,
    password,
  });
  const { data } = await http.post(`${IDP}/token`, form);
  return data.access_token;
}

export const shopStrategy = new OAuth2Strategy(
  {
    authorizationURL: `${IDP}/authorize`,
    tokenURL: `${IDP}/token`,
    clientID: 'shop',
    clientSecret: process.env.SHOP_CLIENT_SECRET as string,
    callbackURL: CALLBACK,
    state: true,
    pkce: true,
  },
  (_access: string, _refresh: string, profile: { id: string }, done: (e: null, u: unknown) => void) => done(null, profile),
);

export const supplierStrategy = new OAuth2Strategy(
  {
    authorizationURL: `${IDP}/suppliers/authorize`,
    tokenURL: `${IDP}/suppliers/token`,
    clientID: 'supplier',
    clientSecret: 'b7Tq-0fLw2xV9-sNdR4mEoYp',
    callbackURL: CALLBACK,
    state: true,
    pkce: true,
  },
  (_access: string, _refresh: string, profile: { id: string }, done: (e: null, u: unknown) => void) => done(null, profile),
);

export function acceptsRedirect(uri: string): boolean {
  return REGISTERED.has(uri);
}

export function acceptsPartnerRedirect(redirectUri: string): boolean {
  return redirectUri.startsWith('https://partner.weinhandel.example');
}

const mailer = nodemailer.createTransport({
  host: 'mail.weinhandel.example',
  port: 465,
  secure: true,
  auth: { user: 'shop', pass: process.env.SHOP_MAIL_PASSWORD },
});

const cellarMailer = nodemailer.createTransport({
  host: 'cellar-mail.weinhandel.example',
  port: 25,
  secure: false,
  ignoreTLS: true,
});

export async function mailReceipt(address: string, order: number): Promise<void> {
  await mailer.sendMail({ from: 'shop@weinhandel.example', to: address, subject: 'Receipt', text: `Order ${order}` });
}

export async function mailCellar(order: number): Promise<void> {
  await cellarMailer.sendMail({ from: 'shop@weinhandel.example', to: 'cellar@weinhandel.example', subject: 'Pick', text: `${order}` });
}

export function orderLink(_req: Request, order: number): string {
  return new URL(`/orders/${order}`, 'https://shop.weinhandel.example').toString();
}

export async function mailInvitation(req: Request, address: string): Promise<void> {
  const message = { from: 'shop@weinhandel.example', to: address, subject: 'Invitation' };
  await mailer.sendMail({ ...message, text: `https://${req.headers.host}/invitation` });
}
