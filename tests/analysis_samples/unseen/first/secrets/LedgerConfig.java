package example.ledger;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;

/** Where the club ledger keeps its connections. */
public final class LedgerConfig {
    public static final String PASSWORD = "password";
    public static final String PROP_DB_PASSWORD = "ledger.db.password";
    public static final String TOKEN_ENDPOINT = "https://id.ledger.example/token";
    public static final String MSG_PASSWORD_EXPIRED = "Your password has expired";
    private static final long serialVersionUID = 7263418290123746128L;
    private static final String JAR_SHA256 = "0d507b833b859b9a709983c58a642821ecc18d7add84822e5518586722c5c68d";

    private static final String DB_URL =
            "jdbc:postgresql://pg.ledger.internal/ledger?sslmode=verify-full&connectTimeout=5";
    private static final String REPORT_PASSWORD = "Kassenbuch_77";

    private final String apiToken;
    private char[] keyStorePassword = "f5mwABKEndrRihJvFz".toCharArray();
    private char[] trustStorePassword = System.getenv("TRUST_PASSWORD").toCharArray();

    public LedgerConfig(Path tokenFile) throws Exception {
        this.apiToken = Files.readString(tokenFile).strip();
    }

    public Connection ledger() throws SQLException {
        return DriverManager.getConnection(DB_URL, "ledger", System.getenv("LEDGER_DB_PASSWORD"));
    }

    public Connection members() throws SQLException {
        return DriverManager.getConnection(DB_URL, "members", "Mitglied*2021");
    }

    public Connection reports() throws SQLException {
        Properties props = new Properties();
        props.setProperty("user", "reports");
        props.setProperty("password", REPORT_PASSWORD);
        props.setProperty("sslrootcert", "/etc/ssl/ledger-ca.pem");
        return DriverManager.getConnection(DB_URL, props);
    }

    public Connection audit() throws SQLException {
        Properties props = new Properties();
        props.setProperty("user", "audit");
        props.setProperty("password", "331B25jzwODuXP=8");
        return DriverManager.getConnection(DB_URL, props);
    }

    public Map<String, String> labels() {
        return Map.of(
                "login.password", "Password",
                "login.token", "One-time token",
                "login.secret", "Secret answer",
                "jar", JAR_SHA256);
    }

    public boolean accepts(String grant) {
        return PASSWORD.equals(grant) || "client_secret".equals(grant);
    }

    public String apiToken() {
        return apiToken;
    }

    public int keyStorePasswordLength() {
        return keyStorePassword.length + trustStorePassword.length;
    }
}
