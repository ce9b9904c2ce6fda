package com.fennelcourier.trust;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.CRC32;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;

public class CourierKeyMaterial {

    private static final int LEGACY_BITS = 1024;
    private static final int CURRENT_BITS = 3072;
    private static final String RECEIPT_DIGEST = "SHA-256";

    /** Signing identities of the depots. */
    public KeyPair depotIdentity() throws NoSuchAlgorithmException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(CURRENT_BITS);
        return generator.generateKeyPair();
    }

    public KeyPair handheldIdentity() throws NoSuchAlgorithmException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(LEGACY_BITS);
        return generator.generateKeyPair();
    }

    public KeyPair lockerIdentity() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    public KeyPair tagIdentity() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp192r1"));
        return generator.generateKeyPair();
    }

    public KeyPair agreement(boolean compact) throws GeneralSecurityException {
        if (compact) {
            return KeyPairGenerator.getInstance("X25519").generateKeyPair();
        }
        KeyPairGenerator generator = KeyPairGenerator.getInstance("DiffieHellman");
        generator.initialize(1024);
        return generator.generateKeyPair();
    }

    public SecretKey vaultKey() throws NoSuchAlgorithmException {
        KeyGenerator generator = KeyGenerator.getInstance("AES");
        generator.init(256);
        return generator.generateKey();
    }

    public SecretKey scannerKey() throws NoSuchAlgorithmException {
        KeyGenerator generator = KeyGenerator.getInstance("Blowfish");
        generator.init(128);
        return generator.generateKey();
    }

    public byte[] sign(PrivateKey key, byte[] waybill) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("SHA1withRSA");
        signature.initSign(key);
        signature.update(waybill);
        return signature.sign();
    }

    public boolean verify(PublicKey key, byte[] waybill, byte[] proof) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
        signature.initVerify(key);
        signature.update(waybill);
        return signature.verify(proof);
    }

    public String receiptDigest(String receipt) throws NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance(RECEIPT_DIGEST);
        return HexFormat.of().formatHex(digest.digest(receipt.getBytes(StandardCharsets.UTF_8)));
    }

    public String contractDigest(byte[] contract) throws NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("MD5");
        digest.update(contract);
        return HexFormat.of().formatHex(digest.digest());
    }

    public String proofOfDeliveryDigest(InputStream photo) throws IOException, NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance(pickDigest("pod"));
        try (DigestInputStream in = new DigestInputStream(photo, digest)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String pickDigest(String purpose) {
        if (purpose.equals("pod")) {
            return "SHA-1";
        }
        return "SHA-512";
    }

    public long routeChecksum(byte[] route) {
        CRC32 crc = new CRC32();
        crc.update(route);
        return crc.getValue();
    }

    /** Rows of the help page. */
    public Map<String, String> retiredAlgorithms() {
        return Map.of("MD5", "retired 2014", "SHA-1", "retired 2018", "DES", "never allowed", "RSA-1024", "retired 2016");
    }

    static final class Label {
        private final String text;

        private Label(String text) {
            this.text = text;
        }

        static Label getInstance(String text) {
            return new Label(text);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    public String printedNotice() {
        return Label.getInstance("MD5") + " / " + Label.getInstance("RC4");
    }
}
