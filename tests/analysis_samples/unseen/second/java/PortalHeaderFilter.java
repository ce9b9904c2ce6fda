package info.stadtwerke.portal;

import java.io.IOException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import javax.servlet.Filter;
import javax.servlet.FilterChain;
import javax.servlet.FilterConfig;
import javax.servlet.ServletContext;
import javax.servlet.ServletContextEvent;
import javax.servlet.ServletContextListener;
import javax.servlet.ServletException;
import javax.servlet.ServletRequest;
import javax.servlet.ServletResponse;
import javax.servlet.SessionCookieConfig;
import javax.servlet.SessionTrackingMode;
import javax.servlet.annotation.WebFilter;
import javax.servlet.annotation.WebListener;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

public final class PortalHeaderFilter {

    private static final Set<String> ORIGINS = new HashSet<>(Arrays.asList(
            "https://kunden.stadtwerke.info", "https://zaehler.stadtwerke.info"));
    private static final String HSTS = "Strict-Transport-Security";

    private PortalHeaderFilter() {}

    abstract static class HttpFilterBase implements Filter {
        @Override
        public void init(FilterConfig config) {}

        @Override
        public void destroy() {}

        @Override
        public final void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            apply((HttpServletRequest) request, (HttpServletResponse) response);
            chain.doFilter(request, response);
        }

        abstract void apply(HttpServletRequest request, HttpServletResponse response) throws IOException;
    }

    @WebFilter("/kunden/*")
    public static class CustomerHeaders extends HttpFilterBase {
        @Override
        void apply(HttpServletRequest request, HttpServletResponse response) {
            response.setHeader(HSTS, "max-age=63072000; includeSubDomains");
            response.setHeader("Content-Security-Policy", "default-src 'self'; frame-ancestors 'self'");
            response.setHeader("X-Content-Type-Options", "nosniff");
            response.setHeader("Referrer-Policy", "same-origin");
            String origin = request.getHeader("Origin");
            if (origin != null && ORIGINS.contains(origin)) {
                response.setHeader("Access-Control-Allow-Origin", origin);
                response.setHeader("Access-Control-Allow-Credentials", "true");
                response.setHeader("Vary", "Origin");
            }
        }
    }

    @WebFilter("/zaehler/*")
    public static class MeterHeaders extends HttpFilterBase {
        @Override
        void apply(HttpServletRequest request, HttpServletResponse response) {
            response.setHeader(HSTS, "max-age=600; includeSubDomains");
            response.setHeader("Content-Security-Policy", "script-src 'self' 'unsafe-eval'; frame-ancestors 'none'");
            response.setHeader("X-Content-Type-Options", "nosniff");
            response.setHeader("Referrer-Policy", "no-referrer");
            String caller = request.getHeader("Origin");
            response.setHeader("Access-Control-Allow-Origin", caller);
            response.setHeader("Vary", "Origin");
        }
    }

    @WebFilter("/offen/*")
    public static class OpenDataHeaders extends HttpFilterBase {
        @Override
        void apply(HttpServletRequest request, HttpServletResponse response) {
            response.setHeader(HSTS, "max-age=31536000");
            response.setHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
            response.setHeader("X-Content-Type-Options", "nosniff");
            response.setHeader("Referrer-Policy", "no-referrer");
            response.addHeader("Access-Control-Allow-Origin", "*");
            response.addHeader("X-Powered-By", "Apache Tomcat/9.0.41 (Debian)");
        }
    }

    @WebFilter("/intern/*")
    public static class InternalGuard extends HttpFilterBase {
        @Override
        void apply(HttpServletRequest request, HttpServletResponse response) throws IOException {
            if (!request.isSecure()) {
                response.sendRedirect("https://intern.stadtwerke.info/");
                return;
            }
            String ticket = request.getHeader("X-Ticket");
            if (ticket != null && ticket.matches("[0-9]{1,9}")) {
                response.setHeader("X-Ticket", ticket);
            }
        }
    }

    @WebFilter("/mahnung/*")
    public static class ReminderLinks extends HttpFilterBase {
        @Override
        void apply(HttpServletRequest request, HttpServletResponse response) {
            String link = "https://" + request.getServerName() + "/konto/zuruecksetzen";
            request.setAttribute("resetLink", link);
            request.setAttribute("homeLink", "https://kunden.stadtwerke.info/konto");
        }
    }

    @WebListener
    public static class SessionSetup implements ServletContextListener {
        @Override
        public void contextInitialized(ServletContextEvent event) {
            ServletContext context = event.getServletContext();
            SessionCookieConfig cookie = context.getSessionCookieConfig();
            cookie.setName("portal");
            cookie.setHttpOnly(false);
            cookie.setSecure(true);
            cookie.setComment("__SAME_SITE_LAX__");
            context.setSessionTrackingModes(EnumSet.of(SessionTrackingMode.COOKIE));
        }

        @Override
        public void contextDestroyed(ServletContextEvent event) {
            event.getServletContext().log("portal stopped");
        }
    }
}
