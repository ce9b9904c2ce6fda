package tax.fakturant.feed;

import jakarta.xml.bind.JAXBContext;
import jakarta.xml.bind.JAXBException;
import jakarta.xml.bind.annotation.XmlRootElement;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import javax.xml.XMLConstants;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.stax.StAXSource;
import javax.xml.transform.stream.StreamResult;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import org.dom4j.Document;
import org.dom4j.DocumentException;
import org.dom4j.DocumentHelper;
import org.dom4j.Node;
import org.dom4j.io.SAXReader;
import org.jdom2.JDOMException;
import org.jdom2.filter.Filters;
import org.jdom2.input.SAXBuilder;
import org.jdom2.input.sax.XMLReaders;
import org.jdom2.xpath.XPathFactory;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

public class InvoiceFeedReader extends HttpServlet {

    private static final String XERCES_DOCTYPE = "http://apache.org/xml/features/disallow-doctype-decl";
    private static final String PUBLIC_STYLE = "/styles/invoice.xsl";

    private Document ledger;

    @XmlRootElement
    public static class Invoice {
        public String number;
        public long cents;
    }

    @Override
    protected void doPut(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String kind = request.getParameter("kind");
        try (InputStream body = request.getInputStream()) {
            response.setIntHeader("X-Lines", "ubl".equals(kind) ? ubl(body) : plain(body));
        } catch (SAXException | ParserConfigurationException | XMLStreamException e) {
            log("unreadable invoice", e);
            response.sendError(422);
        }
    }

    private static int ubl(InputStream body) throws SAXException, ParserConfigurationException, IOException {
        DefaultHandler handler = new DefaultHandler();
        SAXParserFactory.newInstance().newSAXParser().parse(body, handler);
        return handler.hashCode() & 0xff;
    }

    private static int plain(InputStream body) throws SAXException, ParserConfigurationException, IOException, XMLStreamException {
        SAXParserFactory factory = SAXParserFactory.newInstance();
        factory.setFeature(XERCES_DOCTYPE, true);
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        factory.newSAXParser().parse(body, new DefaultHandler());
        return 1;
    }

    int edifact(InputStream body) throws XMLStreamException {
        XMLStreamReader reader = XMLInputFactory.newInstance().createXMLStreamReader(body);
        int events = 0;
        while (reader.hasNext()) {
            reader.next();
            events++;
        }
        return events;
    }

    int peppol(InputStream body) throws XMLStreamException {
        XMLInputFactory factory = XMLInputFactory.newFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, Boolean.FALSE);
        XMLStreamReader reader = factory.createXMLStreamReader(body);
        int events = 0;
        while (reader.hasNext()) {
            events += reader.next() > 0 ? 1 : 0;
        }
        return events;
    }

    Invoice bind(InputStream body) throws JAXBException, XMLStreamException {
        XMLInputFactory factory = XMLInputFactory.newFactory();
        factory.setProperty("javax.xml.stream.isSupportingExternalEntities", false);
        factory.setProperty("javax.xml.stream.supportDTD", false);
        return (Invoice) JAXBContext.newInstance(Invoice.class).createUnmarshaller().unmarshal(factory.createXMLStreamReader(body));
    }

    void render(InputStream invoice, OutputStream out) throws TransformerException, XMLStreamException {
        TransformerFactory factory = TransformerFactory.newInstance();
        factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_STYLESHEET, "");
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        StreamSource style = new StreamSource(InvoiceFeedReader.class.getResourceAsStream(PUBLIC_STYLE));
        XMLInputFactory input = XMLInputFactory.newFactory();
        input.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.newTransformer(style).transform(new StAXSource(input.createXMLStreamReader(invoice)), new StreamResult(out));
    }

    Schema schema() throws SAXException {
        SchemaFactory factory = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
        return factory.newSchema(InvoiceFeedReader.class.getResource("/schemas/invoice.xsd"));
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            Document order = new SAXReader().read(request.getInputStream());
            response.setIntHeader("X-Nodes", order.nodeCount());
        } catch (DocumentException e) {
            response.sendError(422);
        }
    }

    int credit(InputStream body) throws DocumentException, SAXException {
        SAXReader reader = new SAXReader();
        reader.setFeature(XERCES_DOCTYPE, true);
        return reader.read(body).nodeCount();
    }

    int reminder(InputStream body) throws JDOMException, IOException {
        SAXBuilder builder = new SAXBuilder(XMLReaders.NONVALIDATING);
        builder.setFeature(XERCES_DOCTYPE, true);
        builder.setExpandEntities(false);
        return builder.build(body).getContentSize();
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String number = request.getParameter("number");
        Node node = ledger.selectSingleNode("//invoice[@number='" + number + "']");
        int year = Integer.parseInt(request.getParameter("year"));
        int sameYear = ledger.selectNodes("//invoice[@year='" + year + "']").size();
        org.dom4j.XPath byCustomer = DocumentHelper.createXPath("//invoice[@customer=$customer]");
        byCustomer.setVariableContext((uri, prefix, local) -> request.getParameter("customer"));
        response.setIntHeader("X-Found", node == null ? 0 : sameYear + byCustomer.selectNodes(ledger).size());
    }

    static int jdomCount(org.jdom2.Document document, HttpServletRequest request) {
        String city = request.getParameter("city");
        int all = XPathFactory.instance().compile("//invoice[city='" + city + "']", Filters.element()).evaluate(document).size();
        return all + XPathFactory.instance().compile("//invoice[paid='yes']", Filters.element()).evaluate(document).size();
    }
}
