package io.quayside.manifest.crypto;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Map;

import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** How manifests, seals and waybills are enciphered. */
final class CargoCipherShelf {

    private static final String FAMILY = "AES";
    private static final String SEALED = FAMILY + "/GCM/NoPadding";
    private static final String LEGACY = "DESede/CBC/PKCS5Padding";
    private static final Map<String, String> BY_NAME = Map.of("sealed", SEALED, "gcm", "AES/GCM/NoPadding");
    private static final SecureRandom RANDOM = new SecureRandom();

    private String transformation = "AES/ECB/PKCS5Padding";

    byte[] blockwise(SecretKey key, byte[] data) throws GeneralSecurityException {
        Cipher c = Cipher.getInstance("AES/ECB/PKCS5Padding");
        c.init(Cipher.ENCRYPT_MODE, key);
        return c.doFinal(data);
    }

    byte[] shortName(SecretKey key, byte[] data) throws GeneralSecurityException {
        Cipher c = Cipher.getInstance(FAMILY);
        c.init(Cipher.ENCRYPT_MODE, key);
        return c.doFinal(data);
    }

    byte[] oldWaybill(SecretKey key, byte[] iv, byte[] data) throws GeneralSecurityException {
        Cipher c = Cipher.getInstance(LEGACY);
        c.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(iv));
        return c.doFinal(data);
    }

    byte[] streamed(SecretKey key, byte[] data) throws GeneralSecurityException {
        Cipher c = Cipher.getInstance("ARCFOUR");
        c.init(Cipher.ENCRYPT_MODE, key);
        return c.doFinal(data);
    }

    byte[] sealed(SecretKey key, byte[] data) throws GeneralSecurityException, IOException {
        byte[] iv = new byte[12];
        RANDOM.nextBytes(iv);
        Cipher c = Cipher.getInstance(SEALED);
        c.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, iv));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(iv);
        out.write(c.doFinal(data));
        return out.toByteArray();
    }

    byte[] open(SecretKey key, byte[] box) throws GeneralSecurityException {
        ByteBuffer buf = ByteBuffer.wrap(box);
        byte[] iv = new byte[12];
        buf.get(iv);
        byte[] rest = new byte[buf.remaining()];
        buf.get(rest);
        Cipher c = Cipher.getInstance(BY_NAME.get("gcm"));
        c.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(128, iv));
        return c.doFinal(rest);
    }

    byte[] constantNonce(SecretKey key, byte[] data) throws GeneralSecurityException {
        Cipher c = Cipher.getInstance("AES/GCM/NoPadding");
        byte[] nonce = "manifest-042".getBytes(StandardCharsets.US_ASCII);
        c.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, nonce));
        return c.doFinal(data);
    }

    byte[] zeroNonce(SecretKey key, byte[] data) throws GeneralSecurityException {
        Cipher c = Cipher.getInstance("ChaCha20-Poly1305");
        c.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(new byte[12]));
        return c.doFinal(data);
    }

    byte[] freshNonce(SecretKey key, byte[] data) throws GeneralSecurityException {
        Cipher c = Cipher.getInstance("ChaCha20-Poly1305");
        byte[] nonce = new byte[12];
        RANDOM.nextBytes(nonce);
        c.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(nonce));
        byte[] body = c.doFinal(data);
        return ByteBuffer.allocate(12 + body.length).put(nonce).put(body).array();
    }

    SecretKey builtIn() {
        return new SecretKeySpec("q7RtX0pLm2Vw9ZcB".getBytes(StandardCharsets.UTF_8), "AES");
    }

    SecretKey builtInBytes() {
        byte[] raw = {0x11, 0x5a, 0x7f, 0x02, 0x33, 0x18, 0x64, 0x29, 0x4c, 0x0e, 0x71, 0x3d, 0x55, 0x08, 0x2a, 0x6b};
        return new SecretKeySpec(raw, FAMILY);
    }

    SecretKey fromVault(byte[] wrapped) {
        return new SecretKeySpec(wrapped, FAMILY);
    }

    SecretKey fresh(boolean large) throws GeneralSecurityException {
        KeyGenerator g = KeyGenerator.getInstance("AES");
        g.init(large ? 256 : 128, RANDOM);
        return g.generateKey();
    }

    SecretKey containerSealKey() throws GeneralSecurityException {
        return KeyGenerator.getInstance("DES").generateKey();
    }

    KeyPair shortRsa() throws GeneralSecurityException {
        KeyPairGenerator g = KeyPairGenerator.getInstance("RSA");
        g.initialize(1024);
        return g.generateKeyPair();
    }

    KeyPair properRsa() throws GeneralSecurityException {
        int bits = 1024 * 3;
        KeyPairGenerator g = KeyPairGenerator.getInstance("RSA");
        g.initialize(bits);
        return g.generateKeyPair();
    }

    KeyPair smallCurve() throws GeneralSecurityException {
        KeyPairGenerator g = KeyPairGenerator.getInstance("EC");
        g.initialize(new ECGenParameterSpec("secp160r1"));
        return g.generateKeyPair();
    }

    KeyPair usualCurve() throws GeneralSecurityException {
        KeyPairGenerator g = KeyPairGenerator.getInstance("EC");
        g.initialize(new ECGenParameterSpec("secp256r1"));
        return g.generateKeyPair();
    }

    byte[] wrapFor(PublicKey port, Key session) throws GeneralSecurityException {
        Cipher c = Cipher.getInstance("RSA/ECB/PKCS1Padding");
        c.init(Cipher.WRAP_MODE, port);
        return c.wrap(session);
    }

    byte[] wrapWithOaep(PublicKey port, Key session) throws GeneralSecurityException {
        Cipher c = Cipher.getInstance("RSA/ECB/OAEPWithSHA-256AndMGF1Padding");
        c.init(Cipher.WRAP_MODE, port);
        return c.wrap(session);
    }

    byte[] sign(PrivateKey key, byte[] data, boolean forArchive) throws GeneralSecurityException {
        Signature s = forArchive ? Signature.getInstance("SHA512withRSA") : Signature.getInstance("SHA256withECDSA");
        s.initSign(key);
        s.update(data);
        return s.sign();
    }

    byte[] signLikeCustoms(PrivateKey key, byte[] data) throws GeneralSecurityException {
        Signature s = Signature.getInstance("SHA1withRSA");
        s.initSign(key);
        s.update(data);
        return s.sign();
    }

    byte[] configurable(SecretKey key, byte[] data) throws GeneralSecurityException {
        Cipher c = Cipher.getInstance(this.transformation);
        c.init(Cipher.ENCRYPT_MODE, key);
        return c.doFinal(data);
    }
}
