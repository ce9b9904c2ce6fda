import { createHmac, timingSafeEqual, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import jwt from 'jsonwebtoken';

export enum FieldName {
  Password = 'password',
  NewPassword = 'new_password',
  ApiToken = 'api_token',
  ClientSecret = 'client_secret',
}

export interface Gateway {
  merchant: string;
  secretKey: string;
  publishable?: string;
}

const ISSUER = 'https://shop.saatgut.example';
const AUDIENCE = 'saatgut-checkout';

export const gateways: Record<string, Gateway> = {
  eu: { merchant: 'saatgut-eu', secretKey: 'sk_live_klxU3zsPXwOduoiEBvHR5wRf' },
  ch: { merchant: 'saatgut-ch', secretKey: process.env.GATEWAY_CH_SECRET! },
  docs: { merchant: 'saatgut-docs', secretKey: 'YOUR_SECRET_KEY' },
  local: { merchant: 'saatgut-local', secretKey: '<secret-key>' },
};

export class TokenService {
  private static readonly signingSecret = readFileSync('/run/secrets/signing', 'utf8').trim();
  private readonly tokenPrefix = 'sg_checkout_token';
  readonly passwordPolicy = 'min:12|max:128|mixed';

  issue(order: string): string {
    return jwt.sign({ order }, TokenService.signingSecret, {
      algorithm: 'HS256', issuer: ISSUER, audience: AUDIENCE, expiresIn: '10m',
    });
  }

  issueReceipt(order: string): string {
    return jwt.sign({ order }, 'kCaxdawMHpFt2fCKh1cnKlAGzv4lym68gt99JRlJu0bdkF1Z', {
      algorithm: 'HS256', issuer: ISSUER, audience: AUDIENCE, expiresIn: '10m',
    });
  }

  cacheKey(order: string): string {
    return `${this.tokenPrefix}:${order}`;
  }
}

export function verifyCallback(body: Buffer, signature: string): boolean {
  const expected = createHmac('sha256', process.env.CALLBACK_SECRET ?? '').update(body).digest();
  const given = Buffer.from(signature, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

export function verifyLegacyCallback(body: Buffer, signature: string): boolean {
  const expected = createHmac('sha256', '8e7ef3d01301864b43541a10377e81cae6fa07102925de3c8cac9c377d51ab93').update(body).digest();
  const given = Buffer.from(signature, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

export async function currencyRates(apiKey = 'a96591d8fc09eb0387c26d3bef30f16f'): Promise<unknown> {
  const reply = await fetch('https://rates.example/v1/latest', {
    headers: { 'x-api-key': apiKey },
    signal: AbortSignal.timeout(5000),
  });
  return reply.json();
}

export const translations = {
  de: { password: 'Passwort', apiToken: 'API-Token', secret: 'Geheimnis' },
  nl: { password: 'Wachtwoord', apiToken: 'API-token', secret: 'Geheim' },
};

export const integrity = 'sha384-sYf9n6rgBwNLMnLbrzToisEdsVA8A6XUCr5d4Fx1LvAOmtRbM7p7P2k+c9d1d/TX';
export const logo = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAQKbw3YtaNTCwrd+KGXa1mTILimnjq/cj2C3YcuyK70zhw7o8yDdouF+Dr9hwhOIvlUx2u4DVGm92845O8cTxYQ5Hk8Wk3Q6s39Qwe2YRNZp5vpc0AMoD4xtjYZb+1soszZu/Tndhq2a45lIijngd13CS2KUCFS4JITFnIB5bkhzmzDVTPozYAAAASUVORK5CYII=';
export const newApiKey = () => randomBytes(32).toString('base64url');
