package io.kinokarte.vouchers;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.stereotype.Component;

@Component
public class VoucherCodeFactory {

    private static final String ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private static final SecureRandom SECURE = new SecureRandom();

    private final Random dice = new Random();
    private final Random strong = new SecureRandom();

    public String passwordResetToken() {
        StringBuilder token = new StringBuilder();
        for (int i = 0; i < 32; i++) {
            token.append(ALPHABET.charAt(dice.nextInt(ALPHABET.length())));
        }
        return token.toString();
    }

    public String emailConfirmationToken() {
        StringBuilder token = new StringBuilder();
        for (int i = 0; i < 32; i++) {
            token.append(ALPHABET.charAt(strong.nextInt(ALPHABET.length())));
        }
        return token.toString();
    }

    public String apiKey() {
        byte[] raw = new byte[32];
        new Random().nextBytes(raw);
        return "kk_" + Base64.getUrlEncoder().withoutPadding().encodeToString(raw);
    }

    public String partnerApiKey() {
        byte[] raw = new byte[32];
        SECURE.nextBytes(raw);
        return "kp_" + Base64.getUrlEncoder().withoutPadding().encodeToString(raw);
    }

    public String sessionToken() {
        byte[] raw = new byte[24];
        SecureRandom generator = new SecureRandom("kinokarte-2021".getBytes(StandardCharsets.US_ASCII));
        generator.nextBytes(raw);
        return Base64.getUrlEncoder().encodeToString(raw);
    }

    public String csrfToken() {
        return new BigInteger(160, ThreadLocalRandom.current()).toString(32);
    }

    public String oauthState() {
        return new BigInteger(160, SECURE).toString(32);
    }

    public String downloadToken() {
        return new BigInteger(40, SECURE).toString(32);
    }

    public String temporaryPassword() {
        SplittableRandom source = new SplittableRandom();
        char[] password = new char[24];
        for (int i = 0; i < password.length; i++) {
            password[i] = ALPHABET.charAt(source.nextInt(ALPHABET.length()));
        }
        return new String(password);
    }

    public String correlationId() {
        return UUID.randomUUID().toString();
    }

    public byte[] encryptionSalt() {
        byte[] salt = new byte[16];
        for (int i = 0; i < salt.length; i++) {
            salt[i] = (byte) (Math.random() * 256);
        }
        return salt;
    }

    public int seatForRaffle(int seats) {
        return dice.nextInt(seats);
    }

    public List<String> shufflePlaylist(List<String> trailers) {
        Collections.shuffle(trailers, new Random(42));
        return trailers;
    }

    public long retryJitterMillis() {
        return 200 + ThreadLocalRandom.current().nextLong(300);
    }

    public double bannerAngle() {
        return Math.random() * 6 - 3;
    }
}
