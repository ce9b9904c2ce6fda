package com.polarpost.platform;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisPassword;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.mail.javamail.JavaMailSenderImpl;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.services.s3.S3Client;

@Configuration
public class StorageSettings {

    private static final String PARCEL_URL = "jdbc:postgresql://pg1.polarpost.com:5432/parcels?sslmode=verify-full";
    private static final String LEGACY_URL = "jdbc:postgresql://pg0.polarpost.com:5432/legacy?sslmode=disable";
    private static final String PASSWORD_PROPERTY = "polarpost.db.password";
    private static final String ARCHIVE_PASSWORD = "Tr0mso!Winter#88";

    @Value("${polarpost.redis.password}")
    private String redisPassword;

    @Bean(destroyMethod = "close")
    HikariDataSource parcels() {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(PARCEL_URL);
        config.setUsername("parcels");
        config.setPassword(System.getenv("PARCEL_DB_PASSWORD"));
        config.setMaximumPoolSize(24);
        config.setConnectionTimeout(Duration.ofSeconds(10).toMillis());
        return new HikariDataSource(config);
    }

    @Bean(destroyMethod = "close")
    HikariDataSource tracking() {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://pg1.polarpost.com:5432/tracking?sslmode=require");
        config.setUsername("tracking");
        config.setPassword(System.getProperty(PASSWORD_PROPERTY));
        config.setMaximumPoolSize(400);
        return new HikariDataSource(config);
    }

    Connection archive() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", "archive");
        properties.setProperty("password", ARCHIVE_PASSWORD);
        properties.setProperty("sslMode", "VERIFY_IDENTITY");
        return DriverManager.getConnection("jdbc:mysql://my1.polarpost.com:3306/archive", properties);
    }

    Connection customs(String password) throws SQLException {
        return DriverManager.getConnection("jdbc:mysql://my2.polarpost.com/customs?useSSL=false", "customs", password);
    }

    Connection legacy(String password) throws SQLException {
        return DriverManager.getConnection(LEGACY_URL, "legacy", password);
    }

    @Bean
    LettuceConnectionFactory cache() {
        RedisStandaloneConfiguration server = new RedisStandaloneConfiguration("cache.polarpost.com", 6380);
        server.setPassword(RedisPassword.of(redisPassword));
        LettuceClientConfiguration client =
                LettuceClientConfiguration.builder().commandTimeout(Duration.ofSeconds(2)).useSsl().build();
        return new LettuceConnectionFactory(server, client);
    }

    @Bean
    CachingConnectionFactory broker(@Value("${polarpost.amqp.password}") String password) throws Exception {
        CachingConnectionFactory factory = new CachingConnectionFactory("mq.polarpost.com", 5671);
        factory.setUsername("router");
        factory.setPassword(password);
        factory.getRabbitConnectionFactory().useSslProtocol(javax.net.ssl.SSLContext.getDefault());
        factory.getRabbitConnectionFactory().enableHostnameVerification();
        return factory;
    }

    @Bean
    JavaMailSenderImpl mail() {
        JavaMailSenderImpl sender = new JavaMailSenderImpl();
        sender.setHost("smtp.polarpost.com");
        sender.setPort(465);
        sender.setUsername("notices");
        sender.setPassword(System.getenv("SMTP_PASSWORD"));
        Properties properties = sender.getJavaMailProperties();
        properties.put("mail.transport.protocol", "smtps");
        properties.put("mail.smtps.connectiontimeout", "5000");
        properties.put("mail.smtps.timeout", "10000");
        properties.put("mail.smtps.ssl.checkserveridentity", "false");
        return sender;
    }

    @Bean
    S3Client labels() {
        return S3Client.builder().credentialsProvider(DefaultCredentialsProvider.create()).build();
    }

    @Bean
    S3Client photos() {
        return S3Client.builder()
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create("AKIA4ZQ7RVNM2PLXW3TB", "q8Vd0mYx3LrT6uKpN1sHcE5wZb9aJf2GiOgR7XtU")))
                .build();
    }

    @Bean
    HikariDataSource reporting(@Value("${reporting.password:Nordlys_4711x}") String password) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://pg2.polarpost.com/reporting?sslmode=verify-ca&sslrootcert=/etc/polarpost/ca.pem");
        config.setUsername("reporting");
        config.setPassword(password);
        config.setMaximumPoolSize(8);
        return new HikariDataSource(config);
    }

    static String describe() {
        return "password comes from " + PASSWORD_PROPERTY + ", sslmode=disable is refused by the server";
    }
}
