package example.allotment.billing;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/** Sends the yearly allotment invoices to the payment provider. */
public final class BillingClient {

    private static final String ENDPOINT = "https://payments.allotment.example/v1/charges";
    private static final String SECRET_KEY = "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";
    public static final String PUBLISHABLE_KEY = "pk_live_51kFx4pMsRPwIKq6SVqhW6x2Z8lbMZASUDhQ94aHSsqNIHVanmX7brhfS1zFs26mAVpyNGJu32EFPN4C7DrcO6HHcG9iOBHGFjA";
    private static final String SECRET_KEY_PROPERTY = "billing.secret.key";
    private static final String PASSWORD_FIELD = "password";
    private static final String TOKEN_HEADER = "X-Auth-Token";
    private static final String MANDATE_ID = "6856c7e2-69c7-4eb5-ae12-bc752b2aa2e5";
    private static final String RELEASE_SHA256 = "ac1d626ebe75f68bf6f5145fc1c127a5b2f6f4afb4207adb1c5fd272d41e29de";
    private static final String MASKED = "sk_live_****************";

    private static final String LEDGER_URL =
            "jdbc:postgresql://ledger.allotment.example:5432/ledger?user=billing&password=4b9XfwaCDDmtEKK601&sslmode=verify-full";
    private static final String ARCHIVE_URL = "jdbc:postgresql://archive.allotment.example:5432/archive?sslmode=verify-full";

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final String apiKey;
    private final String webhookSecret;

    public BillingClient() {
        this.apiKey = Objects.requireNonNull(System.getenv("BILLING_API_KEY"));
        this.webhookSecret = System.getenv().getOrDefault("BILLING_WEBHOOK_SECRET", "whsec_Rg5JERjvpA5BHSNKLX48K6gqm8WDcC42");
    }

    public BillingClient(Map<String, String> settings) {
        this.apiKey = settings.get("apiKey");
        this.webhookSecret = settings.getOrDefault("webhookSecret", "");
    }

    HttpResponse<String> charge(int plot, int cents) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(ENDPOINT))
                .timeout(Duration.ofSeconds(10))
                .header("Authorization", "Bearer " + apiKey)
                .header(TOKEN_HEADER, settingOf(SECRET_KEY_PROPERTY))
                .POST(HttpRequest.BodyPublishers.ofString("plot=" + plot + "&amount=" + cents))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> refund(int plot) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(ENDPOINT + "/refunds"))
                .timeout(Duration.ofSeconds(10))
                .header("Authorization", "Bearer rk_live_z9oNY9pqRr4aSPT1eEw1jPPV")
                .POST(HttpRequest.BodyPublishers.ofString("plot=" + plot))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static String settingOf(String name) {
        return System.getProperty(name, "");
    }

    String prompt() {
        String password = "Please enter your password";
        String hint = "The secret key is printed on your contract";
        return password + "\n" + hint + "\n" + PASSWORD_FIELD + "\n" + MASKED + MANDATE_ID + RELEASE_SHA256;
    }

    boolean webhookConfigured() {
        return !webhookSecret.isEmpty() && !SECRET_KEY.isEmpty() && !LEDGER_URL.equals(ARCHIVE_URL);
    }
}
