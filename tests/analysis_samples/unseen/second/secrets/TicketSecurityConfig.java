package example.ticket;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;

@Configuration
public class TicketSecurityConfig {
    private static final String TOKEN_HEADER = "X-Ticket-Token";
    private static final String SECRET_NAME = "ticket/hmac";
    private static final String REVISION = "4f7c588ea6885b391b65468722ac1d5cfe735352";
    private static final List<String> SENSITIVE = List.of("password", "token", "secret");

    @Value("${ticket.hmac.secret}")
    private String hmacSecret;

    @Value("${ticket.partner.password:}")
    private String partnerPassword;

    @Value("${ticket.printer.password:Einlass2024}")
    private String printerPassword;

    @Bean
    PasswordEncoder passwordEncoder() {
        return new BCryptPasswordEncoder(12);
    }

    @Bean
    UserDetailsService users(PasswordEncoder encoder) {
        var gate = User.withUsername("gate")
                .password(encoder.encode("Drehkreuz-5"))
                .roles("GATE")
                .build();
        var office = User.withUsername("office")
                .password(encoder.encode(System.getenv("OFFICE_PASSWORD")))
                .roles("OFFICE")
                .build();
        return new InMemoryUserDetailsManager(gate, office);
    }

    SecretKey barcodeKey() {
        return new SecretKeySpec(hmacSecret.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
    }

    SecretKey seasonKey() {
        return new SecretKeySpec(Base64.getDecoder().decode("Dr1QLP0JSspYjxlHIY3r2Th0ILBTdW+DxibnJe8nepc="), "HmacSHA256");
    }

    byte[] sign(SecretKey key, byte[] data) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(key);
        return mac.doFinal(data);
    }

    PartnerClient partner() {
        return PartnerClient.builder()
                .endpoint("https://partner.ticket.example")
                .username("arena")
                .password(partnerPassword)
                .build();
    }

    PartnerClient resale() {
        return PartnerClient.builder()
                .endpoint("https://resale.ticket.example")
                .username("arena")
                .apiKey("JWMbS3EJYAI7la0uJCegldS4S69KA1DWySpFKFJb")
                .build();
    }

    boolean isSensitive(String field) {
        return SENSITIVE.contains(field) || field.equals(TOKEN_HEADER) || field.equals(SECRET_NAME);
    }

    String info() {
        return REVISION + " printer password " + (printerPassword.isEmpty() ? "unset" : "set");
    }
}
