use aes::{Aes128, Aes256};
use aes_gcm::aead::{Aead, AeadCore, KeyInit, OsRng, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use cbc::cipher::{block_padding::Pkcs7, BlockEncryptMut, KeyIvInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use rand::RngCore;
use rsa::{Oaep, Pkcs1v15Encrypt, RsaPrivateKey, RsaPublicKey};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq;

type Aes256CbcEnc = cbc::Encryptor<Aes256>;
type HmacSha256 = Hmac<Sha256>;

const KEY_BITS: usize = 3072;
const CONTEXT: &[u8] = b"cells/v1";

#[derive(Debug, thiserror::Error)]
pub enum CellError {
    #[error("cell cannot be sealed")]
    Seal,
    #[error("key cannot be made")]
    Key,
}

pub struct Cells {
    cipher: Aes256Gcm,
    mac_key: [u8; 32],
    enc_key: [u8; 32],
}

impl Cells {
    pub fn new(enc_key: [u8; 32], mac_key: [u8; 32]) -> Self {
        let cipher = Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(&enc_key));
        Self { cipher, mac_key, enc_key }
    }

    pub fn seal(&self, cell: &[u8]) -> Result<Vec<u8>, CellError> {
        let nonce = Aes256Gcm::generate_nonce(&mut OsRng);
        let sealed = self
            .cipher
            .encrypt(&nonce, Payload { msg: cell, aad: CONTEXT })
            .map_err(|_| CellError::Seal)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    pub fn seal_header(&self, header: &[u8]) -> Result<Vec<u8>, CellError> {
        let nonce = Nonce::from_slice(b"header-nonce");
        self.cipher.encrypt(nonce, header).map_err(|_| CellError::Seal)
    }

    pub fn seal_wide(&self, cell: &[u8]) -> Result<Vec<u8>, CellError> {
        let mut raw = [0u8; 24];
        OsRng.fill_bytes(&mut raw);
        let cipher = XChaCha20Poly1305::new_from_slice(&self.enc_key).map_err(|_| CellError::Key)?;
        let sealed = cipher.encrypt(XNonce::from_slice(&raw), cell).map_err(|_| CellError::Seal)?;
        Ok([raw.as_slice(), &sealed].concat())
    }

    pub fn export_cell(&self, cell: &[u8]) -> Vec<u8> {
        let mut iv = [0u8; 16];
        OsRng.fill_bytes(&mut iv);
        let body = Aes256CbcEnc::new(&self.enc_key.into(), &iv.into()).encrypt_padded_vec_mut::<Pkcs7>(cell);
        [iv.as_slice(), &body].concat()
    }

    pub fn genuine(&self, cell: &[u8], tag: &[u8]) -> bool {
        let mut mac = <HmacSha256 as Mac>::new_from_slice(&self.mac_key).expect("any length");
        mac.update(cell);
        mac.verify_slice(tag).is_ok()
    }

    pub fn genuine_quick(&self, cell: &[u8], tag: &[u8]) -> bool {
        let mut mac = <HmacSha256 as Mac>::new_from_slice(&self.mac_key).expect("any length");
        mac.update(cell);
        let expected = mac.finalize().into_bytes();
        expected.as_slice() == tag
    }

    pub fn same_token(&self, stored: &[u8], given: &[u8]) -> bool {
        stored.ct_eq(given).into()
    }
}

pub fn badge_cipher() -> Result<Aes256Gcm, CellError> {
    Aes256Gcm::new_from_slice(b"queen-drone-worker-brood-comb-07").map_err(|_| CellError::Key)
}

pub fn badge_cipher_from_env() -> Result<Aes256Gcm, CellError> {
    let encoded = std::env::var("CELLS_BADGE_KEY").map_err(|_| CellError::Key)?;
    let raw = hex::decode(encoded).map_err(|_| CellError::Key)?;
    Aes256Gcm::new_from_slice(&raw).map_err(|_| CellError::Key)
}

pub fn frame_blocks(key: &[u8; 16], frame: &[u8]) -> Vec<u8> {
    use ecb::cipher::KeyInit as _;
    ecb::Encryptor::<Aes128>::new(key.into()).encrypt_padded_vec_mut::<Pkcs7>(frame)
}

pub fn comb_digest(comb: &[u8]) -> String {
    let mut hasher = Sha1::new();
    hasher.update(comb);
    hex::encode(hasher.finalize())
}

pub fn comb_digest_wide(comb: &[u8]) -> String {
    hex::encode(Sha512::digest(comb))
}

pub fn keeper_password(password: &str) -> String {
    hex::encode(Sha512::digest(password.as_bytes()))
}

pub fn wrap(public: &RsaPublicKey, session: &[u8]) -> Result<Vec<u8>, CellError> {
    let padding = Oaep::new::<Sha256>();
    public.encrypt(&mut OsRng, padding, session).map_err(|_| CellError::Seal)
}

pub fn wrap_old(public: &RsaPublicKey, session: &[u8]) -> Result<Vec<u8>, CellError> {
    public.encrypt(&mut OsRng, Pkcs1v15Encrypt, session).map_err(|_| CellError::Seal)
}

pub fn keeper_key() -> Result<RsaPrivateKey, CellError> {
    RsaPrivateKey::new(&mut OsRng, KEY_BITS).map_err(|_| CellError::Key)
}

pub fn sensor_key() -> Result<RsaPrivateKey, CellError> {
    RsaPrivateKey::new(&mut OsRng, 1024).map_err(|_| CellError::Key)
}
