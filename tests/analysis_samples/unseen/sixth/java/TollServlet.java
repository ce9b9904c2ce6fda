package example.tollroad.web;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Logger;

import javax.sql.DataSource;

import jakarta.annotation.Resource;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.owasp.encoder.Encode;

@WebServlet(urlPatterns = "/toll/*")
public class TollServlet extends HttpServlet {

    private static final Logger LOG = Logger.getLogger("toll");
    private static final Path RECEIPTS = Path.of("/srv/toll/receipts");
    private static final Set<String> LANES = Set.of("north", "south");
    private static final Map<String, String> ORDER = Map.of("plate", "plate", "when", "passed_at");

    @Resource
    private DataSource source;

    @Override
    protected void doGet(HttpServletRequest req, HttpServletResponse res) throws ServletException, IOException {
        String action = req.getPathInfo() == null ? "" : req.getPathInfo().substring(1);
        try (Connection c = source.getConnection()) {
            switch (action) {
                case "passages" -> passages(c, req, res);
                case "totals" -> totals(c, req, res);
                case "receipt" -> receipt(req, res);
                case "welcome" -> welcome(req, res);
                case "onward" -> onward(req, res);
                case "remember" -> remember(req, res);
                default -> res.sendError(404);
            }
        } catch (SQLException e) {
            LOG.warning("database unavailable");
            res.sendError(503);
        }
    }

    private static String plateOf(HttpServletRequest req) {
        String plate = req.getParameter("plate");
        return plate == null ? "" : plate.trim().toUpperCase();
    }

    private void passages(Connection c, HttpServletRequest req, HttpServletResponse res) throws SQLException, IOException {
        List<String> out = new ArrayList<>();
        String order = ORDER.getOrDefault(req.getParameter("order"), "passed_at");
        try (PreparedStatement ps = c.prepareStatement("SELECT gate FROM passage WHERE plate = ? ORDER BY " + order)) {
            ps.setString(1, plateOf(req));
            try (ResultSet rs = ps.executeQuery()) {
                while (rs.next()) {
                    out.add(rs.getString(1));
                }
            }
        }
        String lane = req.getParameter("lane");
        StringBuilder sql = new StringBuilder("SELECT gate FROM passage WHERE 1 = 1");
        if (lane != null && !lane.isEmpty()) {
            sql.append(" AND lane = '").append(lane).append("'");
        }
        try (Statement st = c.createStatement();
                ResultSet rs = st.executeQuery(sql.toString())) {
            while (rs.next()) {
                out.add(rs.getString(1));
            }
        }
        if (lane != null && LANES.contains(lane)) {
            try (Statement st = c.createStatement();
                    ResultSet rs = st.executeQuery("SELECT gate FROM closure WHERE lane = '" + lane + "'")) {
                while (rs.next()) {
                    out.add(rs.getString(1));
                }
            }
        }
        res.setContentType("text/plain");
        res.getWriter().println(out.size());
    }

    private void totals(Connection c, HttpServletRequest req, HttpServletResponse res) throws SQLException, IOException {
        Map<String, String> filters = new HashMap<>();
        filters.put("gate", "A4");
        filters.put("class", req.getParameter("class"));
        try (Statement st = c.createStatement()) {
            st.execute("UPDATE total SET seen = 1 WHERE gate = '" + filters.get("gate") + "'");
            st.execute("UPDATE total SET seen = 2 WHERE class = '" + filters.get("class") + "'");
            int year = Integer.parseInt(req.getParameter("year"));
            st.execute("UPDATE total SET seen = 3 WHERE year = " + year);
        }
        String month = null;
        for (Cookie cookie : req.getCookies()) {
            if ("month".equals(cookie.getName())) {
                month = cookie.getValue();
            }
        }
        try (PreparedStatement ps = c.prepareStatement("SELECT sum(fee) FROM total WHERE month = '" + month + "'")) {
            ps.executeQuery();
        }
        res.setStatus(204);
    }

    private void receipt(HttpServletRequest req, HttpServletResponse res) throws IOException {
        String name = req.getParameter("name");
        if ("raw".equals(req.getParameter("mode"))) {
            try (FileInputStream in = new FileInputStream(new File(RECEIPTS.toFile(), name))) {
                in.transferTo(res.getOutputStream());
            }
            return;
        }
        Path safe = RECEIPTS.resolve(name).normalize();
        if (!safe.startsWith(RECEIPTS)) {
            res.sendError(400);
            return;
        }
        res.setContentType("application/pdf");
        res.setHeader("Content-Disposition", "attachment; filename=\"receipt.pdf\"");
        Files.copy(safe, res.getOutputStream());
    }

    private void welcome(HttpServletRequest req, HttpServletResponse res) throws IOException {
        res.setContentType("text/html;charset=UTF-8");
        PrintWriter out = res.getWriter();
        String driver = req.getParameter("driver");
        String greeting = driver != null ? "Good trip, " + driver : "Good trip";
        out.println("<p>" + greeting + "</p>");
        out.println("<p>" + Encode.forHtml(greeting) + "</p>");
        out.printf("<p>%d axles</p>%n", Integer.parseInt(req.getParameter("axles")));
        out.printf("<input name='plate' value='%s'>%n", Encode.forHtmlAttribute(plateOf(req)));
        out.printf("<title>%s</title>%n", req.getHeader("X-Device"));
    }

    private void onward(HttpServletRequest req, HttpServletResponse res) throws IOException {
        String to = req.getParameter("to");
        if (to == null) {
            res.sendRedirect("/toll/welcome");
        } else if (req.getParameter("gate") != null) {
            res.sendRedirect("/toll/gate?id=" + URLEncoder.encode(req.getParameter("gate"), StandardCharsets.UTF_8));
        } else {
            res.sendRedirect(to);
        }
    }

    private void remember(HttpServletRequest req, HttpServletResponse res) {
        String tariff = req.getParameter("tariff");
        req.getSession().setAttribute("tariff", tariff);
        req.getSession().setAttribute("lane", LANES.contains(tariff) ? "fast" : "slow");
        res.setHeader("X-Tariff", tariff);
        res.setHeader("X-Tariff-Length", String.valueOf(tariff.length()));
        LOG.info("tariff remembered: " + tariff);
        LOG.info("tariff remembered: " + Encode.forJava(tariff));
        LOG.info("tariff remembered, length " + tariff.length());
    }
}
