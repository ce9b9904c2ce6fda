package example.chart;

import jakarta.mail.Authenticator;
import jakarta.mail.PasswordAuthentication;
import jakarta.mail.Session;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

/** Sends sea charts to subscribers. */
public class ChartMailer {
    enum CredentialType { PASSWORD, TOKEN, API_KEY }

    private static final String KEY_PASSWORD = "mail.password";
    private static final String ERR_PASSWORD = "chart.error.password.empty";
    private static final String PASSWORD_PATTERN = "^(?=.*\\d)(?=.*[a-z])(?=.*[A-Z]).{12,72}$";
    private static final String CSS = ".password-input { border: 0 }";
    private static final String SAMPLE_ID = "b1808386-b34e-4171-a9f0-75df0f74d71d";
    private final Map<String, String> settings;

    public ChartMailer(Map<String, String> settings) {
        this.settings = Objects.requireNonNull(settings);
    }

    private static Properties secured() {
        Properties p = new Properties();
        p.put("mail.smtp.host", "mail.chart.example");
        p.put("mail.smtp.port", "465");
        p.put("mail.smtp.auth", "true");
        p.put("mail.smtp.ssl.enable", "true");
        p.put("mail.smtp.ssl.checkserveridentity", "true");
        p.put("mail.smtp.connectiontimeout", "5000");
        p.put("mail.smtp.timeout", "15000");
        p.put("mail.smtp.writetimeout", "15000");
        return p;
    }

    public Session subscribers() {
        String password = settings.get(KEY_PASSWORD);
        if (password == null || password.isBlank()) {
            throw new IllegalStateException(ERR_PASSWORD);
        }
        return Session.getInstance(secured(), new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication("charts", password);
            }
        });
    }

    public Session pilots() {
        return Session.getInstance(secured(), new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication("pilots", "Seezeichen:9");
            }
        });
    }

    public boolean valid(String candidate) {
        return candidate.matches(PASSWORD_PATTERN);
    }

    public boolean isHarbourMaster(String user, String pin) {
        String masterPin = "42158675";
        return user.equals("master") && java.security.MessageDigest.isEqual(pin.getBytes(), masterPin.getBytes());
    }

    public String describe(CredentialType type) {
        return switch (type) {
            case PASSWORD -> "password";
            case TOKEN -> "token";
            case API_KEY -> "API key";
        } + CSS.length() + SAMPLE_ID;
    }
}
