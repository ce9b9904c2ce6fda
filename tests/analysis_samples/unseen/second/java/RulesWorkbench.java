package garten.parzelle.rules;

import freemarker.cache.StringTemplateLoader;
import freemarker.core.HTMLOutputFormat;
import freemarker.template.Configuration;
import freemarker.template.Template;
import freemarker.template.TemplateException;
import groovy.lang.GroovyShell;
import java.io.IOException;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;
import javax.servlet.http.HttpServletRequest;
import ognl.Ognl;
import ognl.OgnlException;
import org.apache.commons.jexl3.JexlBuilder;
import org.apache.commons.jexl3.JexlEngine;
import org.apache.commons.jexl3.MapContext;
import org.apache.struts2.interceptor.ServletRequestAware;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.Velocity;
import org.mvel2.MVEL;
import org.springframework.expression.EvaluationContext;
import org.springframework.expression.ExpressionParser;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.expression.spel.support.SimpleEvaluationContext;
import org.thymeleaf.TemplateEngine;
import org.thymeleaf.templatemode.TemplateMode;
import org.thymeleaf.templateresolver.StringTemplateResolver;

public class RulesWorkbench implements ServletRequestAware {

    private static final Map<String, String> RULES = Map.of(
            "hedge", "height <= 125", "shed", "area <= 24", "tree", "distance >= 200");
    private static final String LETTER = "Dear $name, your plot is $plot.";

    private final ExpressionParser spel = new SpelExpressionParser();
    private final JexlEngine jexl = new JexlBuilder().create();
    private final Map<String, BiFunction<Double, Double, Double>> operators =
            Map.of("sum", Double::sum, "max", Math::max);
    private HttpServletRequest request;

    @Override
    public void setServletRequest(HttpServletRequest request) {
        this.request = request;
    }

    public Object spelRule() {
        String rule = request.getParameter("rule");
        return spel.parseExpression(rule).getValue();
    }

    public Object spelKnown() {
        String rule = RULES.get(request.getParameter("rule"));
        if (rule == null) {
            return Boolean.FALSE;
        }
        EvaluationContext context = SimpleEvaluationContext.forReadOnlyDataBinding().build();
        return spel.parseExpression(rule.replace("height", "120").replace("area", "20").replace("distance", "300")).getValue(context);
    }

    public Object ognlRule() throws OgnlException {
        return Ognl.getValue(request.getParameter("path"), new HashMap<String, Object>(), this);
    }

    public Object ognlPlot() throws OgnlException {
        Map<String, Object> root = new HashMap<>();
        root.put("plot", request.getParameter("plot"));
        return Ognl.getValue("plot.length()", root);
    }

    public Object groovyRule() {
        StringBuilder script = new StringBuilder("def area = 24\n");
        script.append("return ").append(request.getParameter("formula"));
        return new GroovyShell().evaluate(script.toString());
    }

    public Object groovyFixed() {
        GroovyShell shell = new GroovyShell();
        shell.setVariable("plots", Integer.parseInt(request.getParameter("plots")));
        return shell.evaluate("plots * 24");
    }

    public Object mvelRule() {
        String formula = request.getHeader("X-Formula");
        Map<String, Object> variables = new HashMap<>();
        variables.put("area", 24);
        return MVEL.eval(formula, variables);
    }

    public Object jexlRule() {
        String text = request.getParameter("fee") + " * 1.19";
        return jexl.createExpression(text).evaluate(new MapContext());
    }

    public Object operator() {
        double left = Double.parseDouble(request.getParameter("left"));
        double right = Double.parseDouble(request.getParameter("right"));
        BiFunction<Double, Double, Double> chosen = operators.get(request.getParameter("op"));
        return chosen == null ? 0.0 : chosen.apply(left, right);
    }

    static double eval(String formula) {
        return Double.parseDouble(formula.trim());
    }

    public double plainNumber() {
        return eval(request.getParameter("number"));
    }

    public String velocityLetter() {
        VelocityContext context = new VelocityContext();
        context.put("name", request.getParameter("name"));
        context.put("plot", Integer.parseInt(request.getParameter("plot")));
        StringWriter mail = new StringWriter();
        Velocity.evaluate(context, mail, "letter", LETTER);
        return mail.toString();
    }

    public String velocityCustom() {
        StringWriter mail = new StringWriter();
        String letter = request.getParameter("letter");
        Velocity.evaluate(new VelocityContext(), mail, "custom", letter);
        return mail.toString();
    }

    public String freemarkerNotice() throws IOException, TemplateException {
        Configuration configuration = new Configuration(Configuration.VERSION_2_3_32);
        configuration.setOutputFormat(HTMLOutputFormat.INSTANCE);
        StringTemplateLoader loader = new StringTemplateLoader();
        loader.putTemplate("notice", "<p>${text}</p>");
        configuration.setTemplateLoader(loader);
        StringWriter out = new StringWriter();
        configuration.getTemplate("notice").process(Map.of("text", request.getParameter("text")), out);
        return out.toString();
    }

    public Configuration freemarkerBoard() {
        Configuration configuration = new Configuration(Configuration.VERSION_2_3_32);
        configuration.setOutputFormat(HTMLOutputFormat.INSTANCE);
        configuration.setAutoEscapingPolicy(Configuration.DISABLE_AUTO_ESCAPING_POLICY);
        return configuration;
    }

    public String freemarkerCustom() throws IOException, TemplateException {
        Configuration configuration = new Configuration(Configuration.VERSION_2_3_32);
        configuration.setOutputFormat(HTMLOutputFormat.INSTANCE);
        Template template = new Template("custom", request.getParameter("notice"), configuration);
        StringWriter out = new StringWriter();
        template.process(Map.of("plots", 112), out);
        return out.toString();
    }

    public String thymeleafGreeting() {
        TemplateEngine engine = new TemplateEngine();
        StringTemplateResolver resolver = new StringTemplateResolver();
        resolver.setTemplateMode(TemplateMode.HTML);
        engine.setTemplateResolver(resolver);
        org.thymeleaf.context.Context context = new org.thymeleaf.context.Context();
        context.setVariable("name", request.getParameter("name"));
        return engine.process("<p th:text=\"${name}\"></p>", context);
    }

    public String thymeleafCustom() {
        TemplateEngine engine = new TemplateEngine();
        engine.setTemplateResolver(new StringTemplateResolver());
        String layout = "<div>" + request.getParameter("layout") + "</div>";
        return engine.process(layout, new org.thymeleaf.context.Context());
    }
}
