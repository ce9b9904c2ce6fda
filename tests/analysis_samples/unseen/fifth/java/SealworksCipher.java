package ch.uhrwerk.sealworks;

import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Properties;

import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.CipherInputStream;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.DESKeySpec;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;

import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.aead.AeadKeyTemplates;
import org.bouncycastle.crypto.digests.MD5Digest;
import org.bouncycastle.crypto.digests.SHA3Digest;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.engines.BlowfishEngine;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

class SealworksCipher {

    private enum Strength {
        EVERYDAY("AES/GCM/NoPadding"), PENDULUM("ChaCha20-Poly1305");

        final String transformation;

        Strength(String transformation) {
            this.transformation = transformation;
        }
    }

    private static final Provider BC = new BouncyCastleProvider();
    private static final int PRIME_BITS = 512;
    private final SecureRandom random = new SecureRandom();

    static {
        Security.addProvider(BC);
    }

    Cipher engraving(SecretKey key, IvParameterSpec iv) throws GeneralSecurityException {
        Cipher c = Cipher.getInstance("aes/cbc/pkcs7padding", BC);
        c.init(Cipher.ENCRYPT_MODE, key, iv);
        return c;
    }

    byte[] dial(SecretKey key, byte[] plain) throws GeneralSecurityException {
        byte[] iv = random.generateSeed(12);
        Cipher c = Cipher.getInstance(Strength.EVERYDAY.transformation, "BC");
        c.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(16 * 8, iv));
        c.updateAAD("dial".getBytes(StandardCharsets.UTF_8));
        return concat(iv, c.doFinal(plain));
    }

    byte[] relic(SecretKey key, byte[] iv, byte[] plain) throws GeneralSecurityException {
        Cipher c = Cipher.getInstance("Blowfish/CBC/PKCS5Padding");
        c.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(iv));
        return c.doFinal(plain);
    }

    CipherInputStream plainBlocks(InputStream in, SecretKey key) throws GeneralSecurityException {
        String transformation = String.join("/", "AES", "ECB", "NoPadding");
        Cipher c = Cipher.getInstance(transformation);
        c.init(Cipher.ENCRYPT_MODE, key);
        return new CipherInputStream(in, c);
    }

    byte[] counterThenMac(SecretKey enc, SecretKey auth, byte[] plain) throws GeneralSecurityException {
        byte[] iv = new byte[16];
        random.nextBytes(iv);
        Cipher c = Cipher.getInstance("AES/CTR/NoPadding");
        c.init(Cipher.ENCRYPT_MODE, enc, new IvParameterSpec(iv));
        byte[] body = concat(iv, c.doFinal(plain));
        Mac mac = Mac.getInstance("HmacSHA512/256");
        mac.init(auth);
        return concat(body, mac.doFinal(body));
    }

    byte[] sameNonce(SecretKey key, byte[] plain) throws GeneralSecurityException {
        Cipher c = Cipher.getInstance("AES_256/GCM/NoPadding");
        c.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, HexFormat.of().parseHex("a0b1c2d3e4f5061728394a5b")));
        return c.doFinal(plain);
    }

    byte[] openWith(SecretKey key, byte[] iv, byte[] sealed) throws GeneralSecurityException {
        Cipher c = Cipher.getInstance("AES/GCM/NoPadding");
        c.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(128, iv));
        try {
            return c.doFinal(sealed);
        } catch (AEADBadTagException e) {
            return new byte[0];
        }
    }

    SecretKey desKey(byte[] material) throws GeneralSecurityException {
        return SecretKeyFactory.getInstance("DES").generateSecret(new DESKeySpec(material));
    }

    SecretKey fixedKey() {
        return new SecretKeySpec(HexFormat.of().parseHex("00112233445566778899aabbccddeeff"), "AES");
    }

    SecretKey propertyKey(Properties settings) {
        return new SecretKeySpec(HexFormat.of().parseHex(settings.getProperty("seal.key")), "AES");
    }

    SecretKey storedKey(KeyStore store, char[] pin) throws GeneralSecurityException {
        return (SecretKey) store.getKey("seal", pin);
    }

    Mac fixedMac() throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec("balance-spring-hairline-regulator".getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return mac;
    }

    byte[] lightweight(byte[] key, byte[] plain) throws Exception {
        byte[] nonce = new byte[12];
        random.nextBytes(nonce);
        GCMBlockCipher gcm = new GCMBlockCipher(new AESEngine());
        gcm.init(true, new AEADParameters(new KeyParameter(key), 128, nonce));
        byte[] out = new byte[gcm.getOutputSize(plain.length)];
        gcm.doFinal(out, gcm.processBytes(plain, 0, plain.length, out, 0));
        return concat(nonce, out);
    }

    BlowfishEngine relicEngine() {
        return new BlowfishEngine();
    }

    Aead tink() throws GeneralSecurityException {
        return KeysetHandle.generateNew(AeadKeyTemplates.AES256_GCM).getPrimitive(Aead.class);
    }

    // ---- digests

    byte[] plate(byte[] data) {
        MD5Digest d = new MD5Digest();
        d.update(data, 0, data.length);
        byte[] out = new byte[d.getDigestSize()];
        d.doFinal(out, 0);
        return out;
    }

    byte[] plateNew(byte[] data) {
        SHA3Digest d = new SHA3Digest(256);
        d.update(data, 0, data.length);
        byte[] out = new byte[32];
        d.doFinal(out, 0);
        return out;
    }

    HashFunction guava(boolean old) {
        if (old) {
            return Hashing.sha1();
        }
        return Hashing.sha256();
    }

    // ---- pairs of keys

    KeyPair watchmaker() throws GeneralSecurityException {
        KeyPairGenerator g = KeyPairGenerator.getInstance("RSA", BC);
        g.initialize(new RSAKeyGenParameterSpec(4096, RSAKeyGenParameterSpec.F4), random);
        return g.generateKeyPair();
    }

    KeyPair apprentice() throws GeneralSecurityException {
        KeyPairGenerator g = KeyPairGenerator.getInstance("DSA");
        g.initialize(PRIME_BITS * 2, random);
        return g.generateKeyPair();
    }

    KeyPair agreement() throws GeneralSecurityException {
        KeyPairGenerator g = KeyPairGenerator.getInstance("DH");
        g.initialize(1024);
        return g.generateKeyPair();
    }

    KeyPair agreementNew() throws GeneralSecurityException {
        return KeyPairGenerator.getInstance("X25519").generateKeyPair();
    }

    byte[] forCourier(PublicKey courier, byte[] secret) throws GeneralSecurityException {
        Cipher rsa = Cipher.getInstance("RSA/NONE/NoPadding", "BC");
        rsa.init(Cipher.ENCRYPT_MODE, courier);
        return rsa.doFinal(secret);
    }

    byte[] forCourierSafely(PublicKey courier, byte[] secret) throws GeneralSecurityException {
        Cipher rsa = Cipher.getInstance("RSA/ECB/OAEPPadding");
        rsa.init(Cipher.ENCRYPT_MODE, courier,
                new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT));
        return rsa.doFinal(secret);
    }

    Signature hallmark(PrivateKey key, String family) throws GeneralSecurityException {
        String name;
        switch (family.toLowerCase(Locale.ROOT)) {
            case "ec":
                name = "SHA384withECDSA";
                break;
            case "ed":
                name = "Ed25519";
                break;
            default:
                name = "RSASSA-PSS";
        }
        Signature s = Signature.getInstance(name);
        s.initSign(key);
        return s;
    }

    Signature oldHallmark(PrivateKey key) throws GeneralSecurityException {
        Signature s = Signature.getInstance("MD5withRSA");
        s.initSign(key);
        return s;
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] out = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, out, a.length, b.length);
        return out;
    }

    static BigInteger serial(SecureRandom r) {
        return new BigInteger(159, r);
    }
}
