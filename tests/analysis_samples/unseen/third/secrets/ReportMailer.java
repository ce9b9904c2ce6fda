package example.greenhouse.reports;

import jakarta.mail.Authenticator;
import jakarta.mail.PasswordAuthentication;
import jakarta.mail.Session;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import org.springframework.beans.factory.annotation.Value;

public class ReportMailer {

    private static final String PASSWORD_KEY = "mail.password";
    private static final String TOKEN_TYPE = "Bearer";
    private static final String SECRET_PATH = "secret/data/greenhouse/mailer";
    private static final String CLIENT_ID = "f297546a-5234-44e0-ab57-ff3d7d32d092";
    private static final String PUBLIC_KEY =
            "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAKESPuj3vNWlGjzdLlAqN0kKgszZWydUzzrFd5Dt0UGUHaTQpKXnSs0MZsACXCuWa";
    private static final String MAIL_KEY = "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";
    private static final String HUMIDITY_API_KEY = "zhxoq9g3r2lw9p54h67vrxovr92nqivy8mobve7p";
    private static final String CHECKSUM = "sha256:60ab16a01ce91e860751c1137b7762f9a5efc525ab0ab3d159e5aae731d2ab83";
    private static final String NO_PASSWORD = "";

    private static final Map<String, String> MESSAGES = Map.of(
            "password.forgotten", "Forgotten your password?",
            "password.changed", "Your password was changed",
            "token.expired", "This token has expired, please sign in again");

    @Value("${greenhouse.mail.password}")
    private String mailPassword;

    private final Properties settings;

    public ReportMailer(Properties settings) {
        this.settings = settings;
    }

    Session session() {
        Properties p = new Properties();
        p.put("mail.smtps.host", "mail.greenhouse.example");
        p.put("mail.smtps.ssl.checkserveridentity", "true");
        p.put("mail.smtps.connectiontimeout", "5000");
        p.put("mail.smtps.timeout", "8000");
        p.put("mail.smtps.writetimeout", "8000");
        return Session.getInstance(p, new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication("reports", mailPassword);
            }
        });
    }

    Authenticator archiveLogin() {
        return new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication("archive", "mZ5.trellis-Onyx_18q");
            }
        };
    }

    Connection readings() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://readings.internal.example/readings?sslmode=verify-full&connectTimeout=5&socketTimeout=30",
                "reader",
                System.getenv("READINGS_PASSWORD"));
    }

    Connection seeds() throws SQLException {
        Properties login = new Properties();
        login.setProperty("user", "seeds");
        login.setProperty("password", "Gq2-cotyledon.Fox77");
        login.setProperty("socketTimeout", "30");
        login.setProperty("connectTimeout", "5");
        return DriverManager.getConnection(
                "jdbc:postgresql://seeds.internal.example/seeds?sslmode=verify-full", login);
    }

    KeyStore trust(Path file) throws IOException, GeneralSecurityException {
        char[] password = "changeit".toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, password);
        }
        return store;
    }

    KeyStore identity(Path file) throws IOException, GeneralSecurityException {
        char[] password = settings.getProperty(PASSWORD_KEY, NO_PASSWORD).toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, password);
        }
        return store;
    }

    String secretPath() {
        return SECRET_PATH + "#" + CLIENT_ID;
    }

    String header(String token) {
        return TOKEN_TYPE + " " + token;
    }
}
