package org.example.depot;

import com.jcraft.jsch.JSch;
import com.jcraft.jsch.Session;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Properties;
import java.util.Set;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.transport.verification.PromiscuousVerifier;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.paddings.PaddedBufferedBlockCipher;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.web.SecurityFilterChain;

public class Depot {
    private static final Set<String> KNOWN = Set.of("https://desk.example.org");

    Session toTheDepot(JSch jsch) throws Exception {
        jsch.setKnownHosts("/etc/ssh/ssh_known_hosts");
        Session session = jsch.getSession("weigh", "depot.example.org", 22);
        session.setConfig("StrictHostKeyChecking", "yes");
        session.setTimeout(5000);
        return session;
    }

    Session toTheScales(JSch jsch) throws Exception {
        Session session = jsch.getSession("weigh", "scales.example.org", 22);
        session.setConfig("StrictHostKeyChecking", "no");
        session.setTimeout(5000);
        return session;
    }

    Session toThePrinters(JSch jsch) throws Exception {
        Session session = jsch.getSession("weigh", "printers.example.org", 22);
        Properties options = new Properties();
        options.put("StrictHostKeyChecking", "no");
        session.setConfig(options);
        session.setTimeout(5000);
        return session;
    }

    void toTheArchive(SSHClient client) throws Exception {
        client.addHostKeyVerifier(new PromiscuousVerifier());
        client.setConnectTimeout(5000);
        client.connect("archive.example.org");
    }

    void toTheMuseum(SSHClient client) throws Exception {
        client.loadKnownHosts();
        client.setConnectTimeout(5000);
        client.connect("museum.example.org");
    }

    void protocols(SSLSocket gate, SSLSocket scales, SSLSocket printers) throws Exception {
        gate.setEnabledProtocols(new String[] {"TLSv1.2", "TLSv1.3"});
        scales.setEnabledProtocols(new String[] {"SSLv3", "TLSv1.2"});
        printers.setEnabledProtocols(new String[] {"SSLv2Hello", "SSLv3"});
        SSLContext.getInstance("TLSv1.3");
        SSLContext.getInstance("SSLv3");
    }

    byte[] derive(char[] password, byte[] stored) throws Exception {
        SecretKeyFactory factory = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512");
        return factory.generateSecret(new PBEKeySpec(password, stored, 210000, 256)).getEncoded();
    }

    byte[] deriveNew(char[] password) throws Exception {
        byte[] salt = new byte[16];
        new SecureRandom().nextBytes(salt);
        SecretKeyFactory factory = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512");
        return factory.generateSecret(new PBEKeySpec(password, salt, 210000, 256)).getEncoded();
    }

    byte[] deriveOld(char[] password) throws Exception {
        SecretKeyFactory factory = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512");
        return factory.generateSecret(new PBEKeySpec(password, "parcels".getBytes(StandardCharsets.UTF_8), 210000, 256)).getEncoded();
    }

    byte[] deriveOlder(char[] password) throws Exception {
        byte[] salt = new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
        SecretKeyFactory factory = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512");
        return factory.generateSecret(new PBEKeySpec(password, salt, 210000, 256)).getEncoded();
    }

    Object seal() {
        return GCMBlockCipher.newInstance(AESEngine.newInstance());
    }

    Object sealOld() {
        return new PaddedBufferedBlockCipher(new AESEngine());
    }

    Object sealOlder() {
        return new PaddedBufferedBlockCipher(AESEngine.newInstance());
    }

    void answer(HttpServletRequest request, HttpServletResponse response) {
        String origin = request.getHeader("Origin");
        if (KNOWN.contains(origin)) {
            response.setHeader("Access-Control-Allow-Origin", origin);
        }
    }

    void answerAnybody(HttpServletRequest request, HttpServletResponse response) {
        response.setHeader("Access-Control-Allow-Origin", request.getHeader("Origin"));
    }

    void answerAnybodyAtAll(HttpServletRequest request, HttpServletResponse response) {
        String origin = request.getHeader("Origin");
        response.addHeader("Access-Control-Allow-Origin", origin);
    }

    void answerTheDesk(HttpServletResponse response) {
        response.setHeader("Access-Control-Allow-Origin", "https://desk.example.org");
    }

    SecurityFilterChain desk(HttpSecurity http) throws Exception {
        return http.authorizeHttpRequests(all -> all.anyRequest().authenticated()).csrf(csrf -> csrf.disable()).build();
    }

    SecurityFilterChain counter(HttpSecurity http) throws Exception {
        http.authorizeHttpRequests(all -> all.anyRequest().authenticated());
        http.csrf(AbstractHttpConfigurer::disable);
        return http.build();
    }

    SecurityFilterChain kiosk(HttpSecurity http) throws Exception {
        http.authorizeHttpRequests(all -> all.anyRequest().authenticated());
        http.csrf().disable();
        return http.build();
    }

    SecurityFilterChain gate(HttpSecurity http) throws Exception {
        return http.authorizeHttpRequests(all -> all.anyRequest().authenticated()).build();
    }
}
