package gal.alfandega.declarations;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.util.Map;
import java.util.Set;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

@RestController
public class CustomsDeclarationParser {

    private static final String NO_DOCTYPE = "http://apache.org/xml/features/disallow-doctype-decl";
    private static final String GENERAL = "http://xml.org/sax/features/external-general-entities";
    private static final String PARAMETER = "http://xml.org/sax/features/external-parameter-entities";
    private static final Set<String> OFFICES = Set.of("VIGO", "FERROL", "CORUNHA");

    private Document tariffs;

    @PostMapping("/declarations")
    public int declare(@RequestBody String xml) throws ParserConfigurationException, IOException, SAXException {
        InputSource source = new InputSource(new StringReader(xml));
        Document document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(source);
        return document.getElementsByTagName("line").getLength();
    }

    @PostMapping("/declarations/strict")
    public int declareStrict(@RequestBody String xml) throws ParserConfigurationException, IOException, SAXException {
        Document document = hardened().newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
        return document.getElementsByTagName("line").getLength();
    }

    private static DocumentBuilderFactory hardened() throws ParserConfigurationException {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature(NO_DOCTYPE, true);
        factory.setFeature(GENERAL, false);
        factory.setFeature(PARAMETER, false);
        factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
        factory.setXIncludeAware(false);
        factory.setExpandEntityReferences(false);
        return factory;
    }

    @PostMapping("/declarations/annex")
    public String annex(InputStream body) throws ParserConfigurationException, IOException, SAXException {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature(NO_DOCTYPE, false);
        factory.setFeature(GENERAL, true);
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, false);
        return factory.newDocumentBuilder().parse(body).getDocumentElement().getLocalName();
    }

    @GetMapping("/tariffs/name")
    public String tariffName(@RequestParam String code) throws XPathExpressionException {
        XPath xpath = XPathFactory.newInstance().newXPath();
        String expression = "/tariffs/tariff[@code='" + code + "']/name/text()";
        return xpath.evaluate(expression, tariffs);
    }

    @GetMapping("/tariffs/rate")
    public String tariffRate(@RequestParam String code) throws XPathExpressionException {
        XPath xpath = XPathFactory.newInstance().newXPath();
        Map<String, Object> values = Map.of("code", code);
        xpath.setXPathVariableResolver(name -> values.get(name.getLocalPart()));
        return xpath.evaluate("/tariffs/tariff[@code=$code]/rate/text()", tariffs);
    }

    @GetMapping("/tariffs/chapter/{chapter}")
    public int chapter(@PathVariable int chapter) throws XPathExpressionException {
        XPath xpath = XPathFactory.newInstance().newXPath();
        NodeList nodes = (NodeList) xpath.compile("/tariffs/tariff[@chapter=" + chapter + "]")
                .evaluate(tariffs, XPathConstants.NODESET);
        return nodes.getLength();
    }

    @GetMapping("/tariffs/office")
    public String office(@RequestParam String office) throws XPathExpressionException {
        if (!OFFICES.contains(office)) {
            return "";
        }
        return XPathFactory.newInstance().newXPath().evaluate("//office[@name='" + office + "']/@phone", tariffs);
    }

    @GetMapping("/tariffs/goods")
    public int goods(@RequestParam String keyword) throws XPathExpressionException {
        XPath xpath = XPathFactory.newInstance().newXPath();
        return ((NodeList) xpath.compile(String.format("//goods[contains(., \"%s\")]", keyword)).evaluate(tariffs, XPathConstants.NODESET)).getLength();
    }
}
