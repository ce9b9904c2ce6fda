package shop;

import java.io.File;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.HtmlUtils;

@RestController
public class ShopController {
    private static final Path ROOT = Paths.get("/srv/files");
    private static final Set<String> HOSTS = Set.of("cdn.example.com");
    private final JdbcTemplate jdbc;

    public ShopController(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    @GetMapping("/products")
    public List<Product> products(@RequestParam String category) {
        String sql = "SELECT * FROM products WHERE category = '" + category + "'";
        return jdbc.query(sql, new ProductMapper());
    }

    @GetMapping("/products/{id}")
    public Product product(@PathVariable Long id) {
        return jdbc.queryForObject("SELECT * FROM products WHERE id = " + id, new ProductMapper());
    }

    @GetMapping("/bound")
    public List<Product> bound(@RequestParam String category) {
        return jdbc.query("SELECT * FROM products WHERE category = ?", new ProductMapper(), category);
    }

    @GetMapping("/users")
    public void users(HttpServletRequest request, Connection connection) throws Exception {
        String name = request.getParameter("name");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT * FROM users WHERE name = '" + name + "'");
        PreparedStatement prepared = connection.prepareStatement("SELECT * FROM users WHERE name = ?");
        prepared.setString(1, name);
        prepared.executeQuery();
    }

    @GetMapping("/ping")
    public void ping(@RequestParam("host") String host) throws IOException {
        Runtime.getRuntime().exec("ping -c 1 " + host);
        new ProcessBuilder("ping", "-c", "1", host).start();
    }

    @GetMapping("/file")
    public byte[] file(@RequestParam String name) throws IOException {
        File file = new File("/srv/files/" + name);
        return Files.readAllBytes(file.toPath());
    }

    @GetMapping("/file2")
    public byte[] fileChecked(@RequestParam String name) throws IOException {
        Path path = ROOT.resolve(name).normalize();
        if (!path.startsWith(ROOT)) {
            throw new IllegalArgumentException("outside");
        }
        return Files.readAllBytes(path);
    }

    @GetMapping("/proxy")
    public String proxy(@RequestParam String url) throws IOException {
        URL target = new URL(url);
        return new String(target.openStream().readAllBytes());
    }

    @GetMapping("/go")
    public void go(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.sendRedirect(request.getParameter("next"));
    }

    @GetMapping("/hello")
    public void hello(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String name = request.getParameter("name");
        response.getWriter().println("<h1>Hello " + name + "</h1>");
        response.getWriter().println("<h1>Hello " + HtmlUtils.htmlEscape(name) + "</h1>");
    }

    @PostMapping("/restore")
    public Object restore(HttpServletRequest request) throws Exception {
        ObjectInputStream in = new ObjectInputStream(request.getInputStream());
        return in.readObject();
    }
}
