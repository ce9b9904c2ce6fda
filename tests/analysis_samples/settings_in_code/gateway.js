'use strict';

const crypto = require('crypto');
const https = require('https');
const tls = require('tls');
const axios = require('axios');
const bcrypt = require('bcrypt');
const cors = require('cors');
const express = require('express');
const jwt = require('jsonwebtoken');
const session = require('express-session');

const app = express();
const key = process.env.JWT_KEY;

const loose = new https.Agent({ rejectUnauthorized: false });
const strict = new https.Agent({ keepAlive: true, rejectUnauthorized: true });
const options = { host: 'db.example.com', port: 5432, minVersion: 'TLSv1' };
tls.connect({ host: 'db.example.com', minVersion: 'TLSv1.2' });
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';

app.use(cors({ origin: '*' }));
app.use('/api', cors({ origin: ['https://app.example.com'], credentials: true }));

app.use(
  session({
    secret: process.env.SESSION_SECRET,
    cookie: { secure: false, httpOnly: true, sameSite: 'lax' },
  }),
);

app.get('/login', (req, res) => {
  res.cookie('sid', newSession(), { httpOnly: false, secure: true, sameSite: 'strict' });
  res.cookie('theme', 'dark', { httpOnly: true, secure: true, sameSite: 'lax' });
  res.end();
});

function newSession() {
  const sessionToken = Math.random().toString(36).slice(2);
  return sessionToken;
}

function newToken() {
  return crypto.randomBytes(32).toString('hex');
}

function jitter(ms) {
  return ms * (0.5 + Math.random());
}

function digests(body) {
  const bad = crypto.createHash('md5').update(body).digest('hex');
  const old = crypto.createHash('SHA1').update(body).digest('hex');
  const good = crypto.createHash('sha256').update(body).digest('hex');
  return [bad, old, good];
}

function ciphers(secret, iv) {
  const ecb = crypto.createCipheriv('aes-256-ecb', secret, null);
  const des = crypto.createCipheriv('des-ede3-cbc', secret, iv);
  const gcm = crypto.createCipheriv('aes-256-gcm', secret, iv);
  return [ecb, des, gcm];
}

async function verify(token) {
  const peek = jwt.verify(token, key, { algorithms: ['none'] });
  const late = jwt.verify(token, key, { algorithms: ['RS256'], ignoreExpiration: true });
  const good = jwt.verify(token, key, { algorithms: ['RS256'], audience: 'api' });
  return [peek, late, good];
}

async function store(password) {
  const weak = await bcrypt.hash(password, 4);
  return [weak, await bcrypt.hash(password, 12)];
}

crypto.generateKeyPairSync('rsa', { modulusLength: 1024 });
crypto.generateKeyPairSync('rsa', { modulusLength: 4096 });

module.exports = { app, loose, strict, options, axios, newToken, jitter, digests, ciphers, verify, store };
