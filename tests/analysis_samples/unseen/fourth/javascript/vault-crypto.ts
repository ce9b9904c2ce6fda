import * as crypto from 'node:crypto';
import {
  createCipheriv, createDecipheriv, createHash, createHmac, generateKeyPairSync, randomBytes, timingSafeEqual,
} from 'node:crypto';
import CryptoJS from 'crypto-js';
import forge from 'node-forge';

const ALGORITHM = 'aes-256-gcm';
const FIXED_IV = Buffer.alloc(16);
const RSA_BITS = 3072;

export interface Sealed { iv: Buffer; tag: Buffer; data: Buffer }

export function seal(key: Buffer, text: string): Sealed {
  const iv = randomBytes(12);
  const cipher = createCipheriv(ALGORITHM, key, iv);
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return { iv, tag: cipher.getAuthTag(), data };
}

export function unseal(key: Buffer, sealed: Sealed): string {
  const decipher = createDecipheriv(ALGORITHM, key, sealed.iv);
  decipher.setAuthTag(sealed.tag);
  return decipher.update(sealed.data, undefined, 'utf8') + decipher.final('utf8');
}

export function sealChaCha(key: Buffer, text: string): Buffer {
  const iv = randomBytes(12);
  const cipher = createCipheriv('chacha20-poly1305', key, iv, { authTagLength: 16 });
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

export function sealChained(key: Buffer, text: string): Buffer {
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final()]);
}

export function sealChainedWithMac(key: Buffer, macKey: Buffer, text: string): Buffer {
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const body = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([body, createHmac('sha256', macKey).update(body).digest()]);
}

export function sealPages(key: Buffer, page: Buffer): Buffer {
  const cipher = createCipheriv('aes-128-ecb', key, null);
  return Buffer.concat([cipher.update(page), cipher.final()]);
}

export function sealFixed(key: Buffer, page: Buffer): Sealed {
  const cipher = createCipheriv('aes-256-gcm', key, FIXED_IV);
  const data = Buffer.concat([cipher.update(page), cipher.final()]);
  return { iv: FIXED_IV, tag: cipher.getAuthTag(), data };
}

export function sealForTerminal(key: Buffer, page: Buffer): Buffer {
  const iv = randomBytes(8);
  const name = ['des', 'ede3', 'cbc'].join('-');
  const cipher = createCipheriv(name, key, iv);
  return Buffer.concat([iv, cipher.update(page), cipher.final()]);
}

export function sealLegacy(key: Buffer, page: Buffer): Buffer {
  const cipher = crypto.createCipheriv('rc4', key, '');
  return Buffer.concat([cipher.update(page), cipher.final()]);
}

export function sealInSource(page: Buffer): Sealed {
  const iv = randomBytes(12);
  const cipher = createCipheriv(ALGORITHM, Buffer.from('9f1c07d24be85a6633cf90e2b7a4518d', 'utf8'), iv);
  const data = Buffer.concat([cipher.update(page), cipher.final()]);
  return { iv, tag: cipher.getAuthTag(), data };
}

export function sealFromEnvironment(page: Buffer): Sealed {
  const iv = randomBytes(12);
  const key = Buffer.from(process.env.VAULT_KEY ?? '', 'base64');
  const cipher = createCipheriv(ALGORITHM, key, iv);
  const data = Buffer.concat([cipher.update(page), cipher.final()]);
  return { iv, tag: cipher.getAuthTag(), data };
}

export function fingerprint(page: Buffer): string {
  return createHash('sha256').update(page).digest('hex');
}

export function oldFingerprint(page: Buffer): string {
  return createHash('md5').update(page).digest('hex');
}

export function chosenFingerprint(page: Buffer, wide: boolean): string {
  const algorithm = wide ? 'sha512' : 'sha256';
  return createHash(algorithm).update(page).digest('hex');
}

export function shortFingerprint(page: Buffer): string {
  const algorithm = 'SHA1';
  return crypto.createHash(algorithm).update(page).digest('base64');
}

export function scriptFingerprint(text: string): string {
  return CryptoJS.MD5(text).toString();
}

export function scriptDigest(text: string): string {
  return CryptoJS.SHA256(text).toString(CryptoJS.enc.Hex);
}

export function newSigningKeys() {
  return generateKeyPairSync('rsa', { modulusLength: RSA_BITS });
}

export function newTinySigningKeys() {
  return generateKeyPairSync('rsa', {
    modulusLength: 1024,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

export function newCurveKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

export function newSmallCurveKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'secp160r1' });
}

export function forgeKeys() {
  return forge.pki.rsa.generateKeyPair({ bits: 512, e: 0x10001 });
}

export function exchange() {
  return crypto.createDiffieHellman(1024);
}

export function exchangeNamed() {
  return crypto.getDiffieHellman('modp15');
}

export function wrap(publicKey: crypto.KeyObject, secret: Buffer): Buffer {
  return crypto.publicEncrypt({ key: publicKey, padding: crypto.constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, secret);
}

export function wrapOld(publicKey: crypto.KeyObject, secret: Buffer): Buffer {
  return crypto.publicEncrypt({ key: publicKey, padding: crypto.constants.RSA_PKCS1_PADDING }, secret);
}

export function sign(privateKey: crypto.KeyObject, page: Buffer): Buffer {
  return crypto.sign('sha256', page, privateKey);
}

export function signOld(privateKey: crypto.KeyObject, page: Buffer): Buffer {
  return crypto.createSign('RSA-SHA1').update(page).sign(privateKey);
}

export function sameMac(key: Buffer, page: Buffer, mac: string): boolean {
  const expectedMac = createHmac('sha256', key).update(page).digest('hex');
  return mac === expectedMac;
}

export function sameMacSteady(key: Buffer, page: Buffer, mac: Buffer): boolean {
  const expectedMac = createHmac('sha256', key).update(page).digest();
  return mac.length === expectedMac.length && timingSafeEqual(mac, expectedMac);
}
