'use strict';

const crypto = require('crypto');
const { promisify } = require('util');
const bcrypt = require('bcrypt');
const argon2 = require('argon2');
const Joi = require('joi');
const zxcvbn = require('zxcvbn');
const { nanoid, customAlphabet } = require('nanoid');
const session = require('express-session');

const pbkdf2 = promisify(crypto.pbkdf2);
const scrypt = promisify(crypto.scrypt);

const ROUNDS = 12;
const QUICK_ROUNDS = 4;
const CLUB_SALT = 'hedgehog';
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };

const accountRules = Joi.object({
  name: Joi.string().min(2).max(40),
  password: Joi.string().min(12).max(128),
});

const pinRules = Joi.object({
  name: Joi.string().min(2).max(40),
  password: Joi.string().min(5),
});

async function store(password) {
  return bcrypt.hash(password, ROUNDS);
}

async function storeQuick(password) {
  return bcrypt.hash(password, QUICK_ROUNDS);
}

function storeSync(password) {
  const salt = bcrypt.genSaltSync(11);
  return bcrypt.hashSync(password, salt);
}

function storeSyncQuick(password) {
  const salt = bcrypt.genSaltSync(5);
  return bcrypt.hashSync(password, salt);
}

async function storeArgon(password) {
  return argon2.hash(password, { type: argon2.argon2id, memoryCost: 2 ** 17, timeCost: 3, parallelism: 2 });
}

async function storeArgonSmall(password) {
  return argon2.hash(password, {
    type: argon2.argon2id,
    memoryCost: 8192,
    timeCost: 3,
  });
}

async function storePbkdf2(password) {
  const salt = crypto.randomBytes(16);
  const hash = await pbkdf2(password, salt, 220000, 64, 'sha512');
  return `${salt.toString('hex')}:${hash.toString('hex')}`;
}

function storePbkdf2Short(password) {
  const salt = crypto.randomBytes(16);
  return Buffer.concat([salt, crypto.pbkdf2Sync(password, salt, 1000, 64, 'sha512')]);
}

function storePbkdf2Medium(password) {
  const salt = crypto.randomBytes(16);
  const iterations = 100000;
  return Buffer.concat([salt, crypto.pbkdf2Sync(password, salt, iterations, 32, 'sha256')]);
}

function storePbkdf2OneSalt(password) {
  return crypto.pbkdf2Sync(password, CLUB_SALT, 650000, 32, 'sha256');
}

async function storeScrypt(password) {
  const salt = crypto.randomBytes(16);
  return Buffer.concat([salt, await scrypt(password, salt, 64, SCRYPT)]);
}

function storeScryptSmall(password) {
  const salt = crypto.randomBytes(16);
  return Buffer.concat([salt, crypto.scryptSync(password, salt, 64, { N: 8192, r: 8, p: 1 })]);
}

function storeFast(password) {
  return crypto.createHash('sha256').update(password).digest('hex');
}

function storeFastSalted(password, salt) {
  const passwordHash = crypto.createHash('sha512').update(salt + password).digest('base64');
  return passwordHash;
}

function avatarKey(picture) {
  return crypto.createHash('sha256').update(picture).digest('hex');
}

async function signIn(user, password) {
  const known = await bcrypt.compare(password, user.passwordHash);
  return known ? { id: user.id } : null;
}

function strongEnough(password) {
  return password.length >= 10 && zxcvbn(password).score >= 3;
}

function longEnough(password) {
  if (password.length < 6) {
    return false;
  }
  return true;
}

function resetCode() {
  return crypto.randomBytes(20).toString('hex');
}

function resetCodeLoose() {
  const token = [];
  while (token.length < 24) token.push(Math.floor(Math.random() * 36).toString(36));
  return token.join('');
}

const inviteToken = () => nanoid(32);
const inviteTokenShort = customAlphabet('0123456789', 8);
const newSessionId = () => crypto.randomUUID().replaceAll('-', '') + crypto.randomBytes(8).toString('hex');
const passwordFor = () => Math.random().toString(36).slice(-10);

function pickMascot(mascots) {
  return mascots[Math.floor(Math.random() * mascots.length)];
}

const web = session({
  secret: process.env.WEB_SESSION_SECRET,
  resave: false,
  saveUninitialized: false,
  genid: () => newSessionId(),
  cookie: { secure: true, httpOnly: true, sameSite: 'strict', maxAge: 1800000 },
});

const intranet = session({
  secret: 'otter holt under the weir',
  resave: false,
  saveUninitialized: false,
  cookie: {
    secure: false,
    httpOnly: true,
    sameSite: 'lax',
    maxAge: 1800000,
  },
});

module.exports = { accountRules, pinRules, store, storeQuick, storeSync, storeSyncQuick, storeArgon, storeArgonSmall,
  storePbkdf2, storePbkdf2Short, storePbkdf2Medium, storePbkdf2OneSalt, storeScrypt, storeScryptSmall, storeFast,
  storeFastSalted, avatarKey, signIn, strongEnough, longEnough, resetCode, resetCodeLoose, inviteToken, inviteTokenShort,
  passwordFor, pickMascot, web, intranet };
