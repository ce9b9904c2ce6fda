import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import jwt, { JwtPayload, VerifyOptions } from 'jsonwebtoken';
import * as jose from 'jose';
import { expressjwt } from 'express-jwt';
import { Router, Request, Response } from 'express';
import rateLimit from 'express-rate-limit';
import { Issuer, generators } from 'openid-client';
import { Strategy as JwtStrategy, ExtractJwt } from 'passport-jwt';
import bcrypt from 'bcryptjs';
import * as argon2 from 'argon2';

const ISS = 'https://id.allotment.example';
const AUD = 'plots';
const publicKey = readFileSync('/etc/allotment/jwt.pub');
const privateKey = readFileSync('/etc/allotment/jwt.key');
const hmacSecret = process.env.ALLOTMENT_HMAC as string;

const base: VerifyOptions = { algorithms: ['RS256'], audience: AUD, issuer: ISS };

export function issue(plot: string): string {
  return jwt.sign({ plot }, privateKey, { algorithm: 'RS256', expiresIn: '10m', audience: AUD, issuer: ISS });
}

export function issueForShed(shed: string): string {
  return jwt.sign({ shed }, privateKey, { algorithm: 'RS256', audience: AUD, issuer: ISS });
}

export function issueForGate(gate: string): string {
  return jwt.sign({ gate }, 'gate-of-the-lower-garden-and-orchard-7', { algorithm: 'HS256', expiresIn: 300 });
}

export function check(token: string): JwtPayload {
  return jwt.verify(token, publicKey, base) as JwtPayload;
}

export function checkLate(token: string): JwtPayload {
  return jwt.verify(token, publicKey, { ...base, ignoreExpiration: true }) as JwtPayload;
}

export function checkAnything(token: string): JwtPayload {
  return jwt.verify(token, hmacSecret, {
    algorithms: ['HS256', 'none'],
    audience: AUD,
    issuer: ISS,
  }) as JwtPayload;
}

export function checkEither(token: string): JwtPayload {
  const options: VerifyOptions = {
    algorithms: ['RS256', 'HS256'],
    audience: AUD,
    issuer: ISS,
  };
  return jwt.verify(token, publicKey, options) as JwtPayload;
}

export function plotOf(token: string): string {
  const claims = jwt.decode(token) as JwtPayload;
  return claims.plot;
}

export function plotOfChecked(token: string): string {
  const { kid } = jose.decodeProtectedHeader(token);
  if (kid !== 'garden-2025') throw new Error('unknown key');
  return check(token).plot;
}

export async function checkFederated(token: string) {
  const keys = jose.createRemoteJWKSet(new URL(`${ISS}/jwks.json`), { timeoutDuration: 5000 });
  const { payload } = await jose.jwtVerify(token, keys, { issuer: ISS, audience: AUD, algorithms: ['ES256'] });
  return payload;
}

export async function checkSelfBrought(token: string) {
  const header = jose.decodeProtectedHeader(token);
  const keys = jose.createRemoteJWKSet(new URL(header.jku as string), { timeoutDuration: 5000 });
  const { payload } = await jose.jwtVerify(token, keys, { issuer: ISS, audience: AUD, algorithms: ['ES256'] });
  return payload;
}

export const plotsOnly = expressjwt({ secret: publicKey.toString(), algorithms: ['RS256'], audience: AUD, issuer: ISS });

export const gardener = new JwtStrategy(
  {
    jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
    secretOrKey: publicKey,
    algorithms: ['RS256'],
    audience: AUD,
    issuer: ISS,
    ignoreExpiration: false,
  },
  (payload, done) => done(null, payload),
);

export const seedSwap = new JwtStrategy(
  {
    jwtFromRequest: ExtractJwt.fromUrlQueryParameter('token'),
    secretOrKey: publicKey,
    algorithms: ['RS256'],
    audience: AUD,
    issuer: ISS,
  },
  (payload, done) => done(null, payload),
);

export async function authoriseUrl(verifier: string): Promise<string> {
  const issuer = await Issuer.discover(ISS);
  const client = new issuer.Client({ client_id: 'plots', redirect_uris: ['https://plots.example/cb'], response_types: ['code'] });
  return client.authorizationUrl({
    scope: 'openid',
    state: generators.state(),
    code_challenge: generators.codeChallenge(verifier),
    code_challenge_method: 'S256',
  });
}

export async function kioskUrl(): Promise<string> {
  const issuer = await Issuer.discover(ISS);
  const client = new issuer.Client({
    client_id: 'kiosk',
    redirect_uris: ['https://kiosk.example/cb'],
    token_endpoint_auth_method: 'none',
  });
  return client.authorizationUrl({ scope: 'openid', response_type: 'token', state: generators.state() });
}

export const accounts = Router();
const few = rateLimit({ windowMs: 15 * 60_000, limit: 5 });

accounts.post('/password', few, async (req: Request, res: Response) => {
  const stored = await argon2.hash(req.body.password, { type: argon2.argon2id, memoryCost: 65536, timeCost: 3 });
  const kiosk = await bcrypt.hash(req.body.pin, 6);
  const phone = await argon2.hash(req.body.pin, { type: argon2.argon2id, memoryCost: 4096, timeCost: 3 });
  const web = await bcrypt.hash(req.body.password, 12);
  await req.app.locals.store.save(stored, kiosk, phone, web);
  res.sendStatus(204);
});

accounts.post('/hook', few, (req: Request, res: Response) => {
  const mine = createHmac('sha256', hmacSecret).update(JSON.stringify(req.body)).digest('hex');
  if (req.get('x-signature') !== mine) {
    res.sendStatus(403);
    return;
  }
  res.sendStatus(204);
});

accounts.post('/hook2', few, (req: Request, res: Response) => {
  const mine = createHmac('sha256', hmacSecret).update(JSON.stringify(req.body)).digest();
  const theirs = Buffer.from(req.get('x-signature') ?? '', 'hex');
  const same = theirs.length === mine.length && timingSafeEqual(theirs, mine);
  res.sendStatus(same ? 204 : 403);
});

accounts.post('/forgot', few, async (req: Request, res: Response) => {
  const token = randomBytes(24).toString('base64url');
  const link = `https://${req.headers.host}/reset#${token}`;
  await req.app.locals.mailer.send('reset', link);
  res.sendStatus(202);
});
