package theatre.foyer.boxoffice;

import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.security.MessageDigest;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;

import javax.servlet.http.HttpServletRequest;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.interfaces.DecodedJWT;
import io.jsonwebtoken.Claims;
import io.jsonwebtoken.Jws;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.SignatureAlgorithm;
import io.jsonwebtoken.security.Keys;

public class BoxOfficeTokens {

    private static final String ISSUER = "https://foyer.theatre.example";
    private static final String AUDIENCE = "boxoffice";
    private final Key signing;
    private final RSAPublicKey verifying;

    public BoxOfficeTokens(Key signing, RSAPublicKey verifying) {
        this.signing = signing;
        this.verifying = verifying;
    }

    // ---- issuing

    String seatHold(String customer) {
        Instant now = Instant.now();
        return Jwts.builder()
                .setSubject(customer)
                .setIssuer(ISSUER)
                .setAudience(AUDIENCE)
                .setIssuedAt(Date.from(now))
                .setExpiration(Date.from(now.plus(Duration.ofMinutes(15))))
                .signWith(signing, SignatureAlgorithm.RS256)
                .compact();
    }

    String seasonPass(String customer) {
        return Jwts.builder().setSubject(customer).setIssuer(ISSUER).setAudience(AUDIENCE).signWith(signing).compact();
    }

    String usherPass(String usher) {
        return JWT.create()
                .withSubject(usher)
                .withIssuer(ISSUER)
                .withAudience(AUDIENCE)
                .withExpiresAt(Instant.now().plusSeconds(600))
                .sign(Algorithm.HMAC256("curtain-call-2021"));
    }

    String usherPassKeyed(String usher, byte[] secretFromVault) {
        return JWT.create()
                .withSubject(usher)
                .withIssuer(ISSUER)
                .withExpiresAt(Date.from(Instant.now().plus(Duration.ofHours(2))))
                .sign(Algorithm.HMAC256(secretFromVault));
    }

    String cloakroomSlip(String number) {
        return JWT.create().withClaim("n", number).withExpiresAt(Instant.now().plusSeconds(60)).sign(Algorithm.none());
    }

    // ---- reading

    Claims read(String token) {
        Jws<Claims> jws = Jwts.parserBuilder()
                .requireIssuer(ISSUER)
                .requireAudience(AUDIENCE)
                .setSigningKey(verifying)
                .build()
                .parseClaimsJws(token);
        return jws.getBody();
    }

    String subjectQuick(String token) {
        DecodedJWT jwt = JWT.decode(token);
        return jwt.getSubject();
    }

    String subjectVerified(String token) {
        DecodedJWT jwt = JWT.require(Algorithm.RSA256(verifying, null))
                .withIssuer(ISSUER)
                .withAudience(AUDIENCE)
                .acceptLeeway(5)
                .build()
                .verify(token);
        return jwt.getSubject();
    }

    String subjectOfPartner(String token) {
        return JWT.require(Algorithm.RSA256(verifying, null)).withIssuer(ISSUER).build().verify(token).getSubject();
    }

    Key keyFor(byte[] material) {
        return Keys.hmacShaKeyFor(material);
    }

    // ---- door codes

    boolean doorCode(HttpServletRequest req, String doorSecret) {
        String presented = req.getHeader("X-Door-Secret");
        return doorSecret.equals(presented);
    }

    boolean doorCodeSteady(HttpServletRequest req, String doorSecret) {
        byte[] presented = String.valueOf(req.getHeader("X-Door-Secret")).getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(doorSecret.getBytes(StandardCharsets.UTF_8), presented);
    }

    boolean isMatinee(HttpServletRequest req) {
        return "matinee".equals(req.getParameter("show"));
    }

    // ---- seat plans of touring companies

    Object seatPlan(HttpServletRequest req) throws IOException, ClassNotFoundException {
        return new ObjectInputStream(req.getInputStream()).readObject();
    }

    SeatPlan seatPlanFiltered(InputStream in) throws IOException, ClassNotFoundException {
        try (ObjectInputStream ois = new ObjectInputStream(in)) {
            ois.setObjectInputFilter(ObjectInputFilter.Config.createFilter("theatre.foyer.boxoffice.SeatPlan;java.base/*;!*"));
            return (SeatPlan) ois.readObject();
        }
    }

    // ---- the ticket exchange

    HttpURLConnection exchange(String show) throws IOException {
        String apiKey = System.getenv("EXCHANGE_KEY");
        URL url = new URL("https://exchange.example/shows?apikey=" + apiKey);
        HttpURLConnection c = (HttpURLConnection) url.openConnection();
        c.setConnectTimeout(2000);
        c.setReadTimeout(5000);
        c.setRequestProperty("X-Show", String.valueOf(show.hashCode()));
        return c;
    }

    HttpURLConnection exchangeWithHeader() throws IOException {
        HttpURLConnection c = (HttpURLConnection) new URL("https://exchange.example/shows").openConnection();
        c.setConnectTimeout(2000);
        c.setReadTimeout(5000);
        c.setRequestProperty("Authorization", "Bearer " + System.getenv("EXCHANGE_KEY"));
        return c;
    }

    void reviews() throws IOException {
        HttpURLConnection c = (HttpURLConnection) new URL("http://reviews.example/recent.json").openConnection();
        c.setConnectTimeout(2000);
        c.setReadTimeout(5000);
        c.getResponseCode();
    }

    static class SeatPlan implements java.io.Serializable {
        private static final long serialVersionUID = 1L;
        int rows;
        int seats;
    }
}
