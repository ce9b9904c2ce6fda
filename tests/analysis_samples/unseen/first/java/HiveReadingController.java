package ch.immenwerk.hives.web;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.CookieValue;
import org.springframework.web.bind.annotation.CrossOrigin;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.servlet.view.RedirectView;
import org.springframework.web.util.HtmlUtils;

@Controller
public class HiveReadingController {

    private static final Logger logger = LoggerFactory.getLogger(HiveReadingController.class);
    private static final Set<String> LANDING = Set.of("/apiaries", "/readings", "/harvest");
    private static final Pattern HIVE_CODE = Pattern.compile("[A-Z]{2}-\\d{1,4}");

    private final ReadingStore store;

    public HiveReadingController(ReadingStore store) {
        this.store = store;
    }

    interface ReadingStore {
        List<String> notes(String hive);
    }

    @GetMapping(value = "/hive/title", produces = MediaType.TEXT_HTML_VALUE)
    @ResponseBody
    public String title(@RequestParam String name) {
        return "<h1>Hive " + name + "</h1>";
    }

    @GetMapping(value = "/hive/caption", produces = MediaType.TEXT_HTML_VALUE)
    @ResponseBody
    public String caption(@RequestParam String name) {
        return "<h2>Hive " + HtmlUtils.htmlEscape(name) + "</h2>";
    }

    @GetMapping("/hive/banner")
    public void banner(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/html;charset=UTF-8");
        PrintWriter out = response.getWriter();
        String queen = request.getParameter("queen");
        int frames = Integer.parseInt(request.getParameter("frames"));
        out.println("<p>Frames: " + frames + "</p>");
        out.printf("<p>Queen: %s</p>", queen);
    }

    @GetMapping("/hive/notes")
    public String notes(@RequestParam String hive, Model model) {
        model.addAttribute("notes", store.notes(hive));
        model.addAttribute("hive", hive);
        return "hive/notes";
    }

    @GetMapping("/hive/leave")
    public String leave(@RequestParam String next) {
        return "redirect:" + next;
    }

    @GetMapping("/hive/back")
    public String back(@RequestParam String next) {
        return "redirect:" + (LANDING.contains(next) ? next : "/apiaries");
    }

    @GetMapping("/hive/partner")
    public RedirectView partner(@RequestParam("returnTo") String target) {
        RedirectView view = new RedirectView();
        view.setUrl(target);
        return view;
    }

    @GetMapping("/hive/moved")
    public ResponseEntity<Void> moved(@RequestParam long id) {
        return ResponseEntity.status(HttpStatus.MOVED_PERMANENTLY).location(URI.create("/apiaries/" + id)).build();
    }

    @GetMapping("/hive/filter")
    @ResponseBody
    public List<String> filter(@RequestParam String hive, @RequestParam String expr) {
        Pattern wanted = Pattern.compile(expr, Pattern.CASE_INSENSITIVE);
        return store.notes(hive).stream().filter(n -> wanted.matcher(n).find()).collect(Collectors.toList());
    }

    @GetMapping("/hive/find")
    @ResponseBody
    public List<String> find(@RequestParam String hive, @RequestParam String word) {
        Pattern wanted = Pattern.compile(Pattern.quote(word));
        return store.notes(hive).stream().filter(n -> wanted.matcher(n).find()).toList();
    }

    @GetMapping(value = "/hive/invite", produces = MediaType.TEXT_PLAIN_VALUE)
    @ResponseBody
    public String invite(HttpServletRequest request, @RequestParam long apiary) {
        return "https://" + request.getHeader("Host") + "/apiaries/" + apiary + "/join";
    }

    @GetMapping("/hive/unit")
    public ResponseEntity<String> unit(@RequestParam String unit, HttpServletResponse response) {
        ResponseCookie cookie = ResponseCookie.from("unit", "kg".equals(unit) ? "kg" : "lb")
                .secure(true).httpOnly(true).sameSite("Lax").path("/").maxAge(Duration.ofDays(30)).build();
        return ResponseEntity.ok().header(HttpHeaders.SET_COOKIE, cookie.toString()).body("ok");
    }

    @GetMapping("/hive/remember")
    @ResponseBody
    public String remember(@RequestParam int apiary, HttpServletResponse response) {
        Cookie cookie = new Cookie("apiary", Integer.toString(apiary));
        cookie.setHttpOnly(true);
        cookie.setPath("/");
        response.addCookie(cookie);
        ResponseCookie view = ResponseCookie.from("view", "grid")
                .secure(true)
                .httpOnly(false)
                .sameSite("None")
                .build();
        response.addHeader(HttpHeaders.SET_COOKIE, view.toString());
        return "saved";
    }

    @CrossOrigin(origins = "*")
    @GetMapping("/hive/weights")
    @ResponseBody
    public List<String> weights(@RequestParam String hive) {
        if (!HIVE_CODE.matcher(hive).matches()) {
            return List.of();
        }
        logger.info("weights of {}", hive);
        return store.notes(hive);
    }

    @CrossOrigin(origins = "https://maps.immenwerk.ch")
    @GetMapping("/hive/positions")
    @ResponseBody
    public List<String> positions(@RequestParam String hive, @CookieValue("campaign") String campaign, HttpSession session) {
        logger.warn("positions asked by campaign {}", campaign);
        session.setAttribute("campaign", campaign);
        session.setAttribute("lastSeen", System.currentTimeMillis());
        return store.notes(hive);
    }

    @ExceptionHandler(IllegalStateException.class)
    public void failed(IllegalStateException e, HttpServletResponse response) throws IOException {
        logger.error("reading failed", e);
        response.setStatus(500);
        response.setContentType("text/plain");
        e.printStackTrace(response.getWriter());
    }

    @ExceptionHandler(IllegalArgumentException.class)
    public ResponseEntity<String> refused(IllegalArgumentException e) {
        logger.debug("request refused", e);
        return ResponseEntity.badRequest().body("The request could not be read.");
    }
}
