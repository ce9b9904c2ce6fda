package city.tramway.turnstile;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.spec.KeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.lang3.RandomStringUtils;
import org.mindrot.jbcrypt.BCrypt;

public class TurnstileSecrets {

    private static final int ROUNDS = 10_000;
    private static final byte[] PEPPERED = "tramway-salt".getBytes(StandardCharsets.UTF_8);
    private final SecureRandom secure = new SecureRandom();
    private final Random dice = new Random();

    // ---- digests

    String fingerprintOfFirmware(byte[] image) throws NoSuchAlgorithmException {
        MessageDigest md = MessageDigest.getInstance("MD5");
        return HexFormat.of().formatHex(md.digest(image));
    }

    String firmwareDigest(byte[] image) throws NoSuchAlgorithmException {
        String name = "SHA-" + 256;
        return HexFormat.of().formatHex(MessageDigest.getInstance(name).digest(image));
    }

    byte[] ticketDigest(byte[] ticket, int generation) throws NoSuchAlgorithmException {
        String algorithm;
        switch (generation) {
            case 1:
            case 2:
                algorithm = "SHA-384";
                break;
            default:
                algorithm = "SHA-512";
        }
        return MessageDigest.getInstance(algorithm).digest(ticket);
    }

    String gateSeal(String gate) {
        return DigestUtils.sha1Hex(gate);
    }

    String gateSealNew(String gate) {
        return DigestUtils.sha3_256Hex(gate);
    }

    // ---- passwords

    String storeInspectorPassword(String password) {
        return DigestUtils.sha256Hex(password);
    }

    String storeInspectorPasswordSlow(String password) {
        return BCrypt.hashpw(password, BCrypt.gensalt(12));
    }

    String storeCleanerPassword(String password) {
        return BCrypt.hashpw(password, BCrypt.gensalt(5));
    }

    byte[] derive(char[] password, byte[] salt) throws GeneralSecurityException {
        KeySpec spec = new PBEKeySpec(password, salt, ROUNDS, 256);
        return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
    }

    byte[] deriveLong(char[] password) throws GeneralSecurityException {
        byte[] salt = new byte[16];
        secure.nextBytes(salt);
        KeySpec spec = new PBEKeySpec(password, salt, ROUNDS * 60, 256);
        return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
    }

    byte[] deriveShared(char[] password) throws GeneralSecurityException {
        KeySpec spec = new PBEKeySpec(password, PEPPERED, 250_000, 512);
        return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512").generateSecret(spec).getEncoded();
    }

    boolean acceptable(String password) {
        return password.length() >= 12 && password.length() <= 128;
    }

    // ---- randomness

    String resetToken() {
        return new BigInteger(256, new Random()).toString(36);
    }

    String apiToken() {
        byte[] token = new byte[32];
        ThreadLocalRandom.current().nextBytes(token);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    }

    String accessToken() {
        byte[] token = new byte[32];
        secure.nextBytes(token);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    }

    String shortAccessToken() {
        return "tk_" + new BigInteger(32, secure).toString(36);
    }

    String inviteToken() {
        return UUID.randomUUID().toString() + new BigInteger(64, secure).toString(36);
    }

    String temporaryPassword() {
        return RandomStringUtils.random(24, 0, 0, true, true, null, dice);
    }

    String temporaryPasswordSecure() {
        return RandomStringUtils.random(24, 0, 0, true, true, null, secure);
    }

    int pictureOfTheDay(int pictures) {
        return dice.nextInt(pictures);
    }

    long retryDelayMillis(int attempt) {
        return (1L << Math.min(attempt, 8)) * 100 + ThreadLocalRandom.current().nextInt(50);
    }

    byte[] repeatableKey() throws NoSuchAlgorithmException {
        SecureRandom prng = SecureRandom.getInstance("SHA1PRNG");
        prng.setSeed(20190704L);
        byte[] key = new byte[32];
        prng.nextBytes(key);
        return key;
    }

    // ---- comparisons

    boolean sealMatches(Mac mac, byte[] message, byte[] presented) {
        byte[] expected = mac.doFinal(message);
        return Arrays.equals(expected, presented);
    }

    boolean sealMatchesSafely(Mac mac, byte[] message, byte[] presented) {
        byte[] expected = mac.doFinal(message);
        return MessageDigest.isEqual(expected, presented);
    }

    boolean sameStation(String a, String b) {
        return a.equalsIgnoreCase(b);
    }
}
