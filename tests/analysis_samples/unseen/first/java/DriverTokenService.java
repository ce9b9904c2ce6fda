package com.velotaxi.identity;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.interfaces.DecodedJWT;
import com.auth0.jwt.interfaces.JWTVerifier;
import io.jsonwebtoken.Claims;
import io.jsonwebtoken.Jws;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.SignatureAlgorithm;
import io.jsonwebtoken.security.Keys;
import java.security.PrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.UUID;
import javax.crypto.SecretKey;

public class DriverTokenService {

    private static final String ISSUER = "https://id.velotaxi.com";
    private static final String AUDIENCE = "dispatch";
    private static final String KIOSK_SECRET = "pedal4ward";

    private final SecretKey sharedKey;
    private final PrivateKey signingKey;
    private final RSAPublicKey publicKey;

    public DriverTokenService(byte[] sharedKey, PrivateKey signingKey, RSAPublicKey publicKey) {
        this.sharedKey = Keys.hmacShaKeyFor(sharedKey);
        this.signingKey = signingKey;
        this.publicKey = publicKey;
    }

    public String shiftToken(String driver) {
        Instant now = Instant.now();
        return Jwts.builder()
                .subject(driver)
                .issuer(ISSUER)
                .audience().add(AUDIENCE).and()
                .issuedAt(Date.from(now))
                .expiration(Date.from(now.plus(15, ChronoUnit.MINUTES)))
                .signWith(sharedKey)
                .compact();
    }

    public String vehicleToken(String vehicle) {
        return Jwts.builder().subject(vehicle).issuer(ISSUER).signWith(signingKey).compact();
    }

    public Claims readShift(String token) {
        Jws<Claims> jws = Jwts.parser()
                .verifyWith(sharedKey)
                .requireIssuer(ISSUER)
                .requireAudience(AUDIENCE)
                .build()
                .parseSignedClaims(token);
        return jws.getPayload();
    }

    public Claims readGuest(String token) {
        return Jwts.parser().unsecured().requireIssuer(ISSUER).requireAudience(AUDIENCE).build()
                .parseUnsecuredClaims(token).getPayload();
    }

    public Claims readRelaxed(String token) {
        return Jwts.parser()
                .verifyWith(sharedKey)
                .requireIssuer(ISSUER)
                .requireAudience(AUDIENCE)
                .clockSkewSeconds(Long.MAX_VALUE / 1000)
                .build()
                .parseSignedClaims(token)
                .getPayload();
    }

    public String kioskToken(String kiosk) {
        return JWT.create()
                .withIssuer(ISSUER)
                .withAudience(AUDIENCE)
                .withSubject(kiosk)
                .withExpiresAt(Instant.now().plusSeconds(600))
                .sign(Algorithm.HMAC256(KIOSK_SECRET));
    }

    public String depotToken(String depot) {
        return JWT.create()
                .withIssuer(ISSUER)
                .withAudience(AUDIENCE)
                .withJWTId(UUID.randomUUID().toString())
                .withSubject(depot)
                .sign(Algorithm.HMAC256(sharedKey.getEncoded()));
    }

    public String riderToken(String rider) {
        return JWT.create()
                .withIssuer(ISSUER)
                .withSubject(rider)
                .withExpiresAt(Instant.now().plusSeconds(900))
                .sign(Algorithm.none());
    }

    public String subjectOf(String token) {
        DecodedJWT jwt = JWT.decode(token);
        return jwt.getSubject();
    }

    public String verifiedSubjectOf(String token) {
        JWTVerifier verifier = JWT.require(Algorithm.RSA256(publicKey, null))
                .withIssuer(ISSUER)
                .withAudience(AUDIENCE)
                .acceptLeeway(5)
                .build();
        return verifier.verify(token).getSubject();
    }

    public String keyIdThenVerify(String token) {
        String kid = JWT.decode(token).getKeyId();
        if (!"depot-2024".equals(kid)) {
            throw new IllegalArgumentException("unknown key");
        }
        return JWT.require(Algorithm.RSA256(publicKey, null)).withIssuer(ISSUER).withAudience(AUDIENCE).build()
                .verify(token).getSubject();
    }

    public String partnerSubject(String token) {
        return JWT.require(Algorithm.RSA256(publicKey, null))
                .withIssuer(ISSUER)
                .build()
                .verify(token)
                .getSubject();
    }

    public String legacy(String subject) {
        return Jwts.builder()
                .setSubject(subject)
                .setIssuer(ISSUER)
                .setExpiration(Date.from(Instant.now().plusSeconds(300)))
                .signWith(signingKey, SignatureAlgorithm.RS256)
                .compact();
    }
}
