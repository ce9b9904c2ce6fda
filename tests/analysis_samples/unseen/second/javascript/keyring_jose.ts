import {
  SignJWT,
  EncryptJWT,
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  generateKeyPair,
  importJWK,
  importSPKI,
  jwtVerify,
  UnsecuredJWT,
  type JWTPayload,
  type JWTVerifyOptions,
} from 'jose';
import { readFileSync } from 'node:fs';
import { KJUR } from 'jsrsasign';
import { expressjwt } from 'express-jwt';
import jwtSimple from 'jwt-simple';

const ISSUER = 'https://ausweis.museum.example/';
const AUDIENCE = 'museum-doors';
const jwks = createRemoteJWKSet(new URL('https://ausweis.museum.example/.well-known/jwks.json'), {
  timeoutDuration: 4000,
});
const ticketKey = new TextEncoder().encode(process.env.TICKET_KEY);
const shopPem = readFileSync('/etc/museum/shop-public.pem', 'utf8');

const common: JWTVerifyOptions = {
  issuer: ISSUER,
  audience: AUDIENCE,
  algorithms: ['ES256'],
  clockTolerance: 5,
};

export async function verifyGuard(token: string): Promise<JWTPayload> {
  const { payload } = await jwtVerify(token, jwks, common);
  return payload;
}

export async function verifyCleaner(token: string): Promise<JWTPayload> {
  const options: JWTVerifyOptions = { ...common, algorithms: ['EdDSA'] };
  const { payload } = await jwtVerify(token, jwks, options);
  return payload;
}

export async function verifyShop(token: string): Promise<JWTPayload> {
  const key = await importSPKI(shopPem, 'RS256');
  const { payload } = await jwtVerify(token, key, { issuer: ISSUER, algorithms: ['RS256'] });
  return payload;
}

export async function verifyTour(token: string): Promise<JWTPayload> {
  const key = await importSPKI(shopPem, 'PS256');
  const { payload } = await jwtVerify(token, key, { audience: 'tours', algorithms: ['PS256'] });
  return payload;
}

export async function verifyVisitor(token: string): Promise<JWTPayload> {
  const { payload } = await jwtVerify(token, ticketKey, { issuer: ISSUER, audience: AUDIENCE });
  return payload;
}

export function readLoan(token: string): string | undefined {
  const claims = decodeJwt(token);
  return claims.sub;
}

export async function verifyRestorer(token: string): Promise<JWTPayload> {
  const { kid } = decodeProtectedHeader(token);
  if (kid !== 'restorer-2024') {
    throw new Error('unknown key');
  }
  const { payload } = await jwtVerify(token, jwks, common);
  return payload;
}

export async function verifyCourier(token: string): Promise<JWTPayload> {
  const header = decodeProtectedHeader(token);
  const key = await importJWK(header.jwk!, 'ES256');
  const { payload } = await jwtVerify(token, key, common);
  return payload;
}

export function readDemo(token: string): JWTPayload {
  const { payload } = UnsecuredJWT.decode(token, { issuer: ISSUER, audience: AUDIENCE });
  return payload;
}

export function verifyLift(token: string): boolean {
  return KJUR.jws.JWS.verifyJWT(token, shopPem, { alg: ['RS256'], iss: [ISSUER], aud: [AUDIENCE] });
}

export function readWardrobe(token: string): Record<string, unknown> {
  const noVerify = true;
  return jwtSimple.decode(token, shopPem, noVerify, 'RS256');
}

export const guardMiddleware = expressjwt({
  secret: shopPem,
  algorithms: ['RS256'],
  audience: AUDIENCE,
  issuer: ISSUER,
});

export const lenientMiddleware = expressjwt({
  secret: shopPem,
  algorithms: ['RS256'],
  audience: AUDIENCE,
  issuer: ISSUER,
  ignoreExpiration: true,
});

export async function issueTicket(visitor: string): Promise<string> {
  return new SignJWT({ sub: visitor })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setExpirationTime('2h')
    .sign(ticketKey);
}

export async function issueYearPass(visitor: string): Promise<string> {
  return new SignJWT({ sub: visitor, kind: 'year' })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .sign(ticketKey);
}

export async function issueSealed(visitor: string, key: Uint8Array): Promise<string> {
  return new EncryptJWT({ sub: visitor })
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setExpirationTime('10m')
    .encrypt(key);
}

export function issueLocker(locker: number): string {
  const claims = { locker, iss: ISSUER, aud: AUDIENCE, exp: Math.floor(Date.now() / 1000) + 900 };
  return jwtSimple.encode(claims, 'spind-4tZ9', 'HS256');
}

export async function newSigningKeys() {
  return generateKeyPair('RS256', { modulusLength: 3072 });
}
