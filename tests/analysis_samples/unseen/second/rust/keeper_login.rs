use argon2::password_hash::{rand_core::OsRng, PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use nanorand::{Rng, WyRand};
use pbkdf2::pbkdf2_hmac;
use poem::http::StatusCode;
use poem::web::cookie::{Cookie, CookieJar, SameSite};
use poem::web::{Data, Form};
use poem::{handler, IntoResponse};
use rand::RngCore;
use scrypt::{scrypt, Params as ScryptParams};
use serde::Deserialize;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

const STEADY_COST: u32 = 12;
const LEGACY_ROUNDS: u32 = 1_000;

#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    #[error("password is too short")]
    Short,
    #[error("password cannot be stored")]
    Store,
}

#[derive(Deserialize)]
pub struct Credentials {
    keeper: String,
    password: String,
}

pub trait Keepers: Send + Sync {
    fn hash_of(&self, keeper: &str) -> Option<String>;
}

pub struct Policy {
    pub minimum: usize,
    pub maximum: usize,
}

impl Policy {
    pub fn accepts(&self, password: &str) -> Result<(), LoginError> {
        let length = password.chars().count();
        if length < self.minimum || length > self.maximum {
            return Err(LoginError::Short);
        }
        Ok(())
    }
}

pub fn keeper_policy() -> Policy {
    Policy { minimum: 12, maximum: 256 }
}

pub fn visitor_accepts(password: &str) -> bool {
    password.len() >= 5
}

pub fn store(password: &str) -> Result<String, LoginError> {
    let params = Params::new(64 * 1024, 3, 2, None).map_err(|_| LoginError::Store)?;
    let salt = SaltString::generate(&mut OsRng);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|_| LoginError::Store)
}

pub fn store_small(password: &str) -> Result<String, LoginError> {
    let params = Params::new(4096, 3, 1, None).map_err(|_| LoginError::Store)?;
    let salt = SaltString::generate(&mut OsRng);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|_| LoginError::Store)
}

pub fn store_shared(password: &str) -> Result<String, LoginError> {
    let params = Params::new(64 * 1024, 3, 2, None).map_err(|_| LoginError::Store)?;
    let salt = SaltString::from_b64("bG9mdC1waWdlb25zLTAx").map_err(|_| LoginError::Store)?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|_| LoginError::Store)
}

pub fn store_blowfish(password: &str) -> Result<String, LoginError> {
    bcrypt::hash(password, STEADY_COST).map_err(|_| LoginError::Store)
}

pub fn store_quick(password: &str) -> Result<String, LoginError> {
    bcrypt::hash(password, 6).map_err(|_| LoginError::Store)
}

pub fn derive_old(password: &str, salt: &[u8]) -> [u8; 20] {
    let mut out = [0u8; 20];
    pbkdf2_hmac::<Sha1>(password.as_bytes(), salt, LEGACY_ROUNDS, &mut out);
    out
}

pub fn derive_wide(password: &str, salt: &[u8]) -> [u8; 64] {
    let mut out = [0u8; 64];
    pbkdf2_hmac::<Sha512>(password.as_bytes(), salt, 50_000, &mut out);
    out
}

pub fn derive(password: &str) -> ([u8; 16], [u8; 32]) {
    let mut salt = [0u8; 16];
    OsRng.fill_bytes(&mut salt);
    let mut out = [0u8; 32];
    pbkdf2_hmac::<Sha256>(password.as_bytes(), &salt, 620_000, &mut out);
    (salt, out)
}

pub fn memory_hard(password: &str, salt: &[u8; 16]) -> Result<[u8; 32], LoginError> {
    let params = ScryptParams::new(17, 8, 1, 32).map_err(|_| LoginError::Store)?;
    let mut out = [0u8; 32];
    scrypt(password.as_bytes(), salt, &params, &mut out).map_err(|_| LoginError::Store)?;
    Ok(out)
}

pub fn memory_light(password: &str, salt: &[u8; 16]) -> Result<[u8; 32], LoginError> {
    let params = ScryptParams::new(12, 8, 1, 32).map_err(|_| LoginError::Store)?;
    let mut out = [0u8; 32];
    scrypt(password.as_bytes(), salt, &params, &mut out).map_err(|_| LoginError::Store)?;
    Ok(out)
}

pub fn store_volunteer(password: &str) -> String {
    hex::encode(blake2::Blake2b512::digest(password.as_bytes()))
}

pub fn remember_token() -> String {
    format!("{:016x}{:016x}", WyRand::new().generate::<u64>(), WyRand::new().generate::<u64>())
}

pub fn hook_secret_matches(secret: &str, given: &str) -> bool {
    secret == given
}

pub fn loft_key(loft: &str) -> String {
    hex::encode(Sha256::digest(loft.as_bytes()))
}

#[handler]
pub async fn sign_in(keepers: Data<&std::sync::Arc<dyn Keepers>>, jar: &CookieJar, form: Form<Credentials>) -> impl IntoResponse {
    let Some(stored) = keepers.hash_of(&form.keeper) else {
        return StatusCode::UNAUTHORIZED;
    };
    let Ok(parsed) = PasswordHash::new(&stored) else {
        return StatusCode::UNAUTHORIZED;
    };
    if Argon2::default().verify_password(form.password.as_bytes(), &parsed).is_err() {
        return StatusCode::UNAUTHORIZED;
    }
    let mut id = [0u8; 32];
    OsRng.fill_bytes(&mut id);
    let mut cookie = Cookie::new("keeper", hex::encode(id));
    cookie.set_secure(true);
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Strict);
    jar.add(cookie);
    StatusCode::NO_CONTENT
}
