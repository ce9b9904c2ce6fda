package example.lifeboat.roster;

import java.io.BufferedReader;
import java.io.FileReader;
import java.io.FileWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.HttpURLConnection;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Paths;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;

import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.commons.io.FilenameUtils;
import org.apache.commons.lang3.StringUtils;
import org.apache.commons.text.StringEscapeUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

public class RosterServlet extends HttpServlet {

    private static final Logger logger = LoggerFactory.getLogger(RosterServlet.class);
    private static final List<String> STATIONS = Arrays.asList("north", "harbour", "point");
    private static final String ROOT = "/srv/roster/";
    private static final boolean LEGACY = false;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private static final class Shift {
        private final String crew;
        private final String boat;

        Shift(String crew, String boat) {
            this.crew = crew;
            this.boat = boat;
        }

        String crew() {
            return crew;
        }

        String boat() {
            return boat;
        }
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
        Shift shift = new Shift(request.getParameter("crew"), "severn");
        Deque<String> steps = new ArrayDeque<>();
        steps.push(request.getParameter("step"));
        steps.push("start");
        try (Connection connection = source().getConnection(); Statement st = connection.createStatement()) {
            st.executeUpdate("INSERT INTO shift (boat) VALUES ('" + shift.boat() + "')");
            st.executeUpdate("INSERT INTO shift (crew) VALUES ('" + shift.crew() + "')");
            st.addBatch("DELETE FROM step WHERE name = '" + steps.pop() + "'");
            st.addBatch("DELETE FROM step WHERE name = '" + steps.pop() + "'");
            st.executeBatch();
            String names = Collections.list(request.getParameterNames()).stream().map(n -> "?").collect(Collectors.joining(","));
            connection.prepareStatement("SELECT id FROM crew WHERE name IN (" + names + ")").close();
            String quoted = Arrays.stream(request.getParameterValues("name")).map(n -> "'" + n + "'").collect(Collectors.joining(","));
            connection.prepareStatement("SELECT id FROM crew WHERE name IN (" + quoted + ")").close();
            try (CallableStatement call = connection.prepareCall("{call swap(?, ?)}")) {
                call.setString(1, shift.crew());
                call.setString(2, request.getParameter("other"));
                call.execute();
            }
            if (LEGACY) {
                st.execute("DELETE FROM crew WHERE name = '" + shift.crew() + "'");
            }
        } catch (SQLException | NamingException e) {
            logger.error("roster not changed", e);
            response.sendError(503);
        }
    }

    private DataSource source() throws NamingException {
        return (DataSource) new InitialContext().lookup("java:comp/env/jdbc/roster");
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
        String page = Optional.ofNullable(request.getParameter("page")).orElse("index");
        String station = request.getParameter("station");
        response.setContentType("text/html");
        PrintWriter out = response.getWriter();
        try (BufferedReader reader = new BufferedReader(new FileReader(ROOT + page + ".html"))) {
            out.println(reader.lines().count());
        }
        int index = STATIONS.indexOf(station);
        if (index >= 0) {
            Files.copy(Paths.get(ROOT, STATIONS.get(index) + ".html"), response.getOutputStream());
        }
        try (BufferedReader reader = new BufferedReader(new FileReader(ROOT + FilenameUtils.getName(page)))) {
            out.println(reader.lines().count());
        } catch (InvalidPathException e) {
            response.sendError(404);
        }
        String title = StringUtils.defaultIfBlank(request.getParameter("title"), "Roster");
        out.write("<h1>" + title + "</h1>");
        out.write("<h1>" + StringEscapeUtils.escapeHtml4(title) + "</h1>");
        out.write("<h1>" + StringUtils.abbreviate(station, 20) + "</h1>");
        out.write("<h1>" + (STATIONS.contains(station) ? station : "unknown") + "</h1>");
        Map<String, Function<String, String>> cases = Map.of("up", String::toUpperCase, "down", String::toLowerCase);
        String shown = cases.getOrDefault(request.getParameter("case"), Function.identity()).apply("Lifeboat");
        out.write("<p>" + shown + "</p>");
    }

    @Override
    protected void doPut(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
        String feed = request.getParameter("feed");
        try {
            HttpURLConnection c = (HttpURLConnection) new URL(feed).openConnection();
            c.setConnectTimeout(3000);
            c.setReadTimeout(3000);
            try (InputStream in = c.getInputStream()) {
                response.setIntHeader("X-Length", in.readAllBytes().length);
            }
            int number = Integer.parseInt(request.getParameter("number"));
            HttpRequest known = HttpRequest.newBuilder(URI.create("https://coast.example/feeds/" + number)).timeout(Duration.ofSeconds(5)).build();
            http.send(known, HttpResponse.BodyHandlers.discarding());
            http.send(HttpRequest.newBuilder(URI.create("https://" + request.getHeader("X-Coast") + "/feed")).timeout(Duration.ofSeconds(5)).build(), HttpResponse.BodyHandlers.discarding());
        } catch (MalformedURLException e) {
            response.sendError(400);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    protected void doDelete(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
        String file = request.getParameter("file");
        boolean clean = file.chars().allMatch(Character::isLetterOrDigit);
        if (clean) {
            Files.deleteIfExists(Paths.get(ROOT, file));
            logger.info("removed {}", file);
        } else {
            logger.info("refused {}", file);
            try (FileWriter writer = new FileWriter(ROOT + "refused.txt", true)) {
                writer.write("refused\n");
            }
        }
        String next = request.getParameter("next");
        response.sendRedirect(STATIONS.contains(next) ? "/roster/" + next : "/roster");
    }

    void call(HttpServletRequest request, MimeMessage message) throws MessagingException {
        message.setRecipients(Message.RecipientType.TO, "crew@lifeboat.example");
        message.setSubject("Shout");
        message.addHeader("X-Reason", request.getParameter("reason"));
        message.setText("Reason: " + request.getParameter("reason"));
    }
}
