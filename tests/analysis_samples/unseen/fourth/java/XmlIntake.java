package museum.registrar.intake;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;

import javax.servlet.http.HttpServletRequest;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.stream.StreamResult;
import javax.xml.transform.stream.StreamSource;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;

import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/** Reads the loan papers which other museums send. */
class XmlIntake {

    private static final String NO_DOCTYPE = "http://apache.org/xml/features/disallow-doctype-decl";
    private static final String DEFAULTS = "<defaults><climate rh='50'/></defaults>";

    private final DocumentBuilderFactory hardened;

    XmlIntake() throws ParserConfigurationException {
        hardened = DocumentBuilderFactory.newInstance();
        hardened.setFeature(NO_DOCTYPE, true);
        hardened.setXIncludeAware(false);
        hardened.setExpandEntityReferences(false);
    }

    Document direct(HttpServletRequest request) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(request.getInputStream());
    }

    Document careful(HttpServletRequest request) throws IOException, SAXException, ParserConfigurationException {
        return hardened.newDocumentBuilder().parse(request.getInputStream());
    }

    Document settings() throws Exception {
        DocumentBuilder b = safeBuilder();
        return b.parse(new ByteArrayInputStream(DEFAULTS.getBytes("UTF-8")));
    }

    private static DocumentBuilder safeBuilder() throws ParserConfigurationException {
        DocumentBuilderFactory f = DocumentBuilderFactory.newInstance();
        f.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        f.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        f.setFeature("http://xml.org/sax/features/external-general-entities", false);
        f.setFeature("http://xml.org/sax/features/external-parameter-entities", false);
        return f.newDocumentBuilder();
    }

    void events(InputStream upload, DefaultHandler handler) throws Exception {
        SAXParserFactory.newInstance().newSAXParser().parse(upload, handler);
    }

    void eventsHardened(InputStream upload, DefaultHandler handler) throws Exception {
        SAXParserFactory f = SAXParserFactory.newInstance();
        f.setNamespaceAware(true);
        f.setFeature(NO_DOCTYPE, true);
        f.newSAXParser().parse(upload, handler);
    }

    XMLStreamReader stream(String body) throws XMLStreamException {
        return XMLInputFactory.newInstance().createXMLStreamReader(new StringReader(body));
    }

    XMLStreamReader streamHardened(String body) throws XMLStreamException {
        XMLInputFactory f = XMLInputFactory.newFactory();
        f.setProperty(XMLInputFactory.SUPPORT_DTD, Boolean.FALSE);
        f.setProperty("javax.xml.stream.isSupportingExternalEntities", false);
        return f.createXMLStreamReader(new StringReader(body));
    }

    XMLStreamReader streamWithEntities(InputStream body) throws XMLStreamException {
        XMLInputFactory f = XMLInputFactory.newFactory();
        f.setProperty(XMLInputFactory.SUPPORT_DTD, true);
        f.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, true);
        return f.createXMLStreamReader(body);
    }

    void label(InputStream paper, Path target, InputStream style) throws TransformerException, IOException {
        TransformerFactory f = TransformerFactory.newInstance();
        f.setAttribute(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        f.setAttribute(XMLConstants.ACCESS_EXTERNAL_STYLESHEET, "");
        Transformer t = f.newTransformer(new StreamSource(style));
        t.transform(new StreamSource(paper), new StreamResult(Files.newOutputStream(target)));
    }

    // ---- questions to the papers

    NodeList byLender(Document papers, HttpServletRequest request) throws XPathExpressionException {
        String lender = request.getParameter("lender");
        XPath xp = XPathFactory.newInstance().newXPath();
        return (NodeList) xp.evaluate("/loans/loan[@lender='" + lender + "']", papers, XPathConstants.NODESET);
    }

    NodeList byLenderVariable(Document papers, HttpServletRequest request) throws XPathExpressionException {
        String lender = request.getParameter("lender");
        XPath xp = XPathFactory.newInstance().newXPath();
        xp.setXPathVariableResolver(name -> "lender".equals(name.getLocalPart()) ? lender : null);
        return (NodeList) xp.evaluate("/loans/loan[@lender=$lender]", papers, XPathConstants.NODESET);
    }

    String insuranceOf(Document papers, HttpServletRequest request) throws XPathExpressionException {
        String number = request.getParameter("number");
        StringBuilder q = new StringBuilder();
        q.append("//loan[number=\"");
        q.append(number);
        q.append("\"]/insurance/text()");
        return XPathFactory.newInstance().newXPath().compile(q.toString()).evaluate(papers);
    }

    String insuranceAt(Document papers, HttpServletRequest request) throws XPathExpressionException {
        int index = Integer.parseInt(request.getParameter("index"));
        return XPathFactory.newInstance().newXPath().evaluate("//loan[" + index + "]/insurance/text()", papers);
    }

    String firstLender(Document papers) throws XPathExpressionException {
        String field = "lender";
        return XPathFactory.newInstance().newXPath().evaluate("/loans/loan[1]/@" + field, papers);
    }

    Document fromString(HttpServletRequest request) throws Exception {
        String xml = request.getParameter("paper");
        return safeBuilder().parse(new InputSource(new StringReader(xml)));
    }
}
