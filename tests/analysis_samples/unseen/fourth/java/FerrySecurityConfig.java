package net.sundline.ferry.config;

import java.util.Arrays;
import java.util.List;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.NoOpPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.CorsConfigurationSource;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

@Configuration
@EnableWebSecurity(debug = true)
public class FerrySecurityConfig {

    private static final long ONE_YEAR = 365L * 24 * 60 * 60;
    private static final int STRENGTH = 4;

    @Value("${ferry.db.password}")
    private String databasePassword;

    @Bean
    @Order(1)
    public SecurityFilterChain booking(HttpSecurity http) throws Exception {
        http.securityMatcher("/booking/**")
                .authorizeHttpRequests(a -> a
                        .requestMatchers(HttpMethod.GET, "/booking/timetable").permitAll()
                        .anyRequest().authenticated())
                .headers(h -> h
                        .contentSecurityPolicy(c -> c.policyDirectives("default-src 'self'; frame-ancestors 'none'"))
                        .httpStrictTransportSecurity(s -> s.maxAgeInSeconds(ONE_YEAR).includeSubDomains(true))
                        .frameOptions(f -> f.sameOrigin()))
                .cors(c -> c.configurationSource(partnerOrigins()))
                .formLogin(f -> f.loginPage("/booking/login"));
        return http.build();
    }

    @Bean
    @Order(2)
    public SecurityFilterChain crew(HttpSecurity http) throws Exception {
        http.securityMatcher("/crew/**")
                .authorizeHttpRequests(a -> a.anyRequest().hasRole("CREW"))
                .csrf(c -> c.disable())
                .headers(h -> h
                        .frameOptions(f -> f.disable())
                        .contentTypeOptions(t -> t.disable())
                        .httpStrictTransportSecurity(s -> s.maxAgeInSeconds(3600)))
                .formLogin(f -> f.loginPage("/crew/login"));
        return http.build();
    }

    @Bean
    @Order(3)
    public SecurityFilterChain operations(HttpSecurity http) throws Exception {
        http.authorizeHttpRequests(a -> a
                        .requestMatchers("/actuator/health").permitAll()
                        .requestMatchers("/actuator/**").permitAll()
                        .anyRequest().authenticated())
                .headers(h -> h.contentSecurityPolicy(c -> c
                        .policyDirectives("default-src 'self'; script-src 'self' 'unsafe-inline'; frame-ancestors 'self'")));
        return http.build();
    }

    CorsConfigurationSource partnerOrigins() {
        CorsConfiguration narrow = new CorsConfiguration();
        narrow.setAllowedOrigins(List.of("https://tickets.sundline.example", "https://agents.sundline.example"));
        narrow.setAllowCredentials(true);
        narrow.setAllowedMethods(Arrays.asList("GET", "POST"));
        UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
        source.registerCorsConfiguration("/booking/**", narrow);
        return source;
    }

    @Bean
    public CorsConfigurationSource openOrigins() {
        CorsConfiguration wide = new CorsConfiguration();
        wide.addAllowedOrigin(CorsConfiguration.ALL);
        wide.setAllowedMethods(List.of("GET"));
        UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
        source.registerCorsConfiguration("/timetable/**", wide);

        CorsConfiguration pattern = new CorsConfiguration();
        pattern.setAllowedOriginPatterns(List.of("https://*.sundline.example"));
        source.registerCorsConfiguration("/fleet/**", pattern);
        return source;
    }

    @Bean
    @Profile("cloud")
    public PasswordEncoder passengerPasswords() {
        return new BCryptPasswordEncoder(12);
    }

    @Bean
    @Profile("terminal")
    public PasswordEncoder terminalPasswords() {
        return new BCryptPasswordEncoder(STRENGTH);
    }

    @Bean
    @Profile("import")
    public PasswordEncoder importedPasswords() {
        return NoOpPasswordEncoder.getInstance();
    }

    @Bean
    public HikariDataSource bookings() {
        HikariConfig pool = new HikariConfig();
        pool.setJdbcUrl("jdbc:postgresql://db.sundline.example/bookings?sslmode=verify-full");
        pool.setUsername("bookings");
        pool.setPassword(databasePassword);
        pool.setMaximumPoolSize(20);
        return new HikariDataSource(pool);
    }

    @Bean
    public HikariDataSource archive() {
        HikariConfig pool = new HikariConfig();
        pool.setJdbcUrl("jdbc:postgresql://archive.sundline.example/trips?sslmode=require");
        pool.setUsername("archive_reader");
        pool.setPassword("Kelp-Tide-4471");
        pool.setMaximumPoolSize(400);
        return new HikariDataSource(pool);
    }
}
