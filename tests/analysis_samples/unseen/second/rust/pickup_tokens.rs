use std::collections::HashSet;
use std::time::{Duration as StdDuration, SystemTime};

use anyhow::{ensure, Context, Result};
use josekit::jws::{JwsHeader, RS256};
use josekit::jwt::{self as jose, JwtPayload, JwtPayloadValidator};
use jwt::{Header, Token, Unverified};
use jwt_simple::prelude::*;
use serde_json::Value;

const ISSUER: &str = "https://pickup.cheesery.example";
const COUNTER: &str = "counter";

pub struct Pickups {
    key: ES256KeyPair,
    shared: HS256Key,
}

fn expected(audience: &str) -> VerificationOptions {
    VerificationOptions {
        allowed_issuers: Some(HashSet::from_strings(&[ISSUER])),
        allowed_audiences: Some(HashSet::from_strings(&[audience])),
        time_tolerance: Some(Duration::from_secs(30)),
        ..Default::default()
    }
}

impl Pickups {
    pub fn load() -> Result<Self> {
        let pem = std::fs::read_to_string("/run/secrets/cheesery-es256.pem")?;
        let shared = std::fs::read("/run/secrets/cheesery-hs256")?;
        ensure!(shared.len() >= 32, "shared key is short");
        Ok(Self { key: ES256KeyPair::from_pem(&pem)?, shared: HS256Key::from_bytes(&shared) })
    }

    pub fn issue(&self, order: u64) -> Result<String> {
        let claims = Claims::create(Duration::from_mins(20))
            .with_issuer(ISSUER)
            .with_audience(COUNTER)
            .with_subject(order);
        Ok(self.key.sign(claims)?)
    }

    pub fn issue_sample(&self) -> Result<String> {
        let claims = Claims::create(Duration::from_mins(5)).with_issuer(ISSUER).with_audience("samples");
        Ok(HS256Key::from_bytes(b"gouda-brie-12").authenticate(claims)?)
    }

    pub fn issue_tasting(&self) -> Result<String> {
        let claims = Claims::create(Duration::from_mins(5)).with_issuer(ISSUER).with_audience("tastings");
        Ok(self.shared.authenticate(claims)?)
    }

    pub fn check(&self, token: &str) -> Result<Option<String>> {
        let claims = self.key.public_key().verify_token::<NoCustomClaims>(token, Some(expected(COUNTER)))?;
        Ok(claims.subject)
    }

    pub fn check_tasting(&self, token: &str) -> Result<Option<String>> {
        Ok(self.shared.verify_token::<NoCustomClaims>(token, None)?.subject)
    }

    pub fn key_hint(token: &str) -> Result<Option<String>> {
        let metadata = jwt_simple::token::Token::decode_metadata(token)?;
        Ok(metadata.key_id().map(str::to_owned))
    }
}

pub fn glance(token: &str) -> Result<String> {
    let glanced: Token<Header, Value, Unverified<'_>> = Token::parse_unverified(token)?;
    Ok(glanced.claims()["sub"].as_str().unwrap_or_default().to_owned())
}

pub fn wholesaler(token: &str, public_pem: &[u8]) -> Result<JwtPayload> {
    let verifier = RS256.verifier_from_pem(public_pem)?;
    let (payload, _) = jose::decode_with_verifier(token, &verifier)?;
    let mut validator = JwtPayloadValidator::new();
    validator.set_base_time(SystemTime::now());
    validator.set_issuer("https://wholesale.cheesery.example");
    validator.set_audience(COUNTER);
    validator.validate(&payload)?;
    Ok(payload)
}

pub fn farm(token: &str) -> Result<String> {
    let (payload, _) = jose::decode_unsecured(token)?;
    payload.subject().map(str::to_owned).context("no subject")
}

pub fn delivery(private_pem: &[u8], driver: &str) -> Result<String> {
    let mut header = JwsHeader::new();
    header.set_token_type("JWT");
    let mut payload = JwtPayload::new();
    payload.set_issuer(ISSUER);
    payload.set_audience(vec!["drivers"]);
    payload.set_subject(driver);
    payload.set_expires_at(&(SystemTime::now() + StdDuration::from_secs(1800)));
    Ok(jose::encode_with_signer(&payload, &header, &RS256.signer_from_pem(private_pem)?)?)
}
