//! Season tickets of a football ground.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use argon2::{password_hash::SaltString, Algorithm as Kind, Argon2, Params, PasswordHasher, Version};
use base64::{engine::general_purpose::URL_SAFE_NO_PAD, Engine};
use jsonwebtoken::{decode, encode, Algorithm, DecodingKey, EncodingKey, Header, TokenData, Validation};
use rand::distributions::{Alphanumeric, DistString};
use rand::rngs::{OsRng, SmallRng};
use rand::{seq::SliceRandom, Rng, RngCore, SeedableRng};
use serde::{Deserialize, Serialize};

type Result<T> = jsonwebtoken::errors::Result<T>;

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    iss: String,
    aud: String,
    exp: u64,
}

#[derive(Serialize, Deserialize)]
struct Endless {
    sub: String,
    stand: char,
}

struct Wicket {
    signing: EncodingKey,
    verifying: DecodingKey,
}

fn in_seconds(d: Duration) -> u64 {
    (SystemTime::now() + d).duration_since(UNIX_EPOCH).map(|t| t.as_secs()).unwrap_or(0)
}

fn strict(alg: Algorithm) -> Validation {
    let mut v = Validation::new(alg);
    v.set_audience(&["turnstile"]);
    v.set_issuer(&["https://ground.example"]);
    v.set_required_spec_claims(&["exp", "aud", "iss"]);
    v
}

impl Wicket {
    fn issue(&self, fan: &str) -> Result<String> {
        let claims = Claims {
            sub: fan.to_owned(),
            iss: "https://ground.example".into(),
            aud: "turnstile".into(),
            exp: in_seconds(Duration::from_secs(4 * 3600)),
        };
        encode(&Header::new(Algorithm::ES256), &claims, &self.signing)
    }

    fn issue_endless(&self, fan: &str) -> Result<String> {
        encode(&Header::new(Algorithm::ES256), &Endless { sub: fan.into(), stand: 'N' }, &self.signing)
    }

    fn issue_steward(&self, claims: &Claims) -> Result<String> {
        encode(&Header::default(), claims, &EncodingKey::from_secret(b"goal-line-5"))
    }

    fn issue_press(&self, claims: &Claims) -> std::result::Result<String, Box<dyn std::error::Error>> {
        let secret = std::env::var("PRESS_TOKEN_KEY")?;
        Ok(encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(secret.as_bytes()))?)
    }

    fn read(&self, token: &str) -> Result<TokenData<Claims>> {
        decode::<Claims>(token, &self.verifying, &strict(Algorithm::ES256))
    }

    fn read_unsigned(&self, token: &str) -> Result<Claims> {
        let mut v = strict(Algorithm::ES256);
        v.insecure_disable_signature_validation();
        decode::<Claims>(token, &self.verifying, &v).map(|t| t.claims)
    }

    fn read_stale(&self, token: &str) -> Result<Claims> {
        let mut v = strict(Algorithm::ES256);
        v.validate_exp = false;
        Ok(decode::<Claims>(token, &self.verifying, &v)?.claims)
    }

    fn read_guest(&self, token: &str) -> Result<Claims> {
        let mut v = Validation::new(Algorithm::ES256);
        v.set_issuer(&["https://guests.example"]);
        v.validate_aud = false;
        Ok(decode::<Claims>(token, &self.verifying, &v)?.claims)
    }

    fn read_mixed(&self, token: &str) -> Result<Claims> {
        let mut v = strict(Algorithm::HS256);
        v.algorithms = vec![Algorithm::HS256, Algorithm::RS256];
        decode(token, &self.verifying, &v).map(|t: TokenData<Claims>| t.claims)
    }

    fn read_rsa(&self, token: &str) -> Result<Claims> {
        let mut v = strict(Algorithm::RS256);
        v.algorithms = vec![Algorithm::RS256, Algorithm::RS512];
        v.leeway = 10;
        decode(token, &self.verifying, &v).map(|t: TokenData<Claims>| t.claims)
    }
}

// ---- passwords of the staff

fn store(password: &str) -> std::result::Result<String, Box<dyn std::error::Error>> {
    let salt = SaltString::generate(&mut OsRng);
    Ok(hasher(true)?.hash_password(password.as_bytes(), &salt).map_err(|e| e.to_string())?.to_string())
}

fn hasher(big: bool) -> std::result::Result<Argon2<'static>, String> {
    let params = if big {
        Params::new(64 * 1024, 3, 2, None)
    } else {
        Params::new(2048, 3, 1, None)
    };
    params.map(|p| Argon2::new(Kind::Argon2id, Version::V0x13, p)).map_err(|e| e.to_string())
}

fn store_turnstile(password: &str) -> String {
    bcrypt::hash(password, 11).unwrap_or_default()
}

fn store_bcrypt(password: &str) -> bcrypt::BcryptResult<String> {
    const COST: u32 = 6;
    bcrypt::hash(password, COST)
}

// ---- chance

fn session_token() -> String {
    let mut raw = [0u8; 32];
    OsRng.fill_bytes(&mut raw);
    URL_SAFE_NO_PAD.encode(raw)
}

fn gate_token() -> String {
    let mut raw = [0u8; 32];
    SmallRng::from_entropy().fill_bytes(&mut raw);
    URL_SAFE_NO_PAD.encode(raw)
}

fn reset_token() -> String {
    Alphanumeric.sample_string(&mut rand::thread_rng(), 40)
}

fn short_reset_token() -> String {
    Alphanumeric.sample_string(&mut rand::thread_rng(), 6)
}

fn password_for_box(letters: &[char]) -> String {
    let mut rng = fastrand::Rng::new();
    (0..24).map(|_| letters[rng.usize(..letters.len())]).collect()
}

fn half_time_draw(mut seats: Vec<u32>) -> Option<u32> {
    let mut rng = SmallRng::seed_from_u64(7);
    seats.shuffle(&mut rng);
    seats.first().copied()
}

fn wait_a_little(base: u64) -> Duration {
    Duration::from_millis(base + rand::thread_rng().gen_range(0..250))
}
