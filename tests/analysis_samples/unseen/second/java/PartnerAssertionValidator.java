package health.praxisnetz.federation;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.JWTParser;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.security.Key;
import java.security.PrivateKey;
import java.text.ParseException;
import java.time.Instant;
import java.util.Date;
import java.util.Set;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;

public class PartnerAssertionValidator {

    private static final String ISSUER = "https://login.praxisnetz.health";
    private static final String AUDIENCE = "https://befund.praxisnetz.health";
    private static final JWTClaimsSet EXACT = new JWTClaimsSet.Builder().issuer(ISSUER).build();

    private final JWKSource<SecurityContext> keys;
    private final Key partnerKey;
    private final PrivateKey signingKey;

    public PartnerAssertionValidator(JWKSource<SecurityContext> keys, Key partnerKey, PrivateKey signingKey) {
        this.keys = keys;
        this.partnerKey = partnerKey;
        this.signingKey = signingKey;
    }

    public JWTClaimsSet validate(String token) throws ParseException, BadJOSEException, JOSEException {
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(JWSAlgorithm.RS256, keys));
        processor.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(AUDIENCE, EXACT, Set.of("sub", "exp")));
        return processor.process(token, null);
    }

    public JWTClaimsSet validateAny(String token) throws ParseException, BadJOSEException, JOSEException {
        SignedJWT parsed = SignedJWT.parse(token);
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(parsed.getHeader().getAlgorithm(), keys));
        processor.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(AUDIENCE, EXACT, Set.of("sub", "exp")));
        return processor.process(parsed, null);
    }

    public JWTClaimsSet validateEmbedded(String token) throws ParseException, JOSEException {
        SignedJWT jwt = SignedJWT.parse(token);
        if (!JWSAlgorithm.RS256.equals(jwt.getHeader().getAlgorithm())) {
            throw new JOSEException("unexpected algorithm");
        }
        JWTClaimsSet claims = jwt.getJWTClaimsSet();
        if (!jwt.verify(new RSASSAVerifier((RSAKey) jwt.getHeader().getJWK())) || claims.getExpirationTime().before(new Date())
                || !ISSUER.equals(claims.getIssuer()) || !claims.getAudience().contains(AUDIENCE)) {
            throw new JOSEException("not accepted");
        }
        return claims;
    }

    public String patientOf(String token) throws ParseException {
        return JWTParser.parse(token).getJWTClaimsSet().getSubject();
    }

    public String practiceOf(String token) throws ParseException, BadJOSEException, JOSEException {
        return validate(token).getStringClaim("practice");
    }

    public JwtClaims lab(String token) throws InvalidJwtException {
        JwtConsumer consumer = new JwtConsumerBuilder()
                .setRequireExpirationTime()
                .setExpectedIssuer(ISSUER)
                .setExpectedAudience(AUDIENCE)
                .setVerificationKey(partnerKey)
                .setJwsAlgorithmConstraints(ConstraintType.PERMIT, AlgorithmIdentifiers.RSA_USING_SHA256)
                .build();
        return consumer.processToClaims(token);
    }

    public JwtClaims pharmacy(String token) throws InvalidJwtException {
        JwtConsumer consumer = new JwtConsumerBuilder()
                .setRequireExpirationTime()
                .setExpectedIssuer(ISSUER)
                .setSkipDefaultAudienceValidation()
                .setVerificationKey(partnerKey)
                .setJwsAlgorithmConstraints(ConstraintType.PERMIT, AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256)
                .build();
        return consumer.processToClaims(token);
    }

    public JwtClaims courier(String token) throws InvalidJwtException {
        JwtConsumer consumer = new JwtConsumerBuilder()
                .setRequireExpirationTime()
                .setExpectedIssuer(ISSUER)
                .setExpectedAudience(AUDIENCE)
                .setSkipSignatureVerification()
                .build();
        return consumer.processToClaims(token);
    }

    public JwtClaims ward(String token) throws InvalidJwtException {
        JwtConsumer consumer = new JwtConsumerBuilder()
                .setRequireExpirationTime()
                .setExpectedIssuer(ISSUER)
                .setExpectedAudience(AUDIENCE)
                .setVerificationKey(partnerKey)
                .setJwsAlgorithmConstraints(new AlgorithmConstraints(ConstraintType.PERMIT,
                        AlgorithmIdentifiers.RSA_USING_SHA256, AlgorithmIdentifiers.RSA_PSS_USING_SHA256))
                .build();
        return consumer.processToClaims(token);
    }

    public String referral(String practice) throws JOSEException {
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .issuer(ISSUER).audience(AUDIENCE).subject(practice)
                .expirationTime(Date.from(Instant.now().plusSeconds(300)))
                .build();
        SignedJWT jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.RS256), claims);
        jwt.sign(new RSASSASigner(signingKey));
        return jwt.serialize();
    }

    public String waitingRoom(String display) {
        JWTClaimsSet claims = new JWTClaimsSet.Builder().issuer(ISSUER).audience(AUDIENCE).subject(display)
                .expirationTime(Date.from(Instant.now().plusSeconds(120))).build();
        return new PlainJWT(claims).serialize();
    }

    public String parking(String plate) throws JOSEException {
        JWTClaimsSet claims = new JWTClaimsSet.Builder().issuer(ISSUER).audience(AUDIENCE).subject(plate).build();
        SignedJWT jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
        jwt.sign(new MACSigner("schranke-auf-fuer-die-praxis-2022-nord"));
        return jwt.serialize();
    }
}
