use std::fmt;

use rand::distributions::{Alphanumeric, DistString};
use rand::rngs::{OsRng, SmallRng, StdRng};
use rand::seq::SliceRandom;
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use tracing::{debug, info};

const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const FIXED: u64 = 77_115;

#[derive(Clone, PartialEq, Eq)]
pub struct InviteToken(String);

impl fmt::Debug for InviteToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviteToken(..)")
    }
}

impl InviteToken {
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

pub fn invite_token() -> InviteToken {
    let mut raw = [0u8; 24];
    OsRng.fill_bytes(&mut raw);
    InviteToken(hex::encode(raw))
}

pub fn session_token() -> String {
    Alphanumeric.sample_string(&mut rand::thread_rng(), 40)
}

pub fn weak_session_token() -> String {
    let mut token = String::with_capacity(32);
    for _ in 0..32 {
        token.push(ALPHABET[SmallRng::from_entropy().gen_range(0..ALPHABET.len())] as char);
    }
    token
}

pub fn reset_token() -> String {
    let mut generator = StdRng::seed_from_u64(FIXED);
    let mut raw = [0u8; 32];
    generator.fill_bytes(&mut raw);
    hex::encode(raw)
}

pub fn recovery_key() -> [u8; 32] {
    let mut generator = ChaCha20Rng::from_seed([9u8; 32]);
    generator.gen()
}

pub fn recovery_key_well() -> [u8; 32] {
    let mut generator = ChaCha20Rng::from_entropy();
    generator.gen()
}

pub fn api_key() -> String {
    let part = fastrand::u128(..);
    format!("choir_{part:032x}")
}

pub fn api_key_well() -> String {
    let mut raw = [0u8; 32];
    getrandom::getrandom(&mut raw).expect("the system has entropy");
    format!("choir_{}", hex::encode(raw))
}

pub fn download_token() -> String {
    Alphanumeric.sample_string(&mut OsRng, 6)
}

pub fn warm_up(names: &mut [String]) {
    let mut rng = SmallRng::seed_from_u64(names.len() as u64);
    names.shuffle(&mut rng);
}

pub fn demo_score(seed: u64) -> Vec<u8> {
    let mut rng = StdRng::seed_from_u64(seed);
    (0..16).map(|_| rng.gen_range(48..72)).collect()
}

pub fn retry_pause(attempt: u32) -> std::time::Duration {
    let ceiling = 250u64 << attempt.min(6);
    std::time::Duration::from_millis(fastrand::u64(0..ceiling))
}

pub fn bench_names() -> Vec<&'static str> {
    let mut names = vec!["alto", "bass", "soprano", "tenor"];
    names.shuffle(&mut StdRng::seed_from_u64(FIXED));
    names
}

pub struct Mailer {
    base: String,
}

impl Mailer {
    pub fn new(base: impl Into<String>) -> Self {
        Self { base: base.into() }
    }

    pub fn invite(&self, address: u64, token: &InviteToken) -> String {
        debug!(member = address, "invite token made: {:?}", token);
        info!(member = address, "invite token {}", token.reveal());
        format!("{}/join", self.base)
    }

    pub fn remind(&self, address: u64) -> String {
        info!(member = address, "token reminder sent");
        format!("{}/remind", self.base)
    }
}
