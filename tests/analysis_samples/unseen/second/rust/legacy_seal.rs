use des::cipher::{BlockEncrypt, KeyInit};
use des::TdesEde3;
use digest::Digest;
use md5::Md5;
use openssl::dh::Dh;
use openssl::ec::{EcGroup, EcKey};
use openssl::encrypt::Encrypter;
use openssl::error::ErrorStack;
use openssl::hash::{hash, MessageDigest};
use openssl::memcmp;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private, Public};
use openssl::rand::rand_bytes;
use openssl::rsa::{Padding, Rsa};
use openssl::sign::Signer;
use openssl::symm::{encrypt, encrypt_aead, Cipher};
use openssl::x509::X509Builder;
use rc4::{KeyInit as _, Rc4, StreamCipher};

const RECORD_AAD: &[u8] = b"mill/v3";
const NOTE: &str = "Records before 2009 used MD5 and DES; md5(x) is no longer written.";

pub struct Mill {
    key: [u8; 32],
}

impl Mill {
    pub fn seal(&self, record: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        let mut iv = [0u8; 12];
        rand_bytes(&mut iv)?;
        let mut tag = [0u8; 16];
        let body = encrypt_aead(Cipher::aes_256_gcm(), &self.key, Some(&iv), RECORD_AAD, record, &mut tag)?;
        Ok([iv.as_slice(), &tag, &body].concat())
    }

    pub fn seal_index(&self, record: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        let iv = [0x24u8; 12];
        let mut tag = [0u8; 16];
        let body = encrypt_aead(Cipher::aes_256_gcm(), &self.key, Some(&iv), RECORD_AAD, record, &mut tag)?;
        Ok([tag.as_slice(), &body].concat())
    }

    pub fn seal_stub(&self, record: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        encrypt(Cipher::aes_256_ecb(), &self.key, None, record)
    }

    pub fn seal_page(&self, record: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        let mut iv = [0u8; 16];
        rand_bytes(&mut iv)?;
        let body = encrypt(Cipher::aes_256_cbc(), &self.key, Some(&iv), record)?;
        Ok([iv.as_slice(), &body].concat())
    }

    pub fn seal_page_signed(&self, record: &[u8], mac: &PKey<Private>) -> Result<Vec<u8>, ErrorStack> {
        let mut iv = [0u8; 12];
        rand_bytes(&mut iv)?;
        let mut tag = [0u8; 16];
        let body = encrypt_aead(Cipher::chacha20_poly1305(), &self.key, Some(&iv), NOTE.as_bytes(), record, &mut tag)?;
        let mut signer = Signer::new(MessageDigest::sha256(), mac)?;
        signer.update(&body)?;
        Ok([iv.as_slice(), &tag, &body, &signer.sign_to_vec()?].concat())
    }

    pub fn genuine(&self, expected: &[u8], given: &[u8]) -> bool {
        expected.len() == given.len() && memcmp::eq(expected, given)
    }
}

pub fn wheel_block(key: &[u8; 24], block: &mut [u8; 8]) {
    let cipher = TdesEde3::new(key.into());
    cipher.encrypt_block(block.into());
}

pub fn relay_stream(key: &[u8; 16], mac: &PKey<Private>, frame: &mut [u8]) -> Result<Vec<u8>, ErrorStack> {
    let mut cipher = Rc4::new(key.into());
    cipher.apply_keystream(frame);
    let mut signer = Signer::new(MessageDigest::sha256(), mac)?;
    signer.update(frame)?;
    signer.sign_to_vec()
}

pub fn sack_digest(sack: &[u8]) -> String {
    hex::encode(Md5::digest(sack))
}

pub fn sack_digest_wide(sack: &[u8]) -> String {
    hex::encode(sha3::Sha3_256::digest(sack))
}

pub fn sack_checksum(sack: &[u8]) -> u32 {
    crc32fast::hash(sack)
}

pub fn flour_digest(sack: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    Ok(hash(MessageDigest::sha1(), sack)?.to_vec())
}

pub fn flour_digest_wide(sack: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    Ok(hash(MessageDigest::sha512(), sack)?.to_vec())
}

pub fn sign_delivery(key: &PKey<Private>, delivery: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let mut signer = Signer::new(MessageDigest::md5(), key)?;
    signer.update(delivery)?;
    signer.sign_to_vec()
}

pub fn certify(builder: &mut X509Builder, key: &PKey<Private>, interim: bool) -> Result<(), ErrorStack> {
    if interim {
        return builder.sign(key, MessageDigest::sha1());
    }
    builder.sign(key, MessageDigest::sha384())
}

pub fn wrap(public: &Rsa<Public>, session: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let mut out = vec![0; public.size() as usize];
    let used = public.public_encrypt(session, &mut out, Padding::PKCS1)?;
    out.truncate(used);
    Ok(out)
}

pub fn wrap_oaep(public: &PKey<Public>, session: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let mut encrypter = Encrypter::new(public)?;
    encrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
    encrypter.set_rsa_oaep_md(MessageDigest::sha256())?;
    let mut out = vec![0; encrypter.encrypt_len(session)?];
    let used = encrypter.encrypt(session, &mut out)?;
    out.truncate(used);
    Ok(out)
}

pub fn keys() -> Result<(Rsa<Private>, Rsa<Private>), ErrorStack> {
    Ok((
        Rsa::generate(1024)?,
        Rsa::generate(4096)?,
    ))
}

pub fn curves() -> Result<(EcKey<Private>, EcKey<Private>), ErrorStack> {
    let narrow = EcKey::generate(&*EcGroup::from_curve_name(Nid::X9_62_PRIME192V1)?)?;
    let wide = EcKey::generate(&*EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?)?;
    Ok((narrow, wide))
}

pub fn groups() -> Result<(Dh<openssl::pkey::Params>, Dh<openssl::pkey::Params>), ErrorStack> {
    let small = Dh::generate_params(1024, 2)?;
    let large = Dh::generate_params(3072, 2)?;
    Ok((small, large))
}
