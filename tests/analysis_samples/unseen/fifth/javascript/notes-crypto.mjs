import { webcrypto, KeyObject, createSecretKey, hkdfSync, randomBytes, randomInt, createECDH, createHash, createVerify } from 'node:crypto';
import AesJs from 'aes-js';
import CryptoJS from 'crypto-js';
import NodeRSA from 'node-rsa';
import forge from 'node-forge';
import nacl from 'tweetnacl';
import sodium from 'libsodium-wrappers';
import sha1 from 'sha1';
import md5 from 'md5';
import secureCompare from 'secure-compare';

const { subtle } = webcrypto;
const encoder = new TextEncoder();
const CURVE = 'P-256';

export async function newKey() {
  return subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

export async function encryptNote(key, note) {
  const iv = webcrypto.getRandomValues(new Uint8Array(12));
  const data = await subtle.encrypt({ name: 'AES-GCM', iv }, key, encoder.encode(note));
  return { iv, data };
}

export async function encryptNoteFixed(key, note) {
  const iv = new Uint8Array([7, 1, 4, 9, 2, 2, 8, 5, 6, 0, 3, 1]);
  return subtle.encrypt({ name: 'AES-GCM', iv }, key, encoder.encode(note));
}

export async function encryptNoteChained(key, note) {
  const iv = webcrypto.getRandomValues(new Uint8Array(16));
  const data = await subtle.encrypt({ name: 'AES-CBC', iv }, key, encoder.encode(note));
  return { iv, data };
}

export async function digestNote(note) {
  return subtle.digest('SHA-384', encoder.encode(note));
}

export async function digestNoteOld(note) {
  return subtle.digest({ name: 'SHA-1' }, encoder.encode(note));
}

export const digestPage = (page) => md5(page);
export const digestCover = (page) => sha1(page);
export const digestBook = (page) => createHash('sha3-256').update(page).digest('hex');

export async function deriveFromPassphrase(passphrase) {
  const salt = webcrypto.getRandomValues(new Uint8Array(16));
  const base = await subtle.importKey('raw', encoder.encode(passphrase), 'PBKDF2', false, ['deriveKey']);
  const kdf = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: 600000 };
  return { salt, key: await subtle.deriveKey(kdf, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']) };
}

export async function deriveFromPassphraseQuickly(passphrase) {
  const salt = webcrypto.getRandomValues(new Uint8Array(16));
  const base = await subtle.importKey('raw', encoder.encode(passphrase), 'PBKDF2', false, ['deriveKey']);
  const kdf = {
    name: 'PBKDF2',
    hash: 'SHA-256',
    salt,
    iterations: 5000,
  };
  return { salt, key: await subtle.deriveKey(kdf, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']) };
}

export async function newWrapKeys() {
  return subtle.generateKey(
    { name: 'RSA-OAEP', modulusLength: 3072, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
    false,
    ['wrapKey', 'unwrapKey'],
  );
}

export async function newWrapKeysSmall() {
  const algorithm = { name: 'RSA-OAEP', publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' };
  algorithm.modulusLength = 1024;
  return subtle.generateKey(algorithm, false, ['wrapKey', 'unwrapKey']);
}

export async function newSignKeys() {
  return subtle.generateKey({ name: 'ECDSA', namedCurve: CURVE }, false, ['sign', 'verify']);
}

export async function signNote(key, note) {
  return subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, encoder.encode(note));
}

export async function signNoteOld(key, note) {
  return subtle.sign({ name: 'ECDSA', hash: { name: 'SHA-1' } }, key, encoder.encode(note));
}

export function sealNote(key, note) {
  const nonce = nacl.randomBytes(nacl.secretbox.nonceLength);
  return { nonce, box: nacl.secretbox(encoder.encode(note), nonce, key) };
}

export function sealNoteZero(key, note) {
  const nonce = new Uint8Array(nacl.secretbox.nonceLength);
  return nacl.secretbox(encoder.encode(note), nonce, key);
}

export async function sealNoteSodium(key, note) {
  await sodium.ready;
  const nonce = sodium.randombytes_buf(sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
  return { nonce, box: sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(note, null, null, nonce, key) };
}

export async function storePassword(password) {
  await sodium.ready;
  return sodium.crypto_pwhash_str(password, sodium.crypto_pwhash_OPSLIMIT_MODERATE, sodium.crypto_pwhash_MEMLIMIT_MODERATE);
}

export function storePasswordForged(password) {
  const passwordDigest = forge.md.sha512.create().update(password).digest().toHex();
  return passwordDigest;
}

export function storePasswordScripted(password) {
  const salt = CryptoJS.lib.WordArray.random(16);
  return { salt, hash: CryptoJS.PBKDF2(password, salt, { keySize: 8, iterations: 2000, hasher: CryptoJS.algo.SHA512 }) };
}

export function encryptPages(key, page) {
  return new AesJs.ModeOfOperation.ecb(key).encrypt(page);
}

export function encryptStamps(key, page) {
  return CryptoJS.TripleDES.encrypt(page, key, { iv: CryptoJS.lib.WordArray.random(8), mode: CryptoJS.mode.CBC });
}

export function encryptLabels(key, page) {
  return CryptoJS.RC4.encrypt(page, key).toString();
}

export function encryptForged(key, page) {
  const cipher = forge.cipher.createCipher('AES-GCM', key);
  cipher.start({ iv: forge.random.getBytesSync(12) });
  cipher.update(forge.util.createBuffer(page));
  cipher.finish();
  return { body: cipher.output.getBytes(), tag: cipher.mode.tag.getBytes() };
}

export function encryptForgedOld(key, page) {
  const cipher = forge.cipher.createCipher('DES-CBC', key);
  cipher.start({ iv: forge.random.getBytesSync(8) });
  cipher.update(forge.util.createBuffer(page));
  cipher.finish();
  return cipher.output.getBytes();
}

export const libraryKeys = () => new NodeRSA({ b: 3072 });
export const shelfKeys = () => new NodeRSA({ b: 1024 });
export const wrapForShelf = (publicKey, secret) => publicKey.encrypt(secret, 'RSAES-PKCS1-V1_5');
export const wrapForLibrary = (publicKey, secret) => publicKey.encrypt(secret, 'RSA-OAEP', { md: forge.md.sha256.create() });

export const agree = () => createECDH('prime256v1');
export const agreeSmall = () => createECDH('secp112r1');

export const expand = (master) => Buffer.from(hkdfSync('sha256', master, randomBytes(16), 'notes', 32));
export const imported = (bytes) => createSecretKey(bytes) instanceof KeyObject;

export const verifyNote = (publicKey, note, signature) => createVerify('RSA-SHA256').update(note).verify(publicKey, signature);

export function codeMatches(given) {
  const secretCode = process.env.NOTES_SECRET_CODE;
  return given === secretCode;
}

export const codeMatchesSteady = (given) => secureCompare(given, process.env.NOTES_SECRET_CODE);

export const dice = () => 1 + Math.floor(Math.random() * 6);
export const apiToken = () => `${Date.now()}${Math.random()}`.replace('.', '');
export const inviteToken = () => randomBytes(5).toString('hex');
export const pageNumber = () => randomInt(1, 400);
export const shareToken = () => sodium.to_hex(sodium.randombytes_buf(24));
