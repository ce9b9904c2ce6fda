//! Accounts of the keepers of a zoological garden.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::num::NonZeroU32;
use std::time::{SystemTime, UNIX_EPOCH};

use argon2::password_hash::rand_core::OsRng as SaltRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Argon2, ParamsBuilder};
use blake2::Blake2b512;
use constant_time_eq::constant_time_eq;
use data_encoding::BASE32_NOPAD;
use getrandom::getrandom;
use md5::Md5;
use nanoid::nanoid;
use oorandom::Rand64;
use pbkdf2::pbkdf2_hmac;
use rand::distributions::{Distribution, Uniform};
use rand::{thread_rng, Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use rand_pcg::Pcg64;
use ring::pbkdf2 as ring_pbkdf2;
use scrypt::{scrypt, Params as ScryptParams};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use tracing::{debug, error, info};
use zeroize::Zeroizing;

pub struct Keeper {
    pub name: String,
    pub password_hash: String,
    pub reset_token: Option<String>,
}

pub enum Refused {
    TooShort,
    TooLong,
    Broken,
}

const SITE_SALT: &[u8] = b"aviary-salt-0001";
const ITERATIONS: u32 = 210_000;

impl Keeper {
    pub fn set_password(&mut self, password: &str) -> Result<(), Refused> {
        if password.chars().count() < 10 {
            return Err(Refused::TooShort);
        }
        if password.len() > 256 {
            return Err(Refused::TooLong);
        }
        let params = ParamsBuilder::new().m_cost(96 * 1024).t_cost(2).p_cost(1).build().map_err(|_| Refused::Broken)?;
        let salt = SaltString::generate(&mut SaltRng);
        let hasher = Argon2::new(Default::default(), Default::default(), params);
        self.password_hash = hasher.hash_password(password.as_bytes(), &salt).map_err(|_| Refused::Broken)?.to_string();
        Ok(())
    }

    pub fn check(&self, password: &str) -> bool {
        PasswordHash::new(&self.password_hash)
            .and_then(|h| Argon2::new(Default::default(), Default::default(), Default::default()).verify_password(password.as_bytes(), &h))
            .is_ok()
    }

    pub fn set_gate_password(&mut self, password: &str) -> Result<(), Refused> {
        if password.len() > 20 {
            return Err(Refused::TooLong);
        }
        self.password_hash = format!("{:x}", Sha256::digest(password.as_bytes()));
        Ok(())
    }

    pub fn set_old_password(&mut self, password: &str) {
        self.password_hash = hex::encode(Md5::digest(password.as_bytes()));
    }

    pub fn log_in(&self, ok: bool, password: &Zeroizing<String>) {
        if ok {
            info!(keeper = ?self.name, "signed in");
        } else {
            error!("{} is not the password", password.as_str());
            debug!("wrong password given");
        }
    }
}

// ---- stretching

pub fn stretch(password: &[u8], salt: &[u8; 16]) -> [u8; 64] {
    let mut out = [0; 64];
    pbkdf2_hmac::<Sha512>(password, salt, ITERATIONS, &mut out);
    out
}

pub fn stretch_site(password: &[u8]) -> [u8; 64] {
    let mut out = [0; 64];
    pbkdf2_hmac::<Sha512>(password, SITE_SALT, ITERATIONS * 2, &mut out);
    out
}

pub fn stretch_old(password: &[u8], salt: &[u8; 16]) -> [u8; 20] {
    let mut out = [0; 20];
    pbkdf2_hmac::<Sha1>(password, salt, 50_000, &mut out);
    out
}

pub fn stretch_ring(password: &[u8], salt: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    let rounds = NonZeroU32::new(1_000).unwrap();
    ring_pbkdf2::derive(ring_pbkdf2::PBKDF2_HMAC_SHA256, rounds, salt, password, &mut out);
    out
}

pub fn stretch_ring_long(password: &[u8], salt: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    let rounds = NonZeroU32::new(650_000).unwrap();
    ring_pbkdf2::derive(ring_pbkdf2::PBKDF2_HMAC_SHA256, rounds, salt, password, &mut out);
    out
}

pub fn stretch_scrypt(password: &[u8], salt: &[u8], small: bool) -> Option<[u8; 32]> {
    let params = if small {
        ScryptParams::new(13, 8, 1, 32).ok()?
    } else {
        ScryptParams::new(17, 8, 1, 32).ok()?
    };
    let mut out = [0; 32];
    scrypt(password, salt, &params, &mut out).ok()?;
    Some(out)
}

pub fn bcrypt_light(password: &str) -> Option<String> {
    bcrypt::hash_with_result(password, 8).ok().map(|p| p.to_string())
}

pub fn bcrypt_usual(password: &str) -> Option<String> {
    bcrypt::hash(password, bcrypt::DEFAULT_COST).ok()
}

// ---- tokens and lots

pub fn reset_token() -> String {
    let mut raw = [0u8; 20];
    getrandom(&mut raw).expect("entropy");
    BASE32_NOPAD.encode(&raw)
}

pub fn pass_token() -> String {
    (0..4).map(|_| format!("{:016x}", Pcg64::from_entropy().gen::<u64>())).collect()
}

pub fn visitor_token() -> String {
    nanoid!(32)
}

pub fn visitor_token_short() -> String {
    nanoid!(8)
}

pub fn clock_secret() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map(|d| d.as_nanos()).unwrap_or(7);
    format!("{:016x}{:016x}", Rand64::new(now).rand_u64(), Rand64::new(now + 1).rand_u64())
}

pub fn repeatable_secret() -> [u8; 32] {
    ChaCha20Rng::from_seed([7; 32]).gen()
}

pub fn session_id() -> String {
    let letters = Uniform::from(b'a'..=b'z');
    let mut rng = thread_rng();
    (0..40).map(|_| char::from(letters.sample(&mut rng))).collect()
}

pub fn feeding_order(animals: &mut [String], day: u64) {
    let mut lots = Pcg64::seed_from_u64(day);
    for i in (1..animals.len()).rev() {
        animals.swap(i, lots.gen_range(0..=i));
    }
}

// ---- digests and comparisons

pub fn bucket(name: &str) -> u64 {
    let mut h = DefaultHasher::new();
    name.hash(&mut h);
    h.finish() % 64
}

pub fn picture_digest(bytes: &[u8], old: bool) -> Vec<u8> {
    if old {
        Sha1::digest(bytes).to_vec()
    } else {
        Blake2b512::digest(bytes).to_vec()
    }
}

pub fn same_reset_token(k: &Keeper, token: &str) -> bool {
    k.reset_token.as_deref() == Some(token)
}

pub fn same_reset_token_steady(k: &Keeper, token: &str) -> bool {
    k.reset_token.as_ref().map_or(false, |t| constant_time_eq(t.as_bytes(), token.as_bytes()))
}
