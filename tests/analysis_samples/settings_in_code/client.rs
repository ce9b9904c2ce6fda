use md5::{Digest, Md5};
use openssl::symm::Cipher;
use rand::{rngs::StdRng, Rng, SeedableRng};
use reqwest::{tls, Client};
use rsa::RsaPrivateKey;
use sha2::Sha256;
use std::time::Duration;

pub fn loose() -> Client {
    Client::builder()
        .timeout(Duration::from_secs(10))
        .danger_accept_invalid_certs(true)
        .build()
        .unwrap()
}

pub fn nameless() -> Client {
    Client::builder()
        .timeout(Duration::from_secs(10))
        .danger_accept_invalid_hostnames(true)
        .build()
        .unwrap()
}

pub fn strict() -> Client {
    Client::builder()
        .timeout(Duration::from_secs(10))
        .min_tls_version(tls::Version::TLS_1_2)
        .build()
        .unwrap()
}

pub fn old() -> Client {
    Client::builder()
        .timeout(Duration::from_secs(10))
        .min_tls_version(tls::Version::TLS_1_0)
        .build()
        .unwrap()
}

pub fn digests(data: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut weak = Md5::new();
    weak.update(data);
    let mut good = Sha256::new();
    good.update(data);
    (weak.finalize().to_vec(), good.finalize().to_vec())
}

pub fn ciphers() -> (Cipher, Cipher, Cipher) {
    let ecb = Cipher::aes_256_ecb();
    let des = Cipher::des_ede3_cbc();
    (ecb, des, Cipher::aes_256_gcm())
}

pub fn session_token() -> u64 {
    let mut seeded = StdRng::seed_from_u64(42);
    let token: u64 = seeded.gen();
    token
}

pub fn small_key() -> RsaPrivateKey {
    let mut rng = rand::thread_rng();
    RsaPrivateKey::new(&mut rng, 1024).unwrap()
}

pub fn good_key() -> RsaPrivateKey {
    let mut rng = rand::thread_rng();
    RsaPrivateKey::new(&mut rng, 3072).unwrap()
}
