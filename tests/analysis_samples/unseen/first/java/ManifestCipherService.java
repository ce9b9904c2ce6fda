package net.rhenusfreight.manifest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.MGF1ParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;

/** Seals consignment manifests for the carriers. DES and RC4 partners were migrated in 2019. */
public final class ManifestCipherService {

    private static final String MODERN = "AES/GCM/NoPadding";
    private static final String CUSTOMS = "AES/CBC/PKCS5Padding";
    private static final String RAW = "AES";
    private static final byte[] DEPOT_IV = {7, 1, 22, 9, 14, 3, 88, 61, 5, 99, 21, 4, 17, 30, 2, 6};
    private static final byte[] FALLBACK_KEY = {21, 8, -4, 77, 31, 6, 120, -90, 5, 44, 13, 2, 9, 101, -33, 71};
    private static final int TAG_BITS = 128;

    private final SecretKey key;
    private final SecretKey macKey;
    private final SecureRandom random = new SecureRandom();

    public ManifestCipherService(SecretKey key, SecretKey macKey) {
        this.key = key;
        this.macKey = macKey;
    }

    public byte[] seal(String manifest) throws GeneralSecurityException {
        byte[] nonce = new byte[12];
        random.nextBytes(nonce);
        Cipher cipher = Cipher.getInstance(MODERN);
        cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce));
        byte[] body = cipher.doFinal(manifest.getBytes(StandardCharsets.UTF_8));
        return ByteBuffer.allocate(12 + body.length).put(nonce).put(body).array();
    }

    public byte[] open(byte[] sealed) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(MODERN);
        cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, sealed, 0, 12));
        return cipher.doFinal(sealed, 12, sealed.length - 12);
    }

    public byte[] sealForCustoms(byte[] body) throws GeneralSecurityException {
        byte[] iv = new byte[16];
        random.nextBytes(iv);
        Cipher cipher = Cipher.getInstance(CUSTOMS);
        cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(iv));
        return concat(iv, cipher.doFinal(body));
    }

    public byte[] sealForDepot(byte[] body) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, Arrays.copyOf(DEPOT_IV, 12)));
        return cipher.doFinal(body);
    }

    public String labelFor(String consignment) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(RAW);
        cipher.init(Cipher.ENCRYPT_MODE, key);
        return Base64.getEncoder().encodeToString(cipher.doFinal(consignment.getBytes(StandardCharsets.UTF_8)));
    }

    public byte[] columnValue(byte[] value) throws GeneralSecurityException {
        String transformation = "AES/" + "ECB" + "/PKCS5Padding";
        Cipher cipher = Cipher.getInstance(transformation);
        cipher.init(Cipher.ENCRYPT_MODE, key);
        return cipher.doFinal(value);
    }

    public byte[] forOldTerminal(byte[] body, byte[] terminalKey) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("RC4");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(terminalKey, "RC4"));
        return cipher.doFinal(body);
    }

    public byte[] forTachograph(byte[] body, SecretKey tripleKey, byte[] iv) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("DESede/CBC/PKCS5Padding");
        cipher.init(Cipher.ENCRYPT_MODE, tripleKey, new IvParameterSpec(iv));
        return cipher.doFinal(body);
    }

    public byte[] offline(byte[] body) throws GeneralSecurityException {
        SecretKeySpec spare = new SecretKeySpec(FALLBACK_KEY, "AES");
        byte[] nonce = random.generateSeed(12);
        Cipher cipher = Cipher.getInstance(MODERN);
        cipher.init(Cipher.ENCRYPT_MODE, spare, new GCMParameterSpec(TAG_BITS, nonce));
        return concat(nonce, cipher.doFinal(body));
    }

    public byte[] wrapForCarrier(PublicKey carrier, SecretKey sessionKey) throws GeneralSecurityException {
        Cipher rsa = Cipher.getInstance("RSA/ECB/PKCS1Padding");
        rsa.init(Cipher.WRAP_MODE, carrier);
        return rsa.wrap(sessionKey);
    }

    public byte[] wrapForBroker(PublicKey broker, SecretKey sessionKey) throws GeneralSecurityException {
        Cipher rsa = Cipher.getInstance("RSA/ECB/OAEPWithSHA-256AndMGF1Padding");
        rsa.init(Cipher.WRAP_MODE, broker,
                new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT));
        return rsa.wrap(sessionKey);
    }

    public boolean stampMatches(byte[] manifest, byte[] stamp) throws GeneralSecurityException {
        return Arrays.equals(stamp(manifest), stamp);
    }

    public boolean sealMatches(byte[] manifest, byte[] stamp) throws GeneralSecurityException {
        return java.security.MessageDigest.isEqual(stamp(manifest), stamp);
    }

    private byte[] stamp(byte[] manifest) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(macKey);
        return mac.doFinal(manifest);
    }

    private static byte[] concat(byte[] head, byte[] tail) {
        return ByteBuffer.allocate(head.length + tail.length).put(head).put(tail).array();
    }
}
