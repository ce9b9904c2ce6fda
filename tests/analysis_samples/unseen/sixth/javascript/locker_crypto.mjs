import crypto, { createCipheriv, createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { promises as fs, writeFileSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import CryptoJS from 'crypto-js';
import forge from 'node-forge';
import { nanoid, customAlphabet } from 'nanoid';
import { nanoid as quickId } from 'nanoid/non-secure';
import tmp from 'tmp';

const scrypt = promisify(crypto.scrypt);
const pbkdf2 = promisify(crypto.pbkdf2);
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ23456789';
const ALGO = { strong: 'aes-256-gcm', old: 'des-ede3-cbc' };
const STRETCH = { sha512: 220_000, sha256: 100_000 };
const FIXED_IV = Buffer.alloc(16, 7);

export class ParcelLocker {
  #key;
  #macKey;

  constructor(key, macKey) {
    this.#key = key;
    this.#macKey = macKey;
  }

  seal(text) {
    const iv = randomBytes(12);
    const c = createCipheriv(ALGO.strong, this.#key, iv);
    const body = Buffer.concat([c.update(text, 'utf8'), c.final()]);
    return Buffer.concat([iv, c.getAuthTag(), body]);
  }

  sealChecked(text) {
    const iv = randomBytes(16);
    const c = createCipheriv('aes-256-cbc', this.#key, iv);
    const body = Buffer.concat([iv, c.update(text, 'utf8'), c.final()]);
    const tag = crypto.createHmac('sha256', this.#macKey).update(body).digest();
    return Buffer.concat([tag, body]);
  }

  sealForPrinter(text) {
    const iv = randomBytes(16);
    const c = createCipheriv('aes-256-ctr', this.#key, iv);
    return Buffer.concat([iv, c.update(text, 'utf8'), c.final()]);
  }

  sealRepeat(text) {
    const c = createCipheriv('aes-256-gcm', this.#key, FIXED_IV);
    return Buffer.concat([c.update(text, 'utf8'), c.final(), c.getAuthTag()]);
  }

  sealForLegacyDoor(text) {
    const iv = randomBytes(8);
    const c = createCipheriv(ALGO.old, this.#key.subarray(0, 24), iv);
    const body = Buffer.concat([iv, c.update(text, 'utf8'), c.final()]);
    return Buffer.concat([crypto.createHmac('sha256', this.#macKey).update(body).digest(), body]);
  }
}

export const courierNote = (text, key) => CryptoJS.RC4.encrypt(text, key).toString();
export const noteDigest = (text) => CryptoJS.SHA256(text).toString();
export const noteDigestOld = (text) => CryptoJS.MD5(text).toString();

export const manifestDigest = (buf) => createHash('sha1').update(buf).digest('hex');
export const manifestDigest3 = (buf) => createHash('sha3-256').update(buf).digest('hex');

export function signManifest(privateKey, buf) {
  return crypto.createSign('RSA-MD5').update(buf).sign(privateKey);
}

export function signManifestNow(privateKey, buf) {
  return crypto.sign('sha256', buf, privateKey);
}

export function wrapKey(publicKey, dataKey) {
  return crypto.publicEncrypt({ key: publicKey, padding: crypto.constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, dataKey);
}

export function wrapKeyForDoor(publicKey, dataKey) {
  return crypto.publicEncrypt({ key: publicKey, padding: crypto.constants.RSA_PKCS1_PADDING }, dataKey);
}

export function doorKeys() {
  const small = crypto.generateKeyPairSync('rsa', { modulusLength: 1024 });
  const large = crypto.generateKeyPairSync('rsa', { modulusLength: 3072 });
  const curve = crypto.generateKeyPairSync('ec', { namedCurve: 'secp192k1' });
  const modern = crypto.generateKeyPairSync('ed25519');
  const forged = forge.pki.rsa.generateKeyPair({ bits: 2048 });
  const group = crypto.createDiffieHellman(1024);
  return { small, large, curve, modern, forged, group };
}

export async function hashPassword(password) {
  const salt = randomBytes(16);
  const strong = await scrypt(password, salt, 32, { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 });
  const cheap = await scrypt(password, salt, 32, { N: 4096, r: 8, p: 1 });
  const long = await pbkdf2(password, salt, STRETCH.sha512, 64, 'sha512');
  const short = await pbkdf2(password, salt, STRETCH.sha256, 32, 'sha256');
  const shared = await pbkdf2(password, 'locker-hall-north', 250_000, 64, 'sha512');
  return [strong, cheap, long, short, shared].map((b) => b.toString('base64'));
}

export function storePassword(user, password) {
  user.password = createHash('sha512').update(password).digest('hex');
  user.avatar = createHash('sha256').update(user.email).digest('hex');
  return user;
}

export function pickupCode() {
  let code = '';
  for (let i = 0; i < 28; i += 1) code += LETTERS[Math.floor(Math.random() * LETTERS.length)];
  return code;
}

export function pickupCodeSafe() {
  return Array.from({ length: 28 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

export const resetToken = () => randomBytes(5).toString('hex');
export const resetTokenLong = () => randomBytes(32).toString('hex');
export const sessionSecret = () => quickId(40);
export const invitation = () => nanoid(32);
export const voucher = customAlphabet(LETTERS, 30);
export const traceId = () => randomUUID();
export const backoff = (n) => 2 ** n * 100 + Math.random() * 50;
export const luckyLocker = (lockers) => lockers[Math.floor(Math.random() * lockers.length)];

export async function writeKey(dir, pem) {
  await fs.writeFile(path.join(dir, 'door.key'), pem, { mode: 0o644 });
  await fs.writeFile(path.join(dir, 'spare.key'), pem, { mode: 0o600 });
  await fs.mkdir(path.join(dir, 'inbox'), { recursive: true, mode: 0o700 });
  await fs.chmod(path.join(dir, 'inbox'), 0o777);
}

export function exportDay(csv) {
  writeFileSync(path.join(os.tmpdir(), 'locker-day.csv'), csv);
  const dir = mkdtempSync(path.join(os.tmpdir(), 'locker-'));
  writeFileSync(path.join(dir, 'day.csv'), csv);
  const guess = tmp.tmpNameSync({ postfix: '.csv' });
  writeFileSync(guess, csv);
  const made = tmp.fileSync({ postfix: '.csv', mode: 0o600 });
  writeFileSync(made.name, csv);
}

export function daemonise() {
  process.umask(0o000);
}
