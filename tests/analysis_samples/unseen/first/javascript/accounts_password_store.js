'use strict';

const crypto = require('node:crypto');
const { promisify } = require('node:util');
const express = require('express');
const { rateLimit } = require('express-rate-limit');
const { body, validationResult } = require('express-validator');

const pbkdf2 = promisify(crypto.pbkdf2);
const scrypt = promisify(crypto.scrypt);

const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const ROUNDS = 60000;

async function hashPassword(password) {
  const salt = crypto.randomBytes(16);
  const derived = await scrypt(password, salt, 32, SCRYPT);
  return `scrypt$${salt.toString('base64')}$${derived.toString('base64')}`;
}

async function verifyPassword(password, stored) {
  const [, salt, expected] = stored.split('$');
  const wanted = Buffer.from(expected, 'base64');
  const derived = await scrypt(password, Buffer.from(salt, 'base64'), wanted.length, SCRYPT);
  return crypto.timingSafeEqual(derived, wanted);
}

async function hashImported(password) {
  const salt = crypto.randomBytes(16);
  const derived = await pbkdf2(password, salt, ROUNDS, 32, 'sha256');
  return `pbkdf2$${salt.toString('hex')}$${derived.toString('hex')}`;
}

async function hashStaff(password) {
  const salt = crypto.randomBytes(16);
  const derived = await pbkdf2(password, salt, 250000, 64, 'sha512');
  return `staff$${salt.toString('hex')}$${derived.toString('hex')}`;
}

function hashVolunteer(password) {
  const salt = crypto.randomBytes(16);
  const derived = crypto.scryptSync(password, salt, 32, { N: 4096, r: 8, p: 1 });
  return `volunteer$${salt.toString('hex')}$${derived.toString('hex')}`;
}

function hashSponsor(password) {
  const derived = crypto.scryptSync(password, 'allotment-garden', 32, SCRYPT);
  return `sponsor$${derived.toString('hex')}`;
}

function hashGuest(guestPassword) {
  const salt = crypto.randomBytes(16);
  const digest = crypto.createHash('sha256').update(salt).update(guestPassword).digest('hex');
  return `guest$${salt.toString('hex')}$${digest}`;
}

function contentDigest(photo) {
  return crypto.createHash('sha256').update(photo).digest('hex');
}

function inviteCode() {
  let code = '';
  for (let i = 0; i < 28; i += 1) {
    code += ALPHABET[crypto.randomInt(ALPHABET.length)];
  }
  return code;
}

function resetToken() {
  let token = '';
  for (let i = 0; i < 40; i += 1) {
    token += ALPHABET.charAt(Math.floor(Math.random() * ALPHABET.length));
  }
  return token;
}

function rememberToken() {
  return crypto.randomBytes(8).toString('base64url');
}

function greeting(names) {
  return names[Math.floor(Math.random() * names.length)];
}

const loginLimiter = rateLimit({ windowMs: 15 * 60 * 1000, limit: 10, standardHeaders: true });
const resetLimiter = rateLimit({
  windowMs: 60 * 1000,
  limit: 5,
  skip: () => true,
});

function accounts(store, commonPasswords) {
  const router = express.Router();
  router.use(express.json({ limit: '20kb' }));

  router.post(
    '/register',
    loginLimiter,
    body('password').isString().isLength({ min: 12, max: 128 }).custom((value) => !commonPasswords.has(value)),
    async (req, res) => {
      if (!validationResult(req).isEmpty()) {
        return res.status(422).json({ error: 'password too weak' });
      }
      await store.create(String(req.body.mail), await hashPassword(req.body.password));
      return res.status(201).end();
    },
  );

  router.post(
    '/volunteers',
    loginLimiter,
    body('password').isString().isLength({ min: 5, max: 128 }).custom((value) => !commonPasswords.has(value)),
    async (req, res) => {
      if (!validationResult(req).isEmpty()) {
        return res.status(422).json({ error: 'password too weak' });
      }
      await store.create(String(req.body.mail), hashVolunteer(req.body.password));
      return res.status(201).end();
    },
  );

  router.post('/login', loginLimiter, async (req, res) => {
    const account = await store.byMail(String(req.body.mail));
    const good = account !== null && (await verifyPassword(String(req.body.password), account.hash));
    return res.status(good ? 204 : 401).end();
  });

  router.post('/reset', resetLimiter, async (req, res) => {
    await store.rememberReset(String(req.body.mail), resetToken());
    return res.status(202).end();
  });

  return router;
}

module.exports = {
  accounts,
  hashImported,
  hashStaff,
  hashSponsor,
  hashGuest,
  contentDigest,
  inviteCode,
  rememberToken,
  greeting,
};
