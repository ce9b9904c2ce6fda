package cat.bicicoop.members;

import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.apache.commons.codec.digest.DigestUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;
import org.springframework.security.crypto.bcrypt.BCrypt;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.springframework.security.crypto.password.DelegatingPasswordEncoder;
import org.springframework.security.crypto.password.MessageDigestPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder.SecretKeyFactoryAlgorithm;
import org.springframework.security.crypto.scrypt.SCryptPasswordEncoder;

public class MemberAccountService {

    private static final Logger log = LoggerFactory.getLogger(MemberAccountService.class);
    private static final int KDF_ROUNDS = 10_000;
    private static final int STRONG_ROUNDS = 650_000;
    private static final byte[] COOP_SALT = "bicicoop".getBytes(StandardCharsets.UTF_8);

    public record Registration(
            @NotBlank @Email String email,
            @NotBlank @Size(min = 12, max = 128) String password,
            @Size(min = 2, max = 40) String nickname) {}

    public static class PasswordChange {
        @NotBlank
        @Size(min = 5, max = 72)
        private String newPassword;

        public String getNewPassword() {
            return newPassword;
        }
    }

    public static class KioskEnrolment {
        @Size(min = 10, max = 20)
        private String password;

        public String getPassword() {
            return password;
        }
    }

    private final SecureRandom random = new SecureRandom();
    private final PasswordEncoder members = new Argon2PasswordEncoder(16, 32, 1, 1 << 16, 3);
    private final PasswordEncoder couriers = new Argon2PasswordEncoder(16, 32, 1, 4096, 3);
    private final PasswordEncoder stewards = new SCryptPasswordEncoder(131072, 8, 1, 32, 16);
    private final PasswordEncoder guests = new SCryptPasswordEncoder(1 << 14, 8, 1, 32, 16);
    private final PasswordEncoder mechanics = PasswordEncoderFactories.createDelegatingPasswordEncoder();
    private final PasswordEncoder imported = new MessageDigestPasswordEncoder("SHA-256");

    private final PasswordEncoder treasurers =
            new Pbkdf2PasswordEncoder("", 16, STRONG_ROUNDS, SecretKeyFactoryAlgorithm.PBKDF2WithHmacSHA256);
    private final PasswordEncoder volunteers = new Pbkdf2PasswordEncoder("", 16, 20_000, SecretKeyFactoryAlgorithm.PBKDF2WithHmacSHA256);

    public PasswordEncoder delegating() {
        return new DelegatingPasswordEncoder("argon2", Map.of("argon2", members));
    }

    public byte[] deriveLogin(char[] password, byte[] salt) throws GeneralSecurityException {
        PBEKeySpec spec = new PBEKeySpec(password, salt, KDF_ROUNDS, 256);
        return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
    }

    public byte[] deriveStaffLogin(char[] password) throws GeneralSecurityException {
        byte[] salt = new byte[16];
        random.nextBytes(salt);
        PBEKeySpec spec = new PBEKeySpec(password, salt, 220_000, 512);
        return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512").generateSecret(spec).getEncoded();
    }

    public byte[] deriveShared(char[] password) throws GeneralSecurityException {
        PBEKeySpec spec = new PBEKeySpec(password, COOP_SALT, STRONG_ROUNDS, 256);
        SecretKeyFactory factory = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256");
        return factory.generateSecret(spec).getEncoded();
    }

    public String bcryptFor(String password) {
        return BCrypt.hashpw(password, BCrypt.gensalt(12));
    }

    public String quickBcrypt(String password) {
        return BCrypt.hashpw(password, BCrypt.gensalt(5));
    }

    public String legacyHash(String password, String salt) {
        return DigestUtils.sha512Hex(salt + password);
    }

    public String etag(String page) throws GeneralSecurityException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        return Base64.getEncoder().encodeToString(digest.digest(page.getBytes(StandardCharsets.UTF_8)));
    }

    public boolean confirm(String expectedResetToken, String resetToken) {
        return expectedResetToken.equals(resetToken);
    }

    public boolean confirmDevice(String expectedToken, String token) {
        return MessageDigest.isEqual(
                expectedToken.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
    }

    public boolean sameNickname(String left, String right) {
        return left.equals(right);
    }

    public void enrol(Registration registration) {
        String hash = members.encode(registration.password());
        log.info("member enrolled, hash length {}", hash.length());
        if (log.isDebugEnabled()) {
            log.debug("enrolment with password {}", registration.password());
        }
        log.info("password policy accepted");
    }
}
