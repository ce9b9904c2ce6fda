package pt.azulejo.signin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.util.Base64;
import java.util.Date;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

import com.lambdaworks.crypto.SCryptUtil;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import de.mkammerer.argon2.Argon2;
import de.mkammerer.argon2.Argon2Factory;
import jakarta.servlet.http.HttpServletRequest;
import org.apache.commons.text.RandomStringGenerator;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;
import org.springframework.security.crypto.password.MessageDigestPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder.SecretKeyFactoryAlgorithm;
import org.springframework.security.crypto.scrypt.SCryptPasswordEncoder;

public class SignInDesk {

    private static final Logger LOG = LoggerFactory.getLogger(SignInDesk.class);
    private final SecureRandom random = new SecureRandom();
    private final RSAPublicKey issuerKey;

    public SignInDesk(RSAPublicKey issuerKey) {
        this.issuerKey = issuerKey;
    }

    // ---- tokens

    JwtConsumer consumer() {
        return new JwtConsumerBuilder()
                .setRequireExpirationTime()
                .setExpectedIssuer("https://azulejo.example")
                .setExpectedAudience("workshop")
                .setVerificationKey(issuerKey)
                .setJwsAlgorithmConstraints(AlgorithmConstraints.ConstraintType.PERMIT, AlgorithmIdentifiers.RSA_USING_SHA256)
                .build();
    }

    JwtConsumer lenientConsumer() {
        return new JwtConsumerBuilder()
                .setRequireExpirationTime()
                .setExpectedIssuer("https://azulejo.example")
                .setExpectedAudience("workshop")
                .setSkipSignatureVerification()
                .build();
    }

    JwtConsumer anyAudience() {
        return new JwtConsumerBuilder()
                .setRequireExpirationTime()
                .setExpectedIssuer("https://azulejo.example")
                .setSkipDefaultAudienceValidation()
                .setVerificationKey(issuerKey)
                .setJwsAlgorithmConstraints(AlgorithmConstraints.ConstraintType.PERMIT, "RS256", "RS384")
                .build();
    }

    String subject(String token) throws ParseException, JOSEException {
        SignedJWT jwt = SignedJWT.parse(token);
        JWTClaimsSet claims = jwt.getJWTClaimsSet();
        boolean good = JWSAlgorithm.RS256.equals(jwt.getHeader().getAlgorithm())
                && jwt.verify(new RSASSAVerifier(issuerKey))
                && "https://azulejo.example".equals(claims.getIssuer())
                && claims.getAudience().contains("workshop")
                && claims.getExpirationTime() != null
                && claims.getExpirationTime().after(new Date());
        return good ? claims.getSubject() : null;
    }

    String subjectHint(String token) throws ParseException {
        return SignedJWT.parse(token).getJWTClaimsSet().getSubject();
    }

    SignedJWT issue(String painter, byte[] secret) throws JOSEException {
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .subject(painter)
                .issuer("https://azulejo.example")
                .audience("workshop")
                .expirationTime(new Date(System.currentTimeMillis() + 900_000L))
                .build();
        SignedJWT jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
        jwt.sign(new MACSigner(secret));
        return jwt;
    }

    MACSigner kilnSigner() throws JOSEException {
        return new MACSigner("cobalt-blue-on-white-tin-glaze-1755".getBytes(StandardCharsets.UTF_8));
    }

    // ---- passwords

    PasswordEncoder painters() {
        return new Argon2PasswordEncoder(16, 32, 1, 1 << 16, 3);
    }

    PasswordEncoder visitors() {
        return new Argon2PasswordEncoder(16, 32, 1, 1 << 11, 3);
    }

    PasswordEncoder suppliers() {
        return new Pbkdf2PasswordEncoder("", 16, 310_000, SecretKeyFactoryAlgorithm.PBKDF2WithHmacSHA512);
    }

    PasswordEncoder couriers() {
        return new Pbkdf2PasswordEncoder("", 16, 20_000, SecretKeyFactoryAlgorithm.PBKDF2WithHmacSHA256);
    }

    PasswordEncoder clerks() {
        return new SCryptPasswordEncoder(16384, 8, 1, 32, 16);
    }

    PasswordEncoder archive() {
        return new MessageDigestPasswordEncoder("SHA-256");
    }

    String scrypt(String password) {
        return SCryptUtil.scrypt(password, 131072, 8, 1);
    }

    String argon(char[] password) {
        Argon2 argon2 = Argon2Factory.create(Argon2Factory.Argon2Types.ARGON2id);
        try {
            return argon2.hash(3, 65536, 2, password);
        } finally {
            argon2.wipeArray(password);
        }
    }

    String bcrypt(char[] password) {
        byte[] salt = new byte[16];
        random.nextBytes(salt);
        return OpenBSDBCrypt.generate(password, salt, 11);
    }

    String bcryptShared(char[] password) {
        return OpenBSDBCrypt.generate(password, "tile-room-salt-7".getBytes(StandardCharsets.US_ASCII), 12);
    }

    boolean longEnough(String password) {
        return password.length() >= 6;
    }

    boolean notTooLong(String password) {
        return password.length() <= 200;
    }

    // ---- chance

    String activationToken() {
        return new Random().ints(40, 'a', 'z' + 1).mapToObj(Character::toString).collect(Collectors.joining());
    }

    String activationTokenSecure() {
        return random.ints(40, 'a', 'z' + 1).mapToObj(Character::toString).collect(Collectors.joining());
    }

    String voucherPassword() {
        return "pw-" + Math.random() + Math.random();
    }

    String recoveryPassword() {
        return new RandomStringGenerator.Builder().withinRange('0', 'z').usingRandom(random::nextInt).build().generate(28);
    }

    int tileOfTheWeek(int tiles) {
        return new SplittableRandom(42).nextInt(tiles);
    }

    String sessionId() {
        byte[] raw = new byte[24];
        random.nextBytes(raw);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(raw);
    }

    String sessionIdCompact() {
        return Long.toHexString(random.nextLong());
    }

    // ---- at the desk

    boolean check(HttpServletRequest req, String storedToken) throws IOException, GeneralSecurityException {
        String token = req.getParameter("token");
        if (Objects.equals(token, storedToken)) {
            return true;
        }
        LOG.error("token refused, expected {}", storedToken);
        return MessageDigest.isEqual(token.getBytes(StandardCharsets.UTF_8), storedToken.getBytes(StandardCharsets.UTF_8));
    }

    void audit(String painter, int tries) {
        LOG.info("password tries: {}", tries);
        LOG.debug("token checked for {} of the workshop", Integer.toHexString(painter.hashCode()));
    }
}
