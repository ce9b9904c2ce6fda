use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::dh::Dh;
use openssl::dsa::Dsa;
use openssl::ec::{EcGroup, EcKey};
use openssl::encrypt::Encrypter;
use openssl::error::ErrorStack;
use openssl::hash::{hash, Hasher, MessageDigest};
use openssl::memcmp;
use openssl::nid::Nid;
use openssl::pkcs5::{pbkdf2_hmac, scrypt};
use openssl::pkey::{PKey, Private, Public};
use openssl::rand::rand_bytes;
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{Signer, Verifier};
use openssl::ssl::{SslAcceptor, SslFiletype, SslMethod, SslOptions, SslVerifyMode, SslVersion};
use openssl::symm::{decrypt_aead, encrypt, encrypt_aead, Cipher, Crypter, Mode};
use openssl::x509::{X509Builder, X509};

const AAD: &[u8] = b"glassworks";
const ROUNDS: usize = 700_000;
const FURNACE_IV: &[u8; 12] = b"furnace-iv-7";

type Out<T = Vec<u8>> = Result<T, ErrorStack>;

pub fn seal(key: &[u8], plain: &[u8]) -> Out<(Vec<u8>, Vec<u8>, [u8; 16])> {
    let mut iv = vec![0; 12];
    rand_bytes(&mut iv)?;
    let mut tag = [0u8; 16];
    let body = encrypt_aead(Cipher::aes_256_gcm(), key, Some(&iv), AAD, plain, &mut tag)?;
    Ok((iv, body, tag))
}

pub fn open(key: &[u8], iv: &[u8], body: &[u8], tag: &[u8]) -> Out {
    decrypt_aead(Cipher::aes_256_gcm(), key, Some(iv), AAD, body, tag)
}

pub fn seal_furnace(key: &[u8], plain: &[u8], tag: &mut [u8; 16]) -> Out {
    encrypt_aead(Cipher::chacha20_poly1305(), key, Some(FURNACE_IV), AAD, plain, tag)
}

pub fn seal_colour(plain: &[u8], tag: &mut [u8; 16]) -> Out {
    let mut iv = [0; 12];
    rand_bytes(&mut iv)?;
    encrypt_aead(Cipher::aes_128_gcm(), b"cobalt-and-soda!", Some(&iv), &[], plain, tag)
}

pub fn blocks(key: &[u8], plain: &[u8]) -> Out {
    encrypt(Cipher::aes_128_ecb(), key, None, plain)
}

pub fn chained(key: &[u8], plain: &[u8]) -> Out {
    let mut out = vec![0; 16];
    rand_bytes(&mut out)?;
    let body = encrypt(Cipher::aes_256_cbc(), key, Some(&out), plain)?;
    out.extend(body);
    Ok(out)
}

pub fn ancient(key: &[u8], iv: &[u8]) -> Out<Crypter> {
    Crypter::new(Cipher::des_ede3_cbc(), Mode::Encrypt, key, Some(iv))
}

pub fn counter_then_mac(key: &[u8], mac: &[u8], plain: &[u8]) -> Out {
    let mut iv = [0u8; 16];
    rand_bytes(&mut iv)?;
    let mut out = iv.to_vec();
    out.extend(encrypt(Cipher::aes_256_ctr(), key, Some(&iv), plain)?);
    let mac_key = PKey::hmac(mac)?;
    let mut signer = Signer::new(MessageDigest::sha256(), &mac_key)?;
    signer.update(&out)?;
    out.extend(signer.sign_to_vec()?);
    Ok(out)
}

// ---- digests

pub fn mark(data: &[u8]) -> Out {
    Ok(hash(MessageDigest::md5(), data)?.to_vec())
}

pub fn mark_new(data: &[u8], long: bool) -> Out {
    let kind = if long { MessageDigest::sha3_512() } else { MessageDigest::sha256() };
    let mut h = Hasher::new(kind)?;
    h.update(data)?;
    Ok(h.finish()?.to_vec())
}

pub fn mark_short(data: &[u8]) -> [u8; 20] {
    openssl::sha::sha1(data)
}

// ---- pairs of keys

pub fn master() -> Out<Rsa<Private>> {
    Rsa::generate(3072)
}

pub fn visitor() -> Out<Rsa<Private>> {
    let bits = 1 << 10;
    Rsa::generate(bits)
}

pub fn guild() -> Out<Dsa<Private>> {
    Dsa::generate(1024)
}

pub fn agreement() -> Out<Dh<openssl::pkey::Params>> {
    Dh::generate_params(512, 2)
}

pub fn agreement_new() -> Out<PKey<Private>> {
    PKey::generate_x25519()
}

pub fn small_curve() -> Out<EcKey<Private>> {
    let group = EcGroup::from_curve_name(Nid::SECP160R1)?;
    EcKey::generate(&group)
}

pub fn usual_curve() -> Out<EcKey<Private>> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    EcKey::generate(&group)
}

pub fn wrap(to: &Rsa<Public>, key: &[u8]) -> Out {
    let mut out = vec![0; to.size() as usize];
    let n = to.public_encrypt(key, &mut out, Padding::PKCS1)?;
    out.truncate(n);
    Ok(out)
}

pub fn wrap_oaep(to: &PKey<Public>, key: &[u8]) -> Out {
    let mut e = Encrypter::new(to)?;
    e.set_rsa_padding(Padding::PKCS1_OAEP)?;
    e.set_rsa_oaep_md(MessageDigest::sha256())?;
    let mut out = vec![0; e.encrypt_len(key)?];
    let n = e.encrypt(key, &mut out)?;
    out.truncate(n);
    Ok(out)
}

pub fn sign(key: &PKey<Private>, data: &[u8]) -> Out {
    let mut s = Signer::new(MessageDigest::sha384(), key)?;
    s.set_rsa_padding(Padding::PKCS1_PSS)?;
    s.sign_oneshot_to_vec(data)
}

pub fn sign_old(key: &PKey<Private>, data: &[u8]) -> Out {
    Signer::new(MessageDigest::sha1(), key)?.sign_oneshot_to_vec(data)
}

pub fn verify(key: &PKey<Public>, data: &[u8], sig: &[u8]) -> Out<bool> {
    Verifier::new(MessageDigest::sha256(), key)?.verify_oneshot(sig, data)
}

pub fn certify(mut b: X509Builder, key: &PKey<Private>, old: bool) -> Out<X509> {
    let mut serial = BigNum::new()?;
    serial.rand(159, openssl::bn::MsbOption::MAYBE_ZERO, false)?;
    let not_after = Asn1Time::days_from_now(90)?;
    b.set_not_after(&not_after)?;
    if old {
        b.sign(key, MessageDigest::md5())?;
    } else {
        b.sign(key, MessageDigest::sha256())?;
    }
    Ok(b.build())
}

// ---- passwords and comparisons

pub fn stretch(password: &[u8], salt: &[u8], out: &mut [u8; 32]) -> Out<()> {
    pbkdf2_hmac(password, salt, ROUNDS, MessageDigest::sha256(), out)
}

pub fn stretch_little(password: &[u8], salt: &[u8], out: &mut [u8; 32]) -> Out<()> {
    pbkdf2_hmac(password, salt, ROUNDS / 100, MessageDigest::sha256(), out)
}

pub fn stretch_shared(password: &[u8], out: &mut [u8; 32]) -> Out<()> {
    pbkdf2_hmac(password, b"murano-1291-salt", 260_000, MessageDigest::sha512(), out)
}

pub fn stretch_scrypt(password: &[u8], salt: &[u8], out: &mut [u8]) -> Out<()> {
    scrypt(password, salt, 1 << 17, 8, 1, 1 << 28, out)
}

pub fn same_tag(computed_tag: &[u8; 32], tag: &[u8; 32]) -> bool {
    memcmp::eq(computed_tag, tag)
}

// ---- servers

pub fn acceptor(modern: bool) -> Out<SslAcceptor> {
    let mut b = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    b.set_private_key_file("/run/secrets/glass.key", SslFiletype::PEM)?;
    b.set_certificate_chain_file("/etc/glass/chain.pem")?;
    b.set_options(SslOptions::NO_COMPRESSION | SslOptions::NO_RENEGOTIATION);
    if modern {
        b.set_min_proto_version(Some(SslVersion::TLS1_3))?;
        b.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    } else {
        b.set_min_proto_version(Some(SslVersion::TLS1_1))?;
    }
    Ok(b.build())
}
