package example.orchard.portal;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.actuate.autoconfigure.security.servlet.EndpointRequest;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.servlet.server.CookieSameSiteSupplier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.ResponseCookie;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.DelegatingPasswordEncoder;
import org.springframework.security.crypto.password.MessageDigestPasswordEncoder;
import org.springframework.security.crypto.password.NoOpPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder;
import org.springframework.security.crypto.scrypt.SCryptPasswordEncoder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.web.bind.annotation.CrossOrigin;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.servlet.config.annotation.CorsRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

@SpringBootApplication
public class PortalSecurity {

    private static final int BCRYPT_COST = 6;
    private static final int STRONG_COST = 12;
    private static final long YEAR = Duration.ofDays(365).toSeconds();
    private static final String STRICT_CSP = "default-src 'self'; frame-ancestors 'none'";

    public static void main(String[] args) {
        SpringApplication app = new SpringApplication(PortalSecurity.class);
        app.setDefaultProperties(Map.of(
                "server.address", "127.0.0.1",
                "server.error.include-stacktrace", "always",
                "server.error.include-message", "never",
                "server.servlet.session.cookie.http-only", "true",
                "server.servlet.session.cookie.secure", "false",
                "management.endpoints.web.exposure.include", "health,info",
                "spring.servlet.multipart.max-file-size", "-1"));
        app.run(args);
    }

    @Configuration
    static class Chains {

        @Bean
        @Order(1)
        SecurityFilterChain actuator(HttpSecurity http) throws Exception {
            return http.securityMatcher(EndpointRequest.toAnyEndpoint())
                    .authorizeHttpRequests(a -> a
                            .requestMatchers(EndpointRequest.to("health")).permitAll()
                            .anyRequest().hasRole("OPERATOR"))
                    .httpBasic(Customizer.withDefaults())
                    .build();
        }

        @Bean
        @Order(2)
        SecurityFilterChain growers(HttpSecurity http) throws Exception {
            http.securityMatcher("/growers/**")
                    .authorizeHttpRequests(a -> a.anyRequest().authenticated())
                    .formLogin(Customizer.withDefaults())
                    .csrf(AbstractHttpConfigurer::disable)
                    .headers(h -> h
                            .contentSecurityPolicy(c -> c.policyDirectives(STRICT_CSP))
                            .frameOptions(HeadersConfigurer.FrameOptionsConfig::sameOrigin)
                            .contentTypeOptions(o -> o.disable())
                            .referrerPolicy(r -> r.policy(ReferrerPolicy.NO_REFERRER)));
            return http.build();
        }

        @Bean
        @Order(3)
        SecurityFilterChain shop(HttpSecurity http) throws Exception {
            http.securityMatcher("/shop/**");
            http.authorizeHttpRequests(a -> a.requestMatchers("/shop/catalogue").permitAll().anyRequest().authenticated());
            http.requiresChannel(c -> c.anyRequest().requiresSecure());
            http.csrf(Customizer.withDefaults());
            http.headers(h -> {
                h.contentSecurityPolicy(c -> c.policyDirectives("script-src 'self' 'unsafe-inline'; frame-ancestors 'self'"));
                h.httpStrictTransportSecurity(s -> s.maxAgeInSeconds(YEAR).includeSubDomains(false));
                h.referrerPolicy(r -> r.policy(ReferrerPolicy.SAME_ORIGIN));
            });
            http.cors(c -> c.configurationSource(partners()));
            return http.build();
        }

        private UrlBasedCorsConfigurationSource partners() {
            CorsConfiguration named = new CorsConfiguration();
            named.setAllowedOrigins(List.of("https://press.orchard.example"));
            named.setAllowCredentials(true);
            CorsConfiguration open = new CorsConfiguration();
            open.addAllowedOrigin("*");
            open.setAllowedMethods(List.of("GET"));
            UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
            source.registerCorsConfiguration("/shop/orders", named);
            source.registerCorsConfiguration("/shop/catalogue", open);
            return source;
        }

        @Bean
        WebMvcConfigurer varieties() {
            return new WebMvcConfigurer() {
                @Override
                public void addCorsMappings(CorsRegistry registry) {
                    registry.addMapping("/varieties/**").allowedOrigins("https://seed.orchard.example");
                    registry.addMapping("/weather/**").allowedMethods("GET").allowedOriginPatterns("*");
                }
            };
        }

        @Bean
        CookieSameSiteSupplier sameSite() {
            return CookieSameSiteSupplier.ofNone().whenHasName("basket");
        }
    }

    @Configuration
    static class Passwords {
        @Bean
        PasswordEncoder encoder() {
            SecureRandom random = new SecureRandom();
            return new DelegatingPasswordEncoder("argon", Map.of(
                    "argon", new Argon2PasswordEncoder(16, 32, 1, 65536, 3),
                    "argon-small", new Argon2PasswordEncoder(16, 32, 1, 4096, 3),
                    "bcrypt", new BCryptPasswordEncoder(STRONG_COST, random),
                    "bcrypt-kiosk", new BCryptPasswordEncoder(BCRYPT_COST),
                    "scrypt", new SCryptPasswordEncoder(131072, 8, 1, 32, 16),
                    "scrypt-fast", new SCryptPasswordEncoder(8192, 8, 1, 32, 16),
                    "pbkdf2", new Pbkdf2PasswordEncoder("", 16, 50_000, Pbkdf2PasswordEncoder.SecretKeyFactoryAlgorithm.PBKDF2WithHmacSHA256),
                    "digest", new MessageDigestPasswordEncoder("SHA-256"),
                    "plain", NoOpPasswordEncoder.getInstance()));
        }
    }

    @RestController
    @RequestMapping("/labels")
    @CrossOrigin(origins = "https://print.orchard.example", allowCredentials = "true")
    static class Labels {
        private final Set<String> sizes = Set.of("A6", "A7");

        @GetMapping("/sizes")
        @CrossOrigin(origins = "*")
        Set<String> sizes() {
            return sizes;
        }

        @GetMapping("/cookie")
        String cookie() {
            ResponseCookie size = ResponseCookie.from("size", "A6").secure(true).httpOnly(true).sameSite("Strict").build();
            ResponseCookie tray = ResponseCookie.from("tray", "2")
                    .secure(true)
                    .httpOnly(false)
                    .sameSite("Lax")
                    .build();
            return size.getName() + tray.getName();
        }
    }
}
