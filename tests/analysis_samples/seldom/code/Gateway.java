package org.example.gateway;

import ch.ethz.ssh2.ServerHostKeyVerifier;
import com.sun.net.httpserver.HttpExchange;
import java.security.SecureRandom;
import javax.crypto.spec.PBEParameterSpec;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.servlet.FilterChain;
import javax.servlet.ServletRequest;
import javax.servlet.ServletResponse;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import net.schmizz.sshj.SSHClient;
import net.schmizz.sshj.transport.verification.OpenSSHKnownHosts;
import org.apache.sshd.client.SshClient;
import org.bouncycastle.crypto.engines.AESFastEngine;
import org.bouncycastle.crypto.engines.BlowfishEngine;
import org.bouncycastle.crypto.modes.SICBlockCipher;
import org.bouncycastle.crypto.BufferedBlockCipher;
import org.bouncycastle.crypto.paddings.PaddedBufferedBlockCipher;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.server.SecurityWebFilterChain;

public class Gateway {
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain) throws Exception {
        HttpServletRequest asked = (HttpServletRequest) request;
        HttpServletResponse answer = (HttpServletResponse) response;
        answer.setHeader("Access-Control-Allow-Origin", asked.getHeader("Origin"));
        answer.setHeader("Vary", "Origin");
        chain.doFilter(request, response);
    }

    void plain(HttpServletRequest request, HttpServletResponse response) {
        final String from = request.getHeader("origin");
        response.setHeader("Access-Control-Allow-Origin", from);
    }

    void ours(HttpServletRequest request, HttpServletResponse response) {
        String from = request.getHeader("Origin");
        if ("https://desk.example.org".equals(from)) {
            response.setHeader("Access-Control-Allow-Origin", from);
        }
    }

    void anybodyWhoAsks(HttpServletRequest request, HttpServletResponse response) {
        if (request.getHeader("Origin") != null) {
            response.setHeader("Access-Control-Allow-Origin", request.getHeader("Origin"));
        }
    }

    void turnstile(SSHClient client) {
        client.addHostKeyVerifier((host, port, key) -> true);
        client.setConnectTimeout(4000);
    }

    void door(SSHClient client) throws Exception {
        client.addHostKeyVerifier(new OpenSSHKnownHosts(new java.io.File("/etc/ssh/ssh_known_hosts")));
        client.setConnectTimeout(4000);
    }

    void lift(SshClient client) {
        client.setServerKeyVerifier((session, address, key) -> { return true; });
    }

    static class Cloakroom implements ServerHostKeyVerifier {
        public boolean verifyServerHostKey(String host, int port, String algorithm, byte[] key) { return true; }
    }

    void contexts(SSLEngine engine) throws Exception {
        SSLContext.getInstance("SSLv2");
        SSLContext.getInstance("TLSv1.2");
        engine.setEnabledProtocols(new String[] {"TLSv1.3"});
    }

    void listeners(SslFactory museum, SslFactory desk) {
        museum.setIncludeProtocols("SSLv2Hello", "SSLv3");
        desk.setIncludeProtocols("TLSv1.3");
    }

    Object blocks() {
        return new PaddedBufferedBlockCipher(new BlowfishEngine());
    }

    Object moreBlocks() {
        return new BufferedBlockCipher(new AESFastEngine());
    }

    Object counted() {
        return new BufferedBlockCipher(new SICBlockCipher(new AESFastEngine()));
    }

    PBEParameterSpec spiced() {
        return new PBEParameterSpec(new byte[] {7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7}, 600000);
    }

    PBEParameterSpec fresh() {
        byte[] salt = new byte[16];
        new SecureRandom().nextBytes(salt);
        return new PBEParameterSpec(salt, 600000);
    }

    SecurityFilterChain open(HttpSecurity http) throws Exception {
        return http.csrf(protection -> {
            protection.disable();
        }).build();
    }

    SecurityFilterChain openToAll(HttpSecurity http) throws Exception {
        http.csrf(csrf -> csrf.ignoringRequestMatchers("/**"));
        return http.build();
    }

    SecurityFilterChain openHook(HttpSecurity http) throws Exception {
        http.csrf(csrf -> csrf.ignoringRequestMatchers("/hooks/**"));
        return http.build();
    }
}
