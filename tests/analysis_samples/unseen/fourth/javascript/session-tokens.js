'use strict';

const fs = require('fs');
const crypto = require('crypto');
const jwt = require('jsonwebtoken');
const { sign: signToken, verify } = require('jsonwebtoken');
const jose = require('jose');
const { expressjwt } = require('express-jwt');
const passport = require('passport');
const { Strategy: JwtStrategy, ExtractJwt } = require('passport-jwt');

const issuer = 'https://id.gardens.example';
const audience = 'plots';
const SECRET = process.env.PLOT_TOKEN_SECRET;
const PUBLIC_KEY = fs.readFileSync('/etc/plots/id.pub');
const PRIVATE_KEY = fs.readFileSync('/etc/plots/id.key');
const RULES = Object.freeze({ algorithms: ['RS256'], issuer, audience });
const NO_EXPIRY_CHECK = { algorithms: ['RS256'], issuer, audience, ignoreExpiration: true };

function issue(user) {
  return jwt.sign({ sub: user.id }, SECRET, { algorithm: 'HS256', expiresIn: '15m', issuer, audience });
}

function issueForever(user) {
  return jwt.sign({ sub: user.id }, SECRET, { algorithm: 'HS256', issuer, audience });
}

function issueByClaim(user) {
  const now = Math.floor(Date.now() / 1000);
  const payload = { sub: user.id, iat: now, exp: now + 900, iss: issuer, aud: audience };
  return signToken(payload, PRIVATE_KEY, { algorithm: 'RS256' });
}

function issueForShed(user) {
  return signToken({ sub: user.id }, 'rake-and-hoe', { expiresIn: '10m', issuer, audience });
}

function issueUnsigned(user) {
  return jwt.sign({ sub: user.id }, '', { algorithm: 'none', expiresIn: '10m', issuer, audience });
}

function check(token) {
  return jwt.verify(token, PUBLIC_KEY, RULES);
}

function checkOld(token) {
  return jwt.verify(token, PUBLIC_KEY, NO_EXPIRY_CHECK);
}

function checkAny(token) {
  return verify(token, PUBLIC_KEY, { issuer, audience });
}

function checkMixed(token) {
  const options = { issuer, audience };
  options.algorithms = ['HS256', 'RS256', 'ES256'];
  return verify(token, PUBLIC_KEY, options);
}

function checkUnsigned(token) {
  return jwt.verify(token, SECRET, { algorithms: ['HS256', 'none'], issuer, audience });
}

function checkNoAudience(token) {
  return jwt.verify(token, PUBLIC_KEY, { algorithms: ['RS256'], issuer });
}

function plotOf(token) {
  const claims = jwt.decode(token);
  return claims.plot;
}

function keyIdOf(token) {
  const { header } = jwt.decode(token, { complete: true });
  return header.kid;
}

async function checkJose(token) {
  const { payload } = await jose.jwtVerify(token, crypto.createPublicKey(PUBLIC_KEY), {
    algorithms: ['RS256'],
    issuer,
    audience,
  });
  return payload;
}

async function checkJoseNoIssuer(token) {
  const key = crypto.createPublicKey(PUBLIC_KEY);
  const { payload } = await jose.jwtVerify(token, key, { algorithms: ['RS256'], audience });
  return payload;
}

function peek(token) {
  return jose.decodeJwt(token).sub;
}

async function issueJose(user) {
  return new jose.SignJWT({ plot: user.plot })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setExpirationTime('20m')
    .sign(Buffer.from(SECRET, 'base64'));
}

async function issueJoseForever(user) {
  const key = Buffer.from(SECRET, 'base64');
  return new jose.SignJWT({ plot: user.plot }).setProtectedHeader({ alg: 'HS256' }).setIssuer(issuer).setAudience(audience).sign(key);
}

async function checkWithOwnKey(token) {
  const { jwk } = jose.decodeProtectedHeader(token);
  const key = await jose.importJWK(jwk, 'RS256');
  return jose.jwtVerify(token, key, { algorithms: ['RS256'], issuer, audience });
}

const keySet = jose.createRemoteJWKSet(new URL('https://id.gardens.example/jwks.json'));
const checkRemote = (token) => jose.jwtVerify(token, keySet, { algorithms: ['RS256'], issuer, audience });

const guard = expressjwt({ secret: PUBLIC_KEY, algorithms: ['RS256'], issuer, audience });

passport.use('plots', new JwtStrategy({
  jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
  secretOrKey: PUBLIC_KEY,
  algorithms: ['RS256'],
  issuer,
  audience,
}, (payload, done) => done(null, { id: payload.sub })));

passport.use('archive', new JwtStrategy({
  jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
  secretOrKey: PUBLIC_KEY,
  algorithms: ['RS256'],
  ignoreExpiration: true,
  issuer,
  audience,
}, (payload, done) => done(null, { id: payload.sub })));

passport.use('links', new JwtStrategy({
  jwtFromRequest: ExtractJwt.fromUrlQueryParameter('token'),
  secretOrKey: PUBLIC_KEY,
  algorithms: ['RS256'],
  issuer,
  audience,
}, (payload, done) => done(null, { id: payload.sub })));

const refreshToken = () => crypto.randomBytes(32).toString('base64url');
const shortToken = () => crypto.randomBytes(6).toString('hex');
const looseToken = () => Math.random().toString(36).slice(2);
const shuffleBeds = (beds) => beds.sort(() => Math.random() - 0.5);

module.exports = { issue, issueForever, issueByClaim, issueForShed, issueUnsigned, check, checkOld, checkAny, checkMixed,
  checkUnsigned, checkNoAudience, plotOf, keyIdOf, checkJose, checkJoseNoIssuer, peek, issueJose, issueJoseForever,
  checkWithOwnKey, checkRemote, guard, refreshToken, shortToken, looseToken, shuffleBeds };
