import { createPublicKey, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CanActivate, ExecutionContext, Injectable, Module, UnauthorizedException } from '@nestjs/common';
import { JwtModule, JwtService } from '@nestjs/jwt';
import { PassportStrategy } from '@nestjs/passport';
import cookieSession from 'cookie-session';
import { createSigner, createVerifier, createDecoder } from 'fast-jwt';
import jwksRsa from 'jwks-rsa';
import jwtSimple from 'jwt-simple';
import koaJwt from 'koa-jwt';
import { generators, Issuer } from 'openid-client';
import { Strategy as OAuth2Strategy } from 'passport-oauth2';
import { ExtractJwt, Strategy } from 'passport-jwt';
import axios from 'axios';

const issuer = 'https://id.glaciers.example';
const audience = 'tours';
const publicKey = readFileSync('/etc/glaciers/id.pub', 'utf8');
const secret = process.env.GLACIER_JWT_SECRET as string;

@Module({
  imports: [
    JwtModule.register({
      secret,
      signOptions: { expiresIn: '15m', issuer, audience },
      verifyOptions: { algorithms: ['HS256'], issuer, audience },
    }),
  ],
})
export class TokenModule {}

@Module({
  imports: [
    JwtModule.register({
      publicKey,
      verifyOptions: {
        algorithms: ['RS256'],
        ignoreExpiration: true,
        issuer,
        audience,
      },
    }),
  ],
})
export class ArchiveTokenModule {}

@Injectable()
export class TourGuard implements CanActivate {
  constructor(private readonly tokens: JwtService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest();
    const [kind, token] = String(request.headers.authorization ?? '').split(' ');
    if (kind !== 'Bearer') throw new UnauthorizedException();
    request.user = await this.tokens.verifyAsync(token, { publicKey, algorithms: ['RS256'], issuer, audience });
    return true;
  }
}

@Injectable()
export class PreviewGuard implements CanActivate {
  constructor(private readonly tokens: JwtService) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest();
    const token = String(request.headers.authorization ?? '').slice(7);
    request.user = this.tokens.decode(token);
    return request.user !== null;
  }
}

@Injectable()
export class GuideStrategy extends PassportStrategy(Strategy, 'guide') {
  constructor() {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: jwksRsa.passportJwtSecret({ jwksUri: `${issuer}/jwks.json`, cache: true, rateLimit: true, jwksRequestsPerMinute: 5 }),
      algorithms: ['RS256'],
      issuer,
      audience,
    });
  }

  validate(payload: { sub: string }) {
    return { id: payload.sub };
  }
}

@Injectable()
export class PorterStrategy extends PassportStrategy(Strategy, 'porter') {
  constructor() {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: publicKey,
      algorithms: ['RS256', 'HS256'],
      issuer,
      audience,
    });
  }

  validate(payload: { sub: string }) {
    return { id: payload.sub };
  }
}

export const issueTour = createSigner({ key: secret, algorithm: 'HS256', expiresIn: 900_000, iss: issuer, aud: audience });
export const readTour = createVerifier({ key: secret, algorithms: ['HS256'], allowedIss: issuer, allowedAud: audience });
export const readOldTour = createVerifier({
  key: secret,
  algorithms: ['HS256'],
  ignoreExpiration: true,
  allowedIss: issuer,
  allowedAud: audience,
});

export function tourOf(token: string): string {
  return createDecoder()(token).tour;
}

export function readSimpleUnverified(token: string) {
  return jwtSimple.decode(token, secret, true, 'HS256');
}

export const huts = koaJwt({ secret: publicKey, algorithms: ['RS256'], issuer, audience });
export const anyHuts = koaJwt({ secret: publicKey, algorithms: ['RS256'], issuer });

export const session = cookieSession({
  name: 'tour',
  keys: [process.env.SESSION_KEY as string],
  secure: true,
  httpOnly: true,
  sameSite: 'lax',
  maxAge: 60 * 60 * 1000,
});

export const guestSession = cookieSession({
  name: 'guest',
  keys: ['crampons-and-ice-axe-1988'],
  secure: true,
  httpOnly: true,
  sameSite: 'none',
  maxAge: 60 * 60 * 1000,
});

export const valleyLogin = new OAuth2Strategy({
  authorizationURL: 'https://id.valley.example/authorize',
  tokenURL: 'https://id.valley.example/token',
  clientID: process.env.VALLEY_ID as string,
  clientSecret: process.env.VALLEY_SECRET as string,
  callbackURL: 'https://glaciers.example/callback',
  state: true,
  pkce: true,
}, (_access: string, _refresh: string, profile: unknown, done: (e: null, p: unknown) => void) => done(null, profile));

export const ridgeLogin = new OAuth2Strategy({
  authorizationURL: 'https://id.ridge.example/authorize',
  tokenURL: 'https://id.ridge.example/token',
  clientID: process.env.RIDGE_ID as string,
  clientSecret: process.env.RIDGE_SECRET as string,
  callbackURL: 'https://glaciers.example/callback',
  state: true,
  pkce: 'plain' as unknown as boolean,
}, (_access: string, _refresh: string, profile: unknown, done: (e: null, p: unknown) => void) => done(null, profile));

export async function startLogin() {
  const { Client } = await Issuer.discover(issuer);
  const client = new Client({ client_id: process.env.TOUR_ID as string, response_types: ['code'], redirect_uris: ['https://glaciers.example/cb'] });
  const verifier = generators.codeVerifier();
  const url = client.authorizationUrl({ code_challenge: generators.codeChallenge(verifier), code_challenge_method: 'S256', state: generators.state() });
  return { url, verifier };
}

export function startImplicit() {
  const query = new URLSearchParams({ client_id: process.env.TOUR_ID as string, state: randomBytes(16).toString('hex'), response_type: 'token' });
  return `${issuer}/authorize?${query}`;
}

export async function guideToken(username: string, password: string) {
  const form = new URLSearchParams({ grant_type: 'password', username, password });
  return axios.post(`${issuer}/token`, form, { timeout: 5000 });
}

export async function machineToken() {
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: process.env.TOUR_ID as string });
  return axios.post(`${issuer}/token`, form, { timeout: 5000, auth: { username: 'tours', password: process.env.TOUR_SECRET as string } });
}

export async function snowReport() {
  return axios.get('https://snow.glaciers.example/report?access_token=' + process.env.SNOW_TOKEN, { timeout: 5000 });
}

export async function snowForecast() {
  return axios.get('https://snow.glaciers.example/forecast', { timeout: 5000, headers: { Authorization: `Bearer ${process.env.SNOW_TOKEN}` } });
}

export const keyObject = createPublicKey(publicKey);
