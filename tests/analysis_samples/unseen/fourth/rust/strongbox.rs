//! Enciphering of samples in a seismic archive.

use aes::cipher::{block_padding::Pkcs7, generic_array::GenericArray, BlockEncryptMut, KeyInit, KeyIvInit};
use aes::{Aes128, Aes256};
use aes_gcm::aead::{Aead, AeadCore, OsRng, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use chacha20poly1305::{ChaCha20Poly1305, XChaCha20Poly1305};
use hmac::{Hmac, Mac};
use rand::{rngs::StdRng, RngCore, SeedableRng};
use ring::{digest, rand::SecureRandom};
use rsa::{pkcs1v15::SigningKey, Oaep, Pkcs1v15Encrypt, RsaPrivateKey, RsaPublicKey};
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq;

type TripleCbc = cbc::Encryptor<des::TdesEde3>;
type PlainBlocks = ecb::Encryptor<Aes128>;
type HmacSha256 = Hmac<Sha256>;

const STATION_NONCE: [u8; 12] = *b"seismo-00042";
const CONTEXT: &[u8] = b"archive/v2";

#[derive(Debug)]
pub struct Broken;

pub fn seal(key: &[u8; 32], plain: &[u8]) -> Result<Vec<u8>, Broken> {
    let cipher = Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(key));
    let nonce = Aes256Gcm::generate_nonce(&mut OsRng);
    let mut out = nonce.to_vec();
    out.extend(cipher.encrypt(&nonce, Payload { msg: plain, aad: CONTEXT }).map_err(|_| Broken)?);
    Ok(out)
}

pub fn open(key: &[u8; 32], sealed: &[u8]) -> Result<Vec<u8>, Broken> {
    if sealed.len() < 12 {
        return Err(Broken);
    }
    let cipher = Aes256Gcm::new_from_slice(key).map_err(|_| Broken)?;
    let (nonce, body) = sealed.split_at(12);
    cipher.decrypt(Nonce::from_slice(nonce), Payload { msg: body, aad: CONTEXT }).map_err(|_| Broken)
}

pub fn seal_station(key: &[u8; 32], plain: &[u8]) -> Result<Vec<u8>, Broken> {
    let cipher = Aes256Gcm::new(key.into());
    cipher.encrypt(Nonce::from_slice(&STATION_NONCE), plain).map_err(|_| Broken)
}

pub fn seal_quick(cipher: &ChaCha20Poly1305, plain: &[u8]) -> Result<Vec<u8>, Broken> {
    cipher.encrypt(&GenericArray::from([0u8; 12]), plain).map_err(|_| Broken)
}

pub fn seal_wide(cipher: &XChaCha20Poly1305, plain: &[u8]) -> Result<Vec<u8>, Broken> {
    let mut nonce = [0u8; 24];
    OsRng.fill_bytes(&mut nonce);
    let mut out = nonce.to_vec();
    out.extend(cipher.encrypt(&nonce.into(), plain).map_err(|_| Broken)?);
    Ok(out)
}

pub fn built_in() -> Aes256Gcm {
    Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(b"0fa1c3e5-seismic-archive-key-32b"))
}

pub fn from_file() -> Result<Aes256Gcm, Broken> {
    let raw = std::fs::read("/run/secrets/archive_key").map_err(|_| Broken)?;
    Aes256Gcm::new_from_slice(&raw).map_err(|_| Broken)
}

pub fn old_tape(key: &[u8; 24], iv: &[u8; 8], plain: &[u8]) -> Vec<u8> {
    TripleCbc::new(key.into(), iv.into()).encrypt_padded_vec_mut::<Pkcs7>(plain)
}

pub fn thumbnails(key: &[u8; 16], plain: &[u8]) -> Vec<u8> {
    PlainBlocks::new(key.into()).encrypt_padded_vec_mut::<Pkcs7>(plain)
}

pub fn radio(key: &[u8; 16]) -> rc4::Rc4<rc4::consts::U16> {
    <rc4::Rc4<_> as rc4::KeyInit>::new(key.into())
}

pub fn cbc_then_mac(enc: &[u8; 32], mac_key: &[u8], plain: &[u8]) -> Result<Vec<u8>, Broken> {
    let mut iv = [0u8; 16];
    ring::rand::SystemRandom::new().fill(&mut iv).map_err(|_| Broken)?;
    let body = cbc::Encryptor::<Aes256>::new(enc.into(), &iv.into()).encrypt_padded_vec_mut::<Pkcs7>(plain);
    let mut mac = <HmacSha256 as Mac>::new_from_slice(mac_key).map_err(|_| Broken)?;
    mac.update(&iv);
    mac.update(&body);
    Ok([&iv[..], &body, &mac.finalize().into_bytes()].concat())
}

pub fn tag_of(mac_key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = <HmacSha256 as Mac>::new_from_slice(mac_key).expect("any length");
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

pub fn tag_fits(mac_key: &[u8], data: &[u8], tag: &[u8]) -> bool {
    tag_of(mac_key, data) == tag
}

pub fn tag_fits_steadily(mac_key: &[u8], data: &[u8], tag: &[u8]) -> bool {
    tag_of(mac_key, data).ct_eq(tag).into()
}

pub fn digest_of(data: &[u8], kind: &str) -> Vec<u8> {
    match kind {
        "md5" => md5::compute(data).to_vec(),
        "sha1" => digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, data).as_ref().to_vec(),
        "long" => Sha512::digest(data).to_vec(),
        "ring" => digest::digest(&digest::SHA384, data).as_ref().to_vec(),
        _ => Sha256::digest(data).to_vec(),
    }
}

pub fn small_identity() -> rsa::Result<RsaPrivateKey> {
    RsaPrivateKey::new(&mut OsRng, 1024)
}

pub fn identity(bits: Option<usize>) -> rsa::Result<RsaPrivateKey> {
    RsaPrivateKey::new(&mut OsRng, bits.unwrap_or(3072).max(2048))
}

pub fn repeatable_key() -> [u8; 32] {
    let mut key = [0u8; 32];
    StdRng::seed_from_u64(1906).fill_bytes(&mut key);
    key
}

pub fn wrap(to: &RsaPublicKey, key: &[u8]) -> rsa::Result<Vec<u8>> {
    to.encrypt(&mut OsRng, Pkcs1v15Encrypt, key)
}

pub fn wrap_oaep(to: &RsaPublicKey, key: &[u8]) -> rsa::Result<Vec<u8>> {
    to.encrypt(&mut OsRng, Oaep::new::<Sha256>(), key)
}

pub fn signer(key: RsaPrivateKey) -> SigningKey<Sha256> {
    SigningKey::<Sha256>::new(key)
}

pub fn legacy_signer(key: RsaPrivateKey) -> SigningKey<sha1::Sha1> {
    SigningKey::<sha1::Sha1>::new(key)
}
