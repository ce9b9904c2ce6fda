package eu.hafenlager.portal.config;

import java.time.Duration;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.NoOpPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.settings.ClientSettings;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.servlet.config.annotation.CorsRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

@Configuration
@EnableWebSecurity(debug = true)
public class WebSecurityConfiguration implements WebMvcConfigurer {

    private static final String POLICY = "default-src 'self'; frame-ancestors 'none'";
    private static final long ONE_YEAR = Duration.ofDays(365).toSeconds();

    @Bean
    @Order(1)
    SecurityFilterChain backOffice(HttpSecurity http) throws Exception {
        http.securityMatcher("/office/**")
                .authorizeHttpRequests(a -> a.anyRequest().hasRole("CLERK"))
                .csrf(Customizer.withDefaults())
                .headers(h -> h
                        .contentSecurityPolicy(p -> p.policyDirectives(POLICY))
                        .referrerPolicy(r -> r.policy(ReferrerPolicy.NO_REFERRER))
                        .httpStrictTransportSecurity(s -> s.maxAgeInSeconds(ONE_YEAR).includeSubDomains(true)))
                .requiresChannel(c -> c.anyRequest().requiresSecure())
                .formLogin(Customizer.withDefaults());
        return http.build();
    }

    @Bean
    @Order(2)
    SecurityFilterChain customers(HttpSecurity http) throws Exception {
        http.securityMatcher("/customer/**")
                .authorizeHttpRequests(a -> a
                        .requestMatchers("/customer/signup").permitAll()
                        .anyRequest().authenticated())
                .csrf(AbstractHttpConfigurer::disable)
                .headers(h -> h
                        .contentSecurityPolicy(p -> p.policyDirectives("default-src 'self'; script-src 'self' 'unsafe-inline'"))
                        .referrerPolicy(r -> r.policy(ReferrerPolicy.SAME_ORIGIN))
                        .frameOptions(HeadersConfigurer.FrameOptionsConfig::disable)
                        .contentTypeOptions(t -> t.disable())
                        .httpStrictTransportSecurity(s -> s
                                .includeSubDomains(true)
                                .maxAgeInSeconds(86400)))
                .requiresChannel(c -> c.anyRequest().requiresSecure())
                .sessionManagement(s -> s.sessionCreationPolicy(SessionCreationPolicy.IF_REQUIRED))
                .formLogin(Customizer.withDefaults());
        return http.build();
    }

    @Bean
    @Order(3)
    SecurityFilterChain operations(HttpSecurity http) throws Exception {
        http.securityMatcher("/actuator/**", "/ops/**")
                .authorizeHttpRequests(a -> a
                        .requestMatchers("/actuator/**").permitAll()
                        .requestMatchers("/ops/**").hasAuthority("OPS")
                        .anyRequest().denyAll())
                .headers(h -> h
                        .contentSecurityPolicy(p -> p.policyDirectives(POLICY))
                        .referrerPolicy(r -> r.policy(ReferrerPolicy.NO_REFERRER)))
                .requiresChannel(c -> c.anyRequest().requiresSecure())
                .httpBasic(Customizer.withDefaults());
        return http.build();
    }

    @Bean
    UrlBasedCorsConfigurationSource corsSource() {
        CorsConfiguration tracking = new CorsConfiguration();
        tracking.setAllowedOrigins(List.of("https://track.hafenlager.eu", "https://app.hafenlager.eu"));
        tracking.setAllowCredentials(true);
        tracking.setAllowedMethods(List.of("*"));

        CorsConfiguration widgets = new CorsConfiguration();
        widgets.addAllowedOrigin(CorsConfiguration.ALL);
        widgets.setAllowCredentials(false);

        UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
        source.registerCorsConfiguration("/customer/tracking/**", tracking);
        source.registerCorsConfiguration("/widgets/**", widgets);
        return source;
    }

    @Override
    public void addCorsMappings(CorsRegistry registry) {
        registry.addMapping("/tariffs/**").allowedOrigins("https://www.hafenlager.eu").allowedHeaders("*");
    }

    @Bean
    PasswordEncoder clerkPasswords() {
        return new BCryptPasswordEncoder(12);
    }

    @Bean
    PasswordEncoder scannerPasswords() {
        return NoOpPasswordEncoder.getInstance();
    }

    @Bean
    PasswordEncoder supplierPasswords() {
        return new BCryptPasswordEncoder(6);
    }

    @Bean
    RegisteredClient kioskClient() {
        return RegisteredClient.withId("kiosk")
                .clientId("kiosk")
                .clientAuthenticationMethod(ClientAuthenticationMethod.NONE)
                .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
                .redirectUri("https://kiosk.hafenlager.eu/callback")
                .clientSettings(ClientSettings.builder().requireProofKey(false).build())
                .build();
    }

    @Bean
    RegisteredClient scannerClient() {
        return RegisteredClient.withId("scanner")
                .clientId("scanner")
                .clientAuthenticationMethod(ClientAuthenticationMethod.PRIVATE_KEY_JWT)
                .authorizationGrantType(AuthorizationGrantType.PASSWORD)
                .build();
    }

    @Bean
    RegisteredClient appClient() {
        return RegisteredClient.withId("app")
                .clientId("app")
                .clientAuthenticationMethod(ClientAuthenticationMethod.NONE)
                .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
                .redirectUri("https://app.hafenlager.eu/callback")
                .clientSettings(ClientSettings.builder().requireProofKey(true).build())
                .build();
    }
}
