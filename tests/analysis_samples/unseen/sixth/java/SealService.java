package example.notary.seal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.interfaces.DecodedJWT;
import com.google.common.hash.Hashing;
import io.jsonwebtoken.Claims;
import io.jsonwebtoken.Jwts;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.lang3.RandomStringUtils;

public class SealService {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String GCM = "AES/GCM/NoPadding";
    private static final String CBC = "AES/" + "CBC" + "/PKCS5Padding";
    private static final byte[] NOTARY_IV = "notary-deed-iv-1".getBytes(StandardCharsets.US_ASCII);
    private static final String ISSUER = "https://notary.example";
    private static final int OLD_BITS = 1024;

    private final SecretKey key;
    private final SecretKey macKey;

    public SealService(SecretKey key, SecretKey macKey) {
        this.key = key;
        this.macKey = macKey;
    }

    byte[] seal(byte[] deed) throws GeneralSecurityException {
        byte[] iv = new byte[12];
        RANDOM.nextBytes(iv);
        Cipher cipher = Cipher.getInstance(GCM);
        cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, iv));
        byte[] body = cipher.doFinal(deed);
        return ByteBuffer.allocate(12 + body.length).put(iv).put(body).array();
    }

    byte[] sealCopy(byte[] deed) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(GCM);
        cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, NOTARY_IV));
        return cipher.doFinal(deed);
    }

    byte[] sealScan(byte[] scan) throws GeneralSecurityException {
        byte[] iv = new byte[16];
        RANDOM.nextBytes(iv);
        Cipher cipher = Cipher.getInstance(CBC);
        cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(iv));
        byte[] body = cipher.doFinal(scan);
        return ByteBuffer.allocate(16 + body.length).put(iv).put(body).array();
    }

    byte[] sealIndex(byte[] index) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/ECB/PKCS5Padding");
        cipher.init(Cipher.ENCRYPT_MODE, key);
        return tagged(cipher.doFinal(index));
    }

    byte[] sealFax(byte[] fax) throws GeneralSecurityException {
        byte[] iv = new byte[8];
        RANDOM.nextBytes(iv);
        Cipher cipher = Cipher.getInstance("DESede/CBC/PKCS5Padding");
        cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(iv));
        byte[] body = cipher.doFinal(fax);
        return tagged(ByteBuffer.allocate(8 + body.length).put(iv).put(body).array());
    }

    private byte[] tagged(byte[] body) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(macKey);
        byte[] tag = mac.doFinal(body);
        return ByteBuffer.allocate(body.length + tag.length).put(body).put(tag).array();
    }

    byte[] wrap(PublicKey to, byte[] dataKey, boolean old) throws GeneralSecurityException {
        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPWithSHA-256AndMGF1Padding");
        Cipher v15 = Cipher.getInstance("RSA/ECB/PKCS1Padding");
        Cipher chosen = old ? v15 : oaep;
        chosen.init(Cipher.ENCRYPT_MODE, to);
        return chosen.doFinal(dataKey);
    }

    KeyPair[] pairs() throws GeneralSecurityException {
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(OLD_BITS);
        KeyPairGenerator strong = KeyPairGenerator.getInstance("RSA");
        strong.initialize(OLD_BITS * 3);
        KeyPairGenerator curve = KeyPairGenerator.getInstance("EC");
        curve.initialize(new ECGenParameterSpec("secp160r1"));
        KeyPairGenerator modern = KeyPairGenerator.getInstance("EC");
        modern.initialize(new ECGenParameterSpec("secp256r1"));
        return new KeyPair[] {rsa.generateKeyPair(), strong.generateKeyPair(), curve.generateKeyPair(), modern.generateKeyPair()};
    }

    SecretKey[] keys() throws GeneralSecurityException {
        KeyGenerator stream = KeyGenerator.getInstance("ARCFOUR");
        KeyGenerator aes = KeyGenerator.getInstance("AES");
        aes.init(256);
        SecretKey demo = new SecretKeySpec("orchid-lamp-42-quartz-ferry-9876".getBytes(StandardCharsets.US_ASCII), "AES");
        return new SecretKey[] {stream.generateKey(), aes.generateKey(), demo};
    }

    byte[] sign(PrivateKey with, byte[] deed) throws GeneralSecurityException {
        Signature s = Signature.getInstance("SHA256withECDSA");
        s.initSign(with);
        s.update(deed);
        return s.sign();
    }

    byte[] signForCourt(PrivateKey with, byte[] deed) throws GeneralSecurityException {
        Signature s = Signature.getInstance("SHA1withRSA");
        s.initSign(with);
        s.update(deed);
        return s.sign();
    }

    String digest(byte[] deed, boolean legacy) throws GeneralSecurityException {
        if (legacy) {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(deed));
        }
        return Hashing.sha256().hashBytes(deed).toString();
    }

    String pageDigest(byte[] page) {
        return DigestUtils.sha1Hex(page) + ":" + DigestUtils.sha256Hex(page);
    }

    byte[] storePassword(char[] password) throws GeneralSecurityException {
        byte[] salt = new byte[16];
        RANDOM.nextBytes(salt);
        SecretKeyFactory f = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512");
        return f.generateSecret(new PBEKeySpec(password, salt, 230_000, 256)).getEncoded();
    }

    byte[] storeOldPassword(char[] password) throws GeneralSecurityException {
        byte[] salt = RANDOM.generateSeed(16);
        SecretKeyFactory f = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA1");
        return f.generateSecret(new PBEKeySpec(password, salt, 20_000, 160)).getEncoded();
    }

    boolean tagMatches(byte[] expected, byte[] given, boolean fast) {
        if (fast) {
            return Arrays.equals(expected, given);
        }
        return MessageDigest.isEqual(expected, given);
    }

    String deedToken() {
        byte[] raw = new byte[24];
        new Random().nextBytes(raw);
        return Base64.getUrlEncoder().encodeToString(raw);
    }

    String visitToken() {
        byte[] raw = new byte[24];
        RANDOM.nextBytes(raw);
        return Base64.getUrlEncoder().encodeToString(raw);
    }

    String resetPassword() {
        return RandomStringUtils.insecure().nextAlphanumeric(28);
    }

    String inviteToken() {
        return RandomStringUtils.secure().nextAlphanumeric(8);
    }

    long queueDelay() {
        return 50 + ThreadLocalRandom.current().nextLong(100);
    }

    String requestId() {
        return UUID.randomUUID().toString();
    }

    String token(String deed, Algorithm algorithm) {
        Date end = Date.from(Instant.now().plus(15, ChronoUnit.MINUTES));
        return JWT.create().withIssuer(ISSUER).withAudience("deeds").withSubject(deed).withExpiresAt(end).sign(algorithm);
    }

    String archiveToken(String deed, Algorithm algorithm) {
        return JWT.create().withIssuer(ISSUER).withAudience("deeds").withSubject(deed).sign(algorithm);
    }

    DecodedJWT read(String token, Algorithm algorithm) {
        return JWT.require(algorithm).withIssuer(ISSUER).withAudience("deeds").build().verify(token);
    }

    String deedOf(String token) {
        return JWT.decode(token).getSubject();
    }

    Claims readArchive(String token) {
        return (Claims) Jwts.parser().requireIssuer(ISSUER).requireAudience("deeds")
                .unsecured()
                .build().parse(token).getPayload();
    }

    Claims readCourt(String token, PublicKey court) {
        return Jwts.parser().verifyWith(court).requireIssuer(ISSUER).requireAudience("deeds").build().parseSignedClaims(token).getPayload();
    }
}
