import CryptoJS from 'crypto-js';
import forge from 'node-forge';
import NodeRSA from 'node-rsa';
import nacl from 'tweetnacl';
import { md5 } from 'hash-wasm';
import { sha256 } from '@noble/hashes/sha256';
import { gcm } from '@noble/ciphers/aes';
import { randomBytes } from '@noble/ciphers/webcrypto';

const { subtle } = globalThis.crypto;
const encoder = new TextEncoder();
const STATIC_NONCE = new Uint8Array(12).fill(7);
const RSA_HASH = { name: 'SHA-256' };
const PUBLIC_EXPONENT = new Uint8Array([1, 0, 1]);

export async function contentKey() {
  return subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

export async function sealNote(key, text) {
  const iv = globalThis.crypto.getRandomValues(new Uint8Array(12));
  const body = await subtle.encrypt({ name: 'AES-GCM', iv }, key, encoder.encode(text));
  return { iv, body };
}

export async function sealTag(key, text) {
  return subtle.encrypt({ name: 'AES-GCM', iv: STATIC_NONCE }, key, encoder.encode(text));
}

export async function sealPhoto(key, photo) {
  const iv = globalThis.crypto.getRandomValues(new Uint8Array(16));
  const body = await subtle.encrypt({ name: 'AES-CBC', iv }, key, photo);
  return { iv, body };
}

export async function pairForTenant() {
  return subtle.generateKey(
    { name: 'RSA-OAEP', modulusLength: 4096, publicExponent: PUBLIC_EXPONENT, hash: RSA_HASH },
    false,
    ['wrapKey', 'unwrapKey'],
  );
}

export async function pairForReader() {
  const algorithm = {
    name: 'RSA-OAEP',
    modulusLength: 1024,
    publicExponent: PUBLIC_EXPONENT,
    hash: RSA_HASH,
  };
  return subtle.generateKey(algorithm, false, ['wrapKey', 'unwrapKey']);
}

export async function pairForCourier() {
  return subtle.generateKey(
    {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 2048,
      publicExponent: PUBLIC_EXPONENT,
      hash: 'SHA-1',
    },
    false,
    ['sign', 'verify'],
  );
}

export async function keyFromPassword(password) {
  const salt = globalThis.crypto.getRandomValues(new Uint8Array(16));
  const material = await subtle.importKey('raw', encoder.encode(password), 'PBKDF2', false, ['deriveBits']);
  const bits = await subtle.deriveBits({ name: 'PBKDF2', salt, iterations: 650_000, hash: 'SHA-256' }, material, 256);
  return { salt, bits };
}

export async function keyFromOldPassword(password) {
  const salt = globalThis.crypto.getRandomValues(new Uint8Array(16));
  const material = await subtle.importKey('raw', encoder.encode(password), 'PBKDF2', false, ['deriveBits']);
  const parameters = {
    name: 'PBKDF2',
    salt,
    iterations: 5000,
    hash: 'SHA-256',
  };
  return { salt, bits: await subtle.deriveBits(parameters, material, 256) };
}

export async function checksum(data) {
  return new Uint8Array(await subtle.digest('SHA-256', data));
}

export async function sealOfDocument(data) {
  return subtle.digest('SHA-1', data);
}

export async function stampOfDocument(data) {
  return md5(data);
}

export function nobleChecksum(data) {
  return sha256(data);
}

export function nobleSeal(key, data) {
  const nonce = randomBytes(12);
  return { nonce, body: gcm(key, nonce).encrypt(data) };
}

export function naclSeal(key, data) {
  const nonce = nacl.randomBytes(nacl.secretbox.nonceLength);
  return { nonce, body: nacl.secretbox(data, nonce, key) };
}

export function oldTerminalMessage(key, text) {
  const iv = CryptoJS.lib.WordArray.random(8);
  return CryptoJS.TripleDES.encrypt(text, key, { iv }).toString();
}

export function oldDoorCode(key, code) {
  return CryptoJS.AES.encrypt(code, key, { mode: CryptoJS.mode.ECB }).toString();
}

export function documentNumber(text) {
  return CryptoJS.SHA256(text).toString(CryptoJS.enc.Hex);
}

export function documentStamp(text) {
  return CryptoJS.MD5(text).toString(CryptoJS.enc.Hex);
}

export function forgeWrap(publicKey, key) {
  return publicKey.encrypt(key, 'RSA-OAEP', { md: forge.md.sha256.create() });
}

export function forgeWrapForDoor(publicKey, key) {
  return publicKey.encrypt(key, 'RSAES-PKCS1-V1_5');
}

export function forgePair() {
  return forge.pki.rsa.generateKeyPair({ bits: 2048, e: 0x10001 });
}

export function forgeDoorPair() {
  return forge.pki.rsa.generateKeyPair({ bits: 512, e: 0x10001 });
}

export function keyringPair() {
  return new NodeRSA({ b: 3072 });
}

export function forgeSeal(key, text) {
  const iv = forge.random.getBytesSync(12);
  const cipher = forge.cipher.createCipher('AES-GCM', key);
  cipher.start({ iv, tagLength: 128 });
  cipher.update(forge.util.createBuffer(text, 'utf8'));
  cipher.finish();
  return { iv, body: cipher.output.getBytes(), tag: cipher.mode.tag.getBytes() };
}
