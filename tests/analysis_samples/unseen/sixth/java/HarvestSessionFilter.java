package example.harvest.web;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

import com.sun.net.httpserver.HttpServer;
import io.undertow.Undertow;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.SessionCookieConfig;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.core.NewCookie;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ResourceHandler;

public class HarvestSessionFilter implements Filter, ServletContextListener {

    private static final Logger LOG = Logger.getLogger(HarvestSessionFilter.class.getName());
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final boolean SECURE_COOKIES = Boolean.TRUE;
    private static final List<String> FRIENDS = List.of("https://press.harvest.example", "https://mill.harvest.example");
    private static final String ANYWHERE = "0.0.0.0";

    @Override
    public void contextInitialized(ServletContextEvent event) {
        SessionCookieConfig cookie = event.getServletContext().getSessionCookieConfig();
        cookie.setHttpOnly(true);
        cookie.setSecure(false);
        cookie.setAttribute("SameSite", "Lax");
        ServletRegistration.Dynamic upload = event.getServletContext().addServlet("samples", "example.harvest.web.SampleServlet");
        upload.setMultipartConfig(new MultipartConfigElement("/var/harvest/parts", -1L, -1L, 0));
        ServletRegistration.Dynamic photos = event.getServletContext().addServlet("photos", "example.harvest.web.PhotoServlet");
        photos.setMultipartConfig(new MultipartConfigElement("/var/harvest/parts", 2_000_000L, 4_000_000L, 0));
    }

    @Override
    public void doFilter(ServletRequest req, ServletResponse res, FilterChain chain) throws IOException, ServletException {
        HttpServletRequest request = (HttpServletRequest) req;
        HttpServletResponse response = (HttpServletResponse) res;
        response.setHeader("Strict-Transport-Security", "max-age=0");
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("Referrer-Policy", "no-referrer");
        response.setHeader("Content-Security-Policy", "default-src 'self'; script-src 'self' 'unsafe-eval'; frame-ancestors 'none'");
        String origin = request.getHeader("Origin");
        if (origin != null && FRIENDS.contains(origin)) {
            response.setHeader("Access-Control-Allow-Origin", origin);
            response.setHeader("Vary", "Origin");
        }
        try {
            chain.doFilter(req, res);
        } catch (IllegalStateException e) {
            response.setStatus(500);
            PrintWriter out = response.getWriter();
            e.printStackTrace(out);
        } catch (IllegalArgumentException e) {
            LOG.log(Level.WARNING, "request refused", e);
            response.sendError(400, "bad request");
        }
    }

    void openFeed(HttpServletResponse response) {
        response.addHeader("Access-Control-Allow-Origin", "*");
        response.addHeader("Cache-Control", "no-store");
    }

    void basket(HttpServletResponse response) {
        Cookie basket = new Cookie("basket", token(16));
        basket.setSecure(SECURE_COOKIES);
        basket.setHttpOnly(false);
        basket.setAttribute("SameSite", "Strict");
        basket.setMaxAge(3600);
        response.addCookie(basket);

        Cookie field = new Cookie("field", "north");
        field.setSecure(true);
        field.setHttpOnly(true);
        field.setAttribute("SameSite", "Strict");
        response.addCookie(field);
    }

    NewCookie orderCookie() {
        return new NewCookie.Builder("order")
                .value(token(16))
                .secure(true)
                .httpOnly(true)
                .sameSite(NewCookie.SameSite.NONE)
                .build();
    }

    NewCookie farmCookie() {
        return new NewCookie.Builder("farm").value("7").secure(true).httpOnly(true).sameSite(NewCookie.SameSite.LAX).build();
    }

    void rawCookie(HttpServletResponse response) {
        response.addHeader("Set-Cookie", "seat=" + token(16) + "; Path=/; Secure; SameSite=Lax");
        response.addHeader("Set-Cookie", "row=4; Path=/; Secure; HttpOnly; SameSite=Lax");
    }

    private static String token(int bytes) {
        byte[] raw = new byte[bytes];
        RANDOM.nextBytes(raw);
        return HexFormat.of().formatHex(raw);
    }

    Path exportScale(String csv) throws IOException {
        Files.writeString(Path.of("/tmp", "harvest-scale.csv"), csv);
        Path made = Files.createTempFile("harvest-", ".csv");
        Files.writeString(made, csv);
        return made;
    }

    void writeKey(byte[] key) throws IOException {
        Path target = Files.createFile(Path.of("/etc/harvest/api.key"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(target, key);
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-r--r--"));
    }

    void shareDropbox(File box) throws IOException {
        box.setWritable(true, false);
        Set<PosixFilePermission> owner = EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        Files.setPosixFilePermissions(box.toPath().resolve("list.txt"), owner);
        new File(box, "note.txt").setWritable(true, true);
    }

    Server jetty() {
        Server server = new Server();
        ServerConnector inner = new ServerConnector(server);
        inner.setHost("127.0.0.1");
        inner.setPort(8081);
        inner.getConnectionFactory(HttpConnectionFactory.class).getHttpConfiguration().setSendServerVersion(false);
        inner.setIdleTimeout(30_000);
        ServerConnector outer = new ServerConnector(server);
        outer.setHost(ANYWHERE);
        outer.setPort(8082);
        outer.getConnectionFactory(HttpConnectionFactory.class).getHttpConfiguration().setSendServerVersion(true);
        outer.setIdleTimeout(30_000);
        server.addConnector(inner);
        server.addConnector(outer);
        ResourceHandler files = new ResourceHandler();
        files.setDirAllowed(true);
        ResourceHandler icons = new ResourceHandler();
        icons.setDirAllowed(false);
        files.setHandler(icons);
        server.setHandler(files);
        return server;
    }

    Undertow undertow() {
        return Undertow.builder().addHttpListener(8083, "127.0.0.1").build();
    }

    void login(String user, String password) {
        LOG.info("login of " + user.length() + " characters with password " + password);
        LOG.info("password policy checked");
    }

    HttpServer metrics() throws IOException {
        return HttpServer.create(new java.net.InetSocketAddress("localhost", 9100), 16);
    }
}
