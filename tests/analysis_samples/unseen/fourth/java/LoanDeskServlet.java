package org.brookside.library.desk;

import java.io.IOException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import javax.sql.DataSource;

import org.owasp.encoder.Encode;

@WebServlet("/desk/*")
public class LoanDeskServlet extends HttpServlet {

    private static final Logger LOG = Logger.getLogger(LoanDeskServlet.class.getName());
    private static final Set<String> BRANCHES = Set.of("north", "harbour", "old-town");
    private static final Map<String, String> AFTER_LOGIN = Map.of("loans", "/desk/loans", "fees", "/desk/fees");

    private transient DataSource catalogue;

    public void setCatalogue(DataSource catalogue) {
        this.catalogue = catalogue;
    }

    @Override
    protected void doGet(HttpServletRequest req, HttpServletResponse resp) throws ServletException, IOException {
        String action = req.getPathInfo() == null ? "/" : req.getPathInfo();
        try (Connection con = catalogue.getConnection()) {
            switch (action) {
                case "/title":
                    findTitle(con, req, resp);
                    break;
                case "/member":
                    showMember(con, req, resp);
                    break;
                case "/overdue":
                    overdue(con, req, resp);
                    break;
                case "/continue":
                    resp.sendRedirect(req.getParameter("next"));
                    break;
                case "/after":
                    resp.sendRedirect(AFTER_LOGIN.getOrDefault(req.getParameter("area"), "/desk/"));
                    break;
                default:
                    resp.sendError(HttpServletResponse.SC_NOT_FOUND, "no such page");
            }
        } catch (SQLException e) {
            LOG.log(Level.SEVERE, "catalogue unavailable", e);
            resp.sendError(HttpServletResponse.SC_INTERNAL_SERVER_ERROR, "please try again later");
        }
    }

    private void findTitle(Connection con, HttpServletRequest req, HttpServletResponse resp)
            throws SQLException, IOException {
        String wanted = req.getParameter("title");
        resp.setContentType("text/html;charset=UTF-8");
        PrintWriter page = resp.getWriter();
        try (Statement st = con.createStatement()) {
            ResultSet rs = st.executeQuery("SELECT id, title FROM book WHERE title LIKE '%" + wanted + "%'");
            page.println("<h2>Results for " + wanted + "</h2>");
            while (rs.next()) {
                page.println("<li>" + Encode.forHtml(rs.getString("title")) + "</li>");
            }
        }
        page.println("<p>Searched for " + Encode.forHtml(wanted) + "</p>");
    }

    private void showMember(Connection con, HttpServletRequest req, HttpServletResponse resp)
            throws SQLException, IOException {
        String branch = req.getParameter("branch");
        int number;
        try {
            number = Integer.parseInt(req.getParameter("number"));
        } catch (NumberFormatException e) {
            resp.sendError(HttpServletResponse.SC_BAD_REQUEST, "number expected");
            return;
        }
        if (!BRANCHES.contains(branch)) {
            resp.sendError(HttpServletResponse.SC_BAD_REQUEST, "unknown branch");
            return;
        }
        resp.setContentType("text/plain;charset=UTF-8");
        try (Statement st = con.createStatement();
                ResultSet rs = st.executeQuery("SELECT name FROM member_" + branch.replace('-', '_') + " WHERE id = " + number)) {
            if (rs.next()) {
                resp.getWriter().println(rs.getString(1));
            }
        }
        LOG.info("member looked up: " + number);
    }

    private void overdue(Connection con, HttpServletRequest req, HttpServletResponse resp)
            throws SQLException, IOException {
        String since = req.getParameter("since");
        StringBuilder sql = new StringBuilder("SELECT member, title FROM loan WHERE returned IS NULL");
        if (since != null) {
            sql.append(" AND due < '").append(since).append("'");
        }
        resp.setContentType("text/plain;charset=UTF-8");
        try (PreparedStatement ps = con.prepareStatement(sql.toString());
                ResultSet rs = ps.executeQuery()) {
            while (rs.next()) {
                resp.getWriter().println(rs.getString(1) + ": " + rs.getString(2));
            }
        }
    }

    @Override
    protected void doPost(HttpServletRequest req, HttpServletResponse resp) throws IOException {
        String card = req.getParameter("card");
        String pin = req.getParameter("pin");
        try (Connection con = catalogue.getConnection();
                PreparedStatement ps = con.prepareStatement("SELECT id FROM member WHERE card = ? AND pin_hash = crypt(?, pin_hash)")) {
            ps.setString(1, card);
            ps.setString(2, pin);
            ResultSet rs = ps.executeQuery();
            if (!rs.next()) {
                LOG.warning("sign-in refused for card " + card);
                resp.sendError(HttpServletResponse.SC_UNAUTHORIZED);
                return;
            }
            HttpSession session = req.getSession(true);
            session.setAttribute("memberId", rs.getLong(1));
            session.setAttribute("deskLanguage", req.getParameter("lang"));
            Cookie remembered = new Cookie("last_branch", "north");
            remembered.setSecure(true);
            remembered.setHttpOnly(false);
            remembered.setAttribute("SameSite", "Lax");
            resp.addCookie(remembered);
            resp.addHeader("Set-Cookie", "desk=1; Path=/desk; Secure; HttpOnly; SameSite=Strict");
        } catch (SQLException e) {
            resp.setContentType("text/plain");
            e.printStackTrace(resp.getWriter());
        }
    }
}
