use std::collections::HashSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{ensure, Context, Result};
use jsonwebtoken::{
    dangerous::insecure_decode, decode, decode_header, encode, Algorithm, DecodingKey, EncodingKey, Header, TokenData,
    Validation,
};
use serde::{Deserialize, Serialize};

const ISSUER: &str = "https://passes.cablecar.example";
const LIFT: &str = "lift";

#[derive(Debug, Serialize, Deserialize)]
pub struct Pass {
    sub: String,
    iss: String,
    aud: String,
    exp: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct SeasonPass {
    sub: String,
    iss: String,
    aud: String,
    season: u16,
}

pub struct Passes {
    private: EncodingKey,
    public: DecodingKey,
    secret: Vec<u8>,
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

impl Passes {
    pub fn load() -> Result<Self> {
        let pem = std::fs::read("/run/secrets/cablecar-ec.pem")?;
        let public = std::fs::read("/etc/cablecar/ec.pub")?;
        let secret = std::fs::read("/run/secrets/cablecar-hmac")?;
        ensure!(secret.len() >= 32, "secret is short");
        Ok(Self {
            private: EncodingKey::from_ec_pem(&pem)?,
            public: DecodingKey::from_ec_pem(&public)?,
            secret,
        })
    }

    fn strict(audience: &str) -> Validation {
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&[audience]);
        validation.set_issuer(&[ISSUER]);
        validation
    }

    pub fn check(&self, token: &str) -> Result<Pass> {
        Ok(decode::<Pass>(token, &self.public, &Self::strict(LIFT))?.claims)
    }

    pub fn check_late(&self, token: &str) -> Result<Pass> {
        let mut validation = Self::strict(LIFT);
        validation.validate_exp = false;
        Ok(decode::<Pass>(token, &self.public, &validation)?.claims)
    }

    pub fn check_any_lift(&self, token: &str) -> Result<Pass> {
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_issuer(&[ISSUER]);
        validation.validate_aud = false;
        validation.validate_exp = true;
        Ok(decode::<Pass>(token, &self.public, &validation)?.claims)
    }

    pub fn check_header(&self, token: &str) -> Result<TokenData<Pass>> {
        let header = decode_header(token)?;
        let mut validation = Validation::new(header.alg);
        validation.set_audience(&[LIFT]);
        validation.set_issuer(&[ISSUER]);
        decode::<Pass>(token, &self.public, &validation).context("pass is not valid")
    }

    pub fn key_id(token: &str) -> Result<Option<String>> {
        let header = decode_header(token)?;
        ensure!(header.alg == Algorithm::ES256, "unexpected algorithm");
        Ok(header.kid)
    }

    pub fn peek(&self, token: &str) -> Result<String> {
        let mut validation = Self::strict(LIFT);
        validation.insecure_disable_signature_validation();
        Ok(decode::<Pass>(token, &self.public, &validation)?.claims.sub)
    }

    pub fn peek_raw(token: &str) -> Result<String> {
        Ok(insecure_decode::<Pass>(token)?.claims.sub)
    }

    pub fn issue(&self, subject: &str) -> Result<String> {
        let pass = Pass {
            sub: subject.to_owned(),
            iss: ISSUER.to_owned(),
            aud: LIFT.to_owned(),
            exp: now() + 900,
        };
        Ok(encode(&Header::new(Algorithm::ES256), &pass, &self.private)?)
    }

    pub fn issue_season(&self, subject: &str) -> Result<String> {
        let header = Header::new(Algorithm::ES256);
        let (sub, iss, aud) = (subject.to_owned(), ISSUER.to_owned(), LIFT.to_owned());
        Ok(encode(&header, &SeasonPass { sub, iss, aud, season: 2025 }, &self.private)?)
    }

    pub fn issue_kiosk(&self) -> Result<String> {
        let pass = Pass { sub: "kiosk".into(), iss: ISSUER.into(), aud: "kiosk".into(), exp: now() + 3600 };
        let key = EncodingKey::from_secret(b"gondola-42");
        Ok(encode(&Header::default(), &pass, &key)?)
    }

    pub fn issue_visitor(&self) -> Result<String> {
        let pass = Pass { sub: "visitor".into(), iss: ISSUER.into(), aud: "visitor".into(), exp: now() + 3600 };
        Ok(encode(&Header::new(Algorithm::HS256), &pass, &EncodingKey::from_secret(&self.secret))?)
    }

    pub fn check_visitor(&self, token: &str) -> Result<Pass> {
        let key = DecodingKey::from_secret(&self.secret);
        let mut validation = Validation::new(Algorithm::HS256);
        validation.aud = Some(HashSet::from(["visitor".to_owned()]));
        validation.iss = Some(HashSet::from([ISSUER.to_owned()]));
        Ok(decode::<Pass>(token, &key, &validation)?.claims)
    }
}
