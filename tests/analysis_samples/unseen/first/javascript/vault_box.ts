import {
  constants,
  createCipheriv,
  createDecipheriv,
  createDiffieHellman,
  createHash,
  createHmac,
  createSign,
  generateKeyPairSync,
  generateKeySync,
  getDiffieHellman,
  hkdfSync,
  publicEncrypt,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm' as const;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const BLANK_IV = Buffer.alloc(NONCE_BYTES);
const DIGEST = 'sha1';

export interface Sealed {
  nonce: Buffer;
  body: Buffer;
  tag: Buffer;
}

export function seal(key: Buffer, plain: Buffer): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { nonce, body, tag: cipher.getAuthTag() };
}

export function open(key: Buffer, sealed: Sealed): Buffer {
  const decipher = createDecipheriv(ALGORITHM, key, sealed.nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.tag);
  return Buffer.concat([decipher.update(sealed.body), decipher.final()]);
}

export function sealLabel(key: Buffer, label: string): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, BLANK_IV);
  return Buffer.concat([cipher.update(label, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

export function sealDrawer(plain: Buffer): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, Buffer.from('c41f0be27a9d5538e6a1740f92bb6d03c41f8be21a9d0538e6a1740f92bb6d7e', 'hex'), nonce);
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { nonce, body, tag: cipher.getAuthTag() };
}

export function sealStream(key: Buffer, macKey: Buffer, plain: Buffer): Buffer {
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const body = Buffer.concat([iv, cipher.update(plain), cipher.final()]);
  const tag = createHmac('sha256', macKey).update(body).digest();
  return Buffer.concat([body, tag]);
}

export function sealReceipt(key: Buffer, receipt: string): string {
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-128-cbc', key, iv);
  return iv.toString('hex') + cipher.update(receipt, 'utf8', 'hex') + cipher.final('hex');
}

export function sealTag(key: Buffer, tag: Buffer): Buffer {
  const cipher = createCipheriv('aes-128-ecb', key, null);
  return Buffer.concat([cipher.update(tag), cipher.final()]);
}

export class LegacyTerminal {
  private readonly suite = 'des-ede3-cbc';

  constructor(private readonly key: Buffer) {}

  encrypt(message: Buffer): Buffer {
    const iv = randomBytes(8);
    const cipher = createCipheriv(this.suite, this.key, iv);
    return Buffer.concat([iv, cipher.update(message), cipher.final()]);
  }
}

export function wrapKey(recipient: KeyObject, key: Buffer): Buffer {
  return publicEncrypt({ key: recipient, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, key);
}

export function wrapKeyForReader(recipient: KeyObject, key: Buffer): Buffer {
  return publicEncrypt({ key: recipient, padding: constants.RSA_PKCS1_PADDING }, key);
}

export function newOwnerKeys() {
  const signing = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const wrapping = generateKeyPairSync('rsa', { modulusLength: 3072, publicExponent: 0x10001 });
  const content = generateKeySync('aes', { length: 256 });
  return { signing, wrapping, content };
}

export function newReaderKeys() {
  const options = { modulusLength: 1024, publicExponent: 0x10001 };
  const wrapping = generateKeyPairSync('rsa', options);
  const signing = generateKeyPairSync('ec', { namedCurve: 'prime192v1' });
  const mac = generateKeySync('hmac', { length: 64 });
  return { wrapping, signing, mac };
}

export function agree(other: Buffer, salt: Buffer): Buffer {
  const group = getDiffieHellman('modp14');
  group.generateKeys();
  return Buffer.from(hkdfSync('sha256', group.computeSecret(other), salt, 'vault-box', 32));
}

export function agreeWithReader(other: Buffer): Buffer {
  const exchange = createDiffieHellman(1024);
  exchange.generateKeys();
  return exchange.computeSecret(other);
}

export function fingerprint(certificate: Buffer): string {
  return createHash('sha256').update(certificate).digest('hex');
}

export function sealNumber(document: Buffer): string {
  return createHash(DIGEST).update(document).digest('hex');
}

export function signInventory(list: string, key: KeyObject): Buffer {
  const signer = createSign('RSA-SHA1');
  signer.update(list);
  return signer.sign(key);
}

export function sameTag(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
