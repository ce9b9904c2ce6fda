use aes::{Aes128, Aes256};
use aes_gcm::{
    aead::{Aead, AeadCore, KeyInit, OsRng},
    Aes256Gcm, Key, Nonce,
};
use argon2::{password_hash::SaltString, Algorithm as Argon2Kind, Argon2, Params, PasswordHasher, Version};
use cipher::{block_padding::Pkcs7, BlockEncryptMut, KeyIvInit};
use jsonwebtoken::{decode, encode, Algorithm, DecodingKey, EncodingKey, Header, TokenData, Validation};
use md5::Md5;
use pbkdf2::pbkdf2_hmac;
use rand::{rngs::StdRng, seq::SliceRandom, Rng, RngCore, SeedableRng};
use rsa::{Oaep, Pkcs1v15Encrypt, RsaPrivateKey, RsaPublicKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq;

const ISSUER: &str = "https://id.alpenverein.example";
const AUDIENCE: &str = "huts";
const TOKEN_ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const MEMBER_ROUNDS: u32 = 600_000;
const GUEST_ROUNDS: u32 = 4_096;

#[derive(Serialize, Deserialize, Clone)]
pub struct Member {
    sub: String,
    aud: String,
    iss: String,
    exp: u64,
}

fn strict() -> Validation {
    let mut v = Validation::new(Algorithm::EdDSA);
    v.set_audience(&[AUDIENCE]);
    v.set_issuer(&[ISSUER]);
    v.set_required_spec_claims(&["exp", "aud", "iss"]);
    v
}

pub fn member(token: &str, key: &DecodingKey) -> Option<Member> {
    decode::<Member>(token, key, &strict()).ok().map(|t| t.claims)
}

pub fn hut_screen(token: &str, key: &DecodingKey) -> Option<Member> {
    let mut v = strict();
    v.validate_exp = false;
    decode::<Member>(token, key, &v).ok().map(|t| t.claims)
}

pub fn partner(token: &str, key: &DecodingKey) -> Option<TokenData<Member>> {
    let mut v = Validation::new(Algorithm::EdDSA);
    v.set_issuer(&[ISSUER]);
    v.set_required_spec_claims(&["exp", "iss"]);
    v.validate_aud = false;
    decode(token, key, &v).ok()
}

pub fn peek(token: &str, key: &DecodingKey) -> Option<String> {
    let mut v = strict();
    v.insecure_disable_signature_validation();
    decode::<Member>(token, key, &v).ok().map(|t| t.claims.sub)
}

pub fn issue(m: &Member, key: &EncodingKey) -> jsonwebtoken::errors::Result<String> {
    encode(&Header::new(Algorithm::EdDSA), m, key)
}

pub fn hash_member(password: &str) -> Result<String, argon2::password_hash::Error> {
    let params = Params::new(65_536, 3, 1, None)?;
    let salt = SaltString::generate(&mut OsRng);
    Ok(Argon2::new(Argon2Kind::Argon2id, Version::V0x13, params).hash_password(password.as_bytes(), &salt)?.to_string())
}

pub fn hash_guest(password: &str) -> Result<String, argon2::password_hash::Error> {
    let params = Params::new(4_096, 3, 1, None)?;
    let salt = SaltString::generate(&mut OsRng);
    Ok(Argon2::new(Argon2Kind::Argon2id, Version::V0x13, params).hash_password(password.as_bytes(), &salt)?.to_string())
}

pub fn hash_warden(password: &str) -> bcrypt::BcryptResult<String> {
    bcrypt::hash(password, bcrypt::DEFAULT_COST)
}

pub fn hash_volunteer(password: &str) -> bcrypt::BcryptResult<String> {
    bcrypt::hash(password, 5)
}

pub fn derive_member(password: &[u8], salt: &[u8; 16]) -> [u8; 32] {
    let mut out = [0u8; 32];
    pbkdf2_hmac::<Sha256>(password, salt, MEMBER_ROUNDS, &mut out);
    out
}

pub fn derive_guest(password: &[u8], salt: &[u8; 16]) -> [u8; 32] {
    let mut out = [0u8; 32];
    pbkdf2_hmac::<Sha512>(password, salt, GUEST_ROUNDS, &mut out);
    out
}

pub fn stretch(password: &[u8], salt: &[u8; 16], strong: bool) -> [u8; 32] {
    let mut out = [0u8; 32];
    if strong {
        scrypt::scrypt(password, salt, &scrypt::Params::new(17, 8, 1, 32).unwrap(), &mut out).unwrap();
    } else {
        scrypt::scrypt(password, salt, &scrypt::Params::new(12, 8, 1, 32).unwrap(), &mut out).unwrap();
    }
    out
}

pub fn legacy_password_hash(password: &str) -> String {
    hex::encode(Sha512::digest(password.as_bytes()))
}

pub fn photo_digest(photo: &[u8]) -> String {
    hex::encode(Sha256::digest(photo))
}

pub fn card_digest(card: &[u8]) -> String {
    let mut h = Md5::new();
    h.update(card);
    hex::encode(h.finalize())
}

pub fn seal(key: &Key<Aes256Gcm>, plain: &[u8]) -> Option<Vec<u8>> {
    let nonce = Aes256Gcm::generate_nonce(&mut OsRng);
    let mut out = nonce.to_vec();
    out.extend(Aes256Gcm::new(key).encrypt(&nonce, plain).ok()?);
    Some(out)
}

pub fn seal_card(key: &Key<Aes256Gcm>, plain: &[u8]) -> Option<Vec<u8>> {
    Aes256Gcm::new(key).encrypt(Nonce::from_slice(b"hut-card-001"), plain).ok()
}

pub fn seal_voucher(plain: &[u8]) -> Option<Vec<u8>> {
    let cipher = Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(b"Zr8mQ2xv7Lk1Tn5cWy9pHb3sJd6fGa4e"));
    let nonce = Aes256Gcm::generate_nonce(&mut OsRng);
    let mut out = nonce.to_vec();
    out.extend(cipher.encrypt(&nonce, plain).ok()?);
    Some(out)
}

pub fn seal_badge(key: &[u8; 16], plain: &[u8]) -> Vec<u8> {
    ecb::Encryptor::<Aes128>::new(key.into()).encrypt_padded_vec_mut::<Pkcs7>(plain)
}

pub fn seal_roster(key: &[u8; 32], plain: &[u8]) -> Vec<u8> {
    let mut iv = [0u8; 16];
    OsRng.fill_bytes(&mut iv);
    let body = cbc::Encryptor::<Aes256>::new(key.into(), &iv.into()).encrypt_padded_vec_mut::<Pkcs7>(plain);
    [iv.to_vec(), body].concat()
}

pub fn gate_key() -> rsa::Result<RsaPrivateKey> {
    RsaPrivateKey::new(&mut OsRng, 3072)
}

pub fn turnstile_key() -> rsa::Result<RsaPrivateKey> {
    RsaPrivateKey::new(&mut OsRng, 1024)
}

pub fn wrap(key: &RsaPublicKey, data: &[u8]) -> rsa::Result<Vec<u8>> {
    key.encrypt(&mut OsRng, Oaep::new::<Sha256>(), data)
}

pub fn wrap_for_turnstile(key: &RsaPublicKey, data: &[u8]) -> rsa::Result<Vec<u8>> {
    key.encrypt(&mut OsRng, Pkcs1v15Encrypt, data)
}

pub fn reset_token() -> String {
    let mut rng = rand::thread_rng();
    (0..32).map(|_| TOKEN_ALPHABET[rng.gen_range(0..TOKEN_ALPHABET.len())] as char).collect()
}

pub fn invitation_token() -> String {
    let mut rng = StdRng::seed_from_u64(20_240_501);
    (0..32).map(|_| TOKEN_ALPHABET[rng.gen_range(0..TOKEN_ALPHABET.len())] as char).collect()
}

pub fn api_token() -> String {
    (0..32).map(|_| TOKEN_ALPHABET[fastrand::usize(..TOKEN_ALPHABET.len())] as char).collect()
}

pub fn shuffle_bunks(bunks: &mut [u16], year: u64) {
    bunks.shuffle(&mut StdRng::seed_from_u64(year));
    std::thread::sleep(std::time::Duration::from_millis(fastrand::u64(1..20)));
}

pub fn reset_token_matches(given: &[u8], stored: &[u8]) -> bool {
    given.ct_eq(stored).into()
}

pub fn api_token_matches(api_token: &str, stored_token: &str) -> bool {
    api_token == stored_token
}

pub fn register(password: &str) -> Result<String, &'static str> {
    if password.chars().count() < 12 {
        tracing::info!(length = password.len(), "password refused");
        return Err("too short");
    }
    hash_member(password).map_err(|_| "hashing failed")
}

pub fn register_guest(password: &str) -> Result<String, &'static str> {
    if password.len() < 4 {
        return Err("too short");
    }
    tracing::debug!("guest registered with password {password}");
    hash_member(password).map_err(|_| "hashing failed")
}
