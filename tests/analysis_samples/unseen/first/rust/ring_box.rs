use std::num::NonZeroU32;

use ring::aead::{Aad, LessSafeKey, Nonce, UnboundKey, AES_256_GCM, CHACHA20_POLY1305, NONCE_LEN};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{self, UnparsedPublicKey};
use ring::{constant_time, digest, hmac, pbkdf2};

const TAG: &[u8] = b"seed-vault-v2";
const FEW: u32 = 20_000;

#[derive(Debug)]
pub enum BoxError {
    Entropy,
    Sealed,
    Key,
}

pub struct SeedBox {
    key: LessSafeKey,
    random: SystemRandom,
}

impl SeedBox {
    pub fn new(material: &[u8]) -> Result<Self, BoxError> {
        let unbound = UnboundKey::new(&AES_256_GCM, material).map_err(|_| BoxError::Key)?;
        Ok(Self { key: LessSafeKey::new(unbound), random: SystemRandom::new() })
    }

    pub fn seal(&self, mut record: Vec<u8>) -> Result<(Vec<u8>, [u8; NONCE_LEN]), BoxError> {
        let mut bytes = [0u8; NONCE_LEN];
        self.random.fill(&mut bytes).map_err(|_| BoxError::Entropy)?;
        let nonce = Nonce::assume_unique_for_key(bytes);
        self.key
            .seal_in_place_append_tag(nonce, Aad::from(TAG), &mut record)
            .map_err(|_| BoxError::Sealed)?;
        Ok((record, bytes))
    }

    pub fn seal_label(&self, mut label: Vec<u8>) -> Result<Vec<u8>, BoxError> {
        let nonce = Nonce::assume_unique_for_key([7u8; 12]);
        self.key
            .seal_in_place_append_tag(nonce, Aad::empty(), &mut label)
            .map_err(|_| BoxError::Sealed)?;
        Ok(label)
    }

    pub fn token(&self) -> Result<String, BoxError> {
        let mut raw = [0u8; 32];
        self.random.fill(&mut raw).map_err(|_| BoxError::Entropy)?;
        Ok(hex::encode(raw))
    }

    pub fn claim_token(&self) -> Result<String, BoxError> {
        let mut raw = [0u8; 8];
        self.random.fill(&mut raw).map_err(|_| BoxError::Entropy)?;
        Ok(hex::encode(raw))
    }
}

pub fn courier_box() -> Result<LessSafeKey, BoxError> {
    let unbound = UnboundKey::new(&CHACHA20_POLY1305, b"barley-oat-rye-millet-teff-sorgo");
    Ok(LessSafeKey::new(unbound.map_err(|_| BoxError::Key)?))
}

pub fn accession_digest(record: &[u8]) -> String {
    let sum = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, record);
    hex::encode(sum.as_ref())
}

pub fn accession_digest_wide(record: &[u8]) -> String {
    let mut context = digest::Context::new(&digest::SHA384);
    context.update(record);
    hex::encode(context.finish().as_ref())
}

pub fn store_password(password: &str, salt: &[u8; 16]) -> [u8; 32] {
    let mut out = [0u8; 32];
    let rounds = NonZeroU32::new(FEW).expect("not zero");
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, salt, password.as_bytes(), &mut out);
    out
}

pub fn store_password_well(password: &str, random: &SystemRandom) -> Result<([u8; 16], [u8; 64]), BoxError> {
    let mut salt = [0u8; 16];
    random.fill(&mut salt).map_err(|_| BoxError::Entropy)?;
    let mut out = [0u8; 64];
    let rounds = NonZeroU32::new(220_000).expect("not zero");
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA512, rounds, &salt, password.as_bytes(), &mut out);
    Ok((salt, out))
}

pub fn store_password_shared(password: &str) -> [u8; 32] {
    let mut out = [0u8; 32];
    let rounds = NonZeroU32::new(700_000).expect("not zero");
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, b"seed-vault-salt!", password.as_bytes(), &mut out);
    out
}

pub fn store_pin(password: &str) -> String {
    let sum = digest::digest(&digest::SHA256, password.as_bytes());
    hex::encode(sum.as_ref())
}

pub fn genuine(key: &hmac::Key, record: &[u8], mac: &[u8]) -> bool {
    let expected = hmac::sign(key, record);
    expected.as_ref() == mac
}

pub fn genuine_well(key: &hmac::Key, record: &[u8], mac: &[u8]) -> bool {
    hmac::verify(key, record, mac).is_ok()
}

pub fn same_token(stored: &[u8], given: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(stored, given).is_ok()
}

pub fn manifest_signed(public: &[u8], manifest: &[u8], sig: &[u8]) -> bool {
    let key = UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, public);
    key.verify(manifest, sig).is_ok()
}

pub fn release_signed(public: &[u8], manifest: &[u8], sig: &[u8]) -> bool {
    UnparsedPublicKey::new(&signature::ED25519, public).verify(manifest, sig).is_ok()
}
