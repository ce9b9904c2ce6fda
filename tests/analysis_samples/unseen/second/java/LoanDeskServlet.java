package museum.depotwerk.loans;

import jakarta.annotation.Resource;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.MultipartConfig;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Enumeration;
import java.util.Locale;
import java.util.UUID;
import javax.sql.DataSource;
import org.apache.commons.beanutils.BeanUtils;
import org.apache.commons.text.StringEscapeUtils;
import org.owasp.encoder.Encode;

@WebServlet("/desk/*")
@MultipartConfig(maxFileSize = -1L)
public class LoanDeskServlet extends HttpServlet {

    private static final String FIND = "select object_no, title from loan_object where title = ?";

    @Resource(name = "jdbc/depot")
    private transient DataSource depot;

    public static class LoanForm {
        private String borrower;
        private boolean approved;

        public void setBorrower(String borrower) {
            this.borrower = borrower;
        }

        public void setApproved(boolean approved) {
            this.approved = approved;
        }
    }

    @Override
    protected void doGet(HttpServletRequest req, HttpServletResponse resp) throws ServletException, IOException {
        String action = req.getPathInfo() == null ? "" : req.getPathInfo();
        try {
            switch (action) {
                case "/object" -> showObject(req, resp);
                case "/search" -> search(req, resp);
                case "/language" -> language(req, resp);
                case "/exit" -> exit(req, resp);
                default -> resp.sendError(HttpServletResponse.SC_NOT_FOUND);
            }
        } catch (SQLException e) {
            log("query failed", e);
            resp.sendError(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
        }
    }

    private void showObject(HttpServletRequest req, HttpServletResponse resp) throws SQLException, IOException {
        String number = req.getParameter("no");
        resp.setContentType("text/html");
        PrintWriter page = resp.getWriter();
        page.write("<title>" + Encode.forHtml(number) + "</title>");
        try (Connection c = depot.getConnection(); Statement st = c.createStatement()) {
            ResultSet rs = st.executeQuery("select title from loan_object where object_no = '" + number + "'");
            while (rs.next()) {
                page.write("<li>" + StringEscapeUtils.escapeHtml4(rs.getString(1)) + "</li>");
            }
        }
        page.append("<footer>Object ").append(number).append("</footer>");
    }

    private void search(HttpServletRequest req, HttpServletResponse resp) throws SQLException, IOException {
        String title = req.getParameter("title");
        int shelf = Integer.parseInt(req.getParameter("shelf"));
        resp.setContentType("text/plain");
        try (Connection c = depot.getConnection();
                PreparedStatement ps = c.prepareStatement(FIND + " and shelf = " + shelf)) {
            ps.setString(1, title);
            try (ResultSet rs = ps.executeQuery()) {
                resp.getWriter().println(rs.next() ? rs.getString(1) : "none");
            }
        }
        String collection = req.getHeader("X-Collection");
        try (Connection c = depot.getConnection();
                CallableStatement call = c.prepareCall("{call touch_" + collection + "(?)}")) {
            call.setInt(1, shelf);
            call.execute();
        }
    }

    private void language(HttpServletRequest req, HttpServletResponse resp) {
        String requested = req.getParameter("lang");
        String lang = "fr".equals(requested) ? "fr" : "nl";
        Cookie cookie = new Cookie("lang", lang);
        cookie.setSecure(true);
        cookie.setHttpOnly(true);
        cookie.setAttribute("SameSite", "Lax");
        resp.addCookie(cookie);
        Cookie desk = new Cookie("desk", UUID.randomUUID().toString());
        desk.setSecure(false);
        desk.setHttpOnly(false);
        desk.setAttribute("SameSite", "Strict");
        resp.addCookie(desk);
        resp.setLocale(Locale.forLanguageTag(lang));
        resp.setHeader("X-Content-Language", requested);
    }

    private void exit(HttpServletRequest req, HttpServletResponse resp) throws IOException {
        String to = req.getParameter("to");
        if (to == null || to.isBlank()) {
            resp.sendRedirect(req.getContextPath() + "/desk/search");
            return;
        }
        if (to.equals("/catalogue") || to.equals("/visit")) {
            resp.sendRedirect(to);
        } else {
            resp.sendRedirect(resp.encodeRedirectURL(to));
        }
    }

    @Override
    protected void doPost(HttpServletRequest req, HttpServletResponse resp) throws ServletException, IOException {
        HttpSession session = req.getSession();
        if (isFromForm(req, session)) {
            LoanForm form = new LoanForm();
            try {
                BeanUtils.populate(form, req.getParameterMap());
            } catch (ReflectiveOperationException e) {
                throw new ServletException("form could not be read", e);
            }
            session.setAttribute("curator", req.getParameter("curator"));
            session.setAttribute("items", Integer.valueOf(req.getParameter("items")));
            Part photo = req.getPart("photo");
            if ("image/jpeg".equals(photo.getContentType())) {
                photo.write(Path.of("/srv/depot/photos", UUID.randomUUID() + ".jpg").toString());
            }
            Part scan = req.getPart("scan");
            if ("application/pdf".equals(scan.getContentType())) {
                scan.write("/srv/depot/scans/" + scan.getSubmittedFileName());
            }
        }
        Enumeration<String> names = session.getAttributeNames();
        resp.setStatus(names.hasMoreElements() ? 204 : 400);
    }

    private static boolean isFromForm(HttpServletRequest req, HttpSession session) {
        Object expected = session.getAttribute("csrf");
        return expected != null && java.security.MessageDigest.isEqual(
                expected.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8),
                req.getParameter("csrf").getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
