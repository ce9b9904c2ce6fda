package example.freight.gateway;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Properties;
import javax.crypto.spec.SecretKeySpec;

/** Talks to the carriers. Credentials used to be "user / password" in carriers.xml. */
public final class ShipmentGateway {
    private static final String PASSWORD_KEY = "carrier.password";
    private static final String SECRET_PATH = "/run/secrets/carrier";
    private static final String TRACKING_NAMESPACE = "5360d988-61c6-487c-adb6-08d027f21e2a";
    private static final String PUBLIC_KEY = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2OETXaJuFRc/iW+cRI9QCSR0qNbPDEoJaJT+cAnVZ/wTfBWOpI1sAnt4h9Acfinpv/M2ACe0v7qJ/okm/xokUM==";
    private static final String BUILD_DIGEST = "sha256:da3b78616cb544cd498f73f8d1b1310ef4a4f781bdfb10b18cee911eab94f4b4";
    private static final String CARRIER_TOKEN = "EnKcSohFvTWnAdiMKMCfpCKlLoo3BOD7tRZw";
    private static final String TOKEN_PLACEHOLDER = "<carrier token>";

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final Map<String, String> settings;
    private String apiSecret = "xxG0+vNJrQkgMtq8MI6jrfptp1NrXQmUeAeOOgkV";
    private String apiSecretRef = "vault://carriers/api-secret";

    public ShipmentGateway(Map<String, String> settings) {
        this.settings = settings;
        if (settings.containsKey("carrier.secret")) {
            this.apiSecret = settings.get("carrier.secret");
        }
    }

    Connection ledger() throws SQLException {
        Properties p = new Properties();
        p.setProperty("user", "shipments");
        p.setProperty("password", "Kran.fuehrer_4711");
        p.setProperty("sslmode", "verify-full");
        p.setProperty("connectTimeout", "5");
        p.setProperty("socketTimeout", "30");
        return DriverManager.getConnection("jdbc:postgresql://ledger.internal/shipments", p);
    }

    Connection archive() throws SQLException {
        Properties p = new Properties();
        p.setProperty("user", "archive");
        p.setProperty("password", settings.get(PASSWORD_KEY));
        p.setProperty("sslmode", "verify-full");
        p.setProperty("connectTimeout", "5");
        p.setProperty("socketTimeout", "30");
        return DriverManager.getConnection("jdbc:postgresql://archive.internal/shipments", p);
    }

    SecretKeySpec labelKey() {
        return new SecretKeySpec("CEptIGR62hbiHBhHKnTjidzVfvGcYxl1".getBytes(StandardCharsets.US_ASCII), "AES");
    }

    SecretKeySpec manifestKey() {
        return new SecretKeySpec(Base64.getDecoder().decode(System.getenv("MANIFEST_KEY")), "AES");
    }

    String quote(int grams) throws Exception {
        HttpRequest req = HttpRequest.newBuilder(URI.create("https://carrier.example/quotes?grams=" + grams))
            .header("Authorization", "Bearer " + CARRIER_TOKEN)
            .timeout(Duration.ofSeconds(10))
            .build();
        return http.send(req, HttpResponse.BodyHandlers.ofString()).body();
    }

    String pickup(int depot) throws Exception {
        HttpRequest req = HttpRequest.newBuilder(URI.create("https://pickup.example/depots/" + depot))
            .header("X-Api-Key", "c333db00cffdf2bbbf0cb87324b5a165")
            .header("X-Request-Namespace", TRACKING_NAMESPACE)
            .timeout(Duration.ofSeconds(10))
            .build();
        return http.send(req, HttpResponse.BodyHandlers.ofString()).body();
    }

    String describe() {
        return "password=" + "*".repeat(8) + " digest=" + BUILD_DIGEST + " key=" + PUBLIC_KEY.length()
            + TOKEN_PLACEHOLDER.length() + SECRET_PATH + apiSecretRef + apiSecret.length();
    }
}
