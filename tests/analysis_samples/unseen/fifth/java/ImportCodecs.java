package org.fieldnotes.importer;

import java.beans.XMLDecoder;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectStreamClass;
import java.io.Reader;
import java.io.StringReader;
import java.util.Map;
import java.util.Set;

import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.SAXParser;
import javax.xml.parsers.SAXParserFactory;
import javax.xml.stream.XMLEventReader;
import javax.xml.stream.XMLInputFactory;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.xml.bind.JAXBContext;
import jakarta.xml.bind.JAXBException;

import com.esotericsoftware.kryo.Kryo;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import com.fasterxml.jackson.databind.jsontype.impl.LaissezFaireSubTypeValidator;
import com.thoughtworks.xstream.XStream;
import org.dom4j.io.SAXReader;
import org.jdom2.input.SAXBuilder;
import org.springframework.expression.ExpressionParser;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.expression.spel.support.SimpleEvaluationContext;
import org.xml.sax.InputSource;
import org.xml.sax.XMLReader;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.Constructor;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Ways in which field books of other projects come in. */
public class ImportCodecs {

    private static final Set<String> KNOWN = Set.of("org.fieldnotes.importer.ImportCodecs$Note", "java.lang.String");
    private static final String DOCTYPE_OFF = "http://apache.org/xml/features/disallow-doctype-decl";

    static class KnownOnly extends ObjectInputStream {
        KnownOnly(InputStream in) throws IOException {
            super(in);
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass desc) throws IOException, ClassNotFoundException {
            if (!KNOWN.contains(desc.getName())) {
                throw new ClassNotFoundException(desc.getName());
            }
            return super.resolveClass(desc);
        }
    }

    // ---- objects

    Object fromBody(HttpServletRequest req) throws Exception {
        byte[] body = req.getInputStream().readNBytes(65_536);
        return new ObjectInputStream(new ByteArrayInputStream(body)).readObject();
    }

    Object fromBodyKnown(HttpServletRequest req) throws Exception {
        try (KnownOnly in = new KnownOnly(req.getInputStream())) {
            return in.readObject();
        }
    }

    Object fromBeans(HttpServletRequest req) throws IOException {
        return new XMLDecoder(req.getInputStream()).readObject();
    }

    Object fromXStream(HttpServletRequest req) throws IOException {
        XStream xs = new XStream();
        xs.addPermission(com.thoughtworks.xstream.security.AnyTypePermission.ANY);
        return xs.fromXML(req.getReader());
    }

    Note fromXStreamNarrow(Reader in) {
        XStream xs = new XStream();
        xs.addPermission(com.thoughtworks.xstream.security.NoTypePermission.NONE);
        xs.allowTypes(new Class<?>[] {Note.class});
        return (Note) xs.fromXML(in);
    }

    Object fromYaml(HttpServletRequest req) throws IOException {
        return new Yaml(new Constructor(Object.class, trusting())).load(req.getReader());
    }

    private static LoaderOptions trusting() {
        LoaderOptions o = new LoaderOptions();
        o.setTagInspector(tag -> true);
        return o;
    }

    Map<String, Object> fromYamlSafe(HttpServletRequest req) throws IOException {
        return new Yaml(new SafeConstructor(new LoaderOptions())).load(req.getReader());
    }

    ObjectMapper anyType() {
        ObjectMapper m = new ObjectMapper();
        m.activateDefaultTyping(LaissezFaireSubTypeValidator.instance, ObjectMapper.DefaultTyping.NON_FINAL);
        return m;
    }

    ObjectMapper narrowType() {
        return JsonMapper.builder()
                .activateDefaultTyping(BasicPolymorphicTypeValidator.builder().allowIfSubType("org.fieldnotes.importer.").build(),
                        ObjectMapper.DefaultTyping.NON_FINAL, JsonTypeInfo.As.PROPERTY)
                .build();
    }

    Note fromJson(HttpServletRequest req) throws IOException {
        return new ObjectMapper().readValue(req.getInputStream(), Note.class);
    }

    Kryo strictKryo() {
        Kryo k = new Kryo();
        k.setRegistrationRequired(true);
        k.register(Note.class);
        return k;
    }

    // ---- XML

    Object dom4j(HttpServletRequest req) throws Exception {
        return new SAXReader().read(req.getInputStream());
    }

    Object dom4jSafe(InputStream in) throws Exception {
        SAXReader reader = new SAXReader();
        reader.setFeature(DOCTYPE_OFF, true);
        return reader.read(in);
    }

    Object jdom(HttpServletRequest req) throws Exception {
        return new SAXBuilder().build(req.getInputStream());
    }

    Object jdomSafe(InputStream in) throws Exception {
        SAXBuilder b = new SAXBuilder();
        b.setFeature(DOCTYPE_OFF, true);
        b.setExpandEntities(false);
        return b.build(in);
    }

    XMLEventReader events(HttpServletRequest req) throws Exception {
        XMLInputFactory f = XMLInputFactory.newInstance();
        f.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        f.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        return f.createXMLEventReader(req.getInputStream());
    }

    void loud(String xml) throws Exception {
        SAXParserFactory f = SAXParserFactory.newInstance();
        f.setFeature("http://apache.org/xml/features/disallow-doctype-decl", false);
        f.setFeature("http://xml.org/sax/features/external-general-entities", true);
        SAXParser p = f.newSAXParser();
        XMLReader r = p.getXMLReader();
        r.parse(new InputSource(new StringReader(xml)));
    }

    Note jaxb(HttpServletRequest req) throws JAXBException, Exception {
        DocumentBuilderFactory f = DocumentBuilderFactory.newInstance();
        f.setAttribute(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        f.setAttribute(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
        f.setFeature(DOCTYPE_OFF, true);
        DocumentBuilder b = f.newDocumentBuilder();
        return (Note) JAXBContext.newInstance(Note.class).createUnmarshaller().unmarshal(b.parse(req.getInputStream()));
    }

    Schema shipped() throws Exception {
        SchemaFactory f = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
        f.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        f.setProperty(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
        return f.newSchema(new StreamSource(new File("/opt/fieldnotes/note.xsd")));
    }

    // ---- expressions

    Object compute(HttpServletRequest req) {
        ExpressionParser p = new SpelExpressionParser();
        return p.parseExpression(req.getParameter("formula")).getValue();
    }

    Object computeFixed(Note note) {
        ExpressionParser p = new SpelExpressionParser();
        return p.parseExpression("altitude * 3.281").getValue(SimpleEvaluationContext.forReadOnlyDataBinding().build(), note);
    }

    public static class Note implements java.io.Serializable {
        private static final long serialVersionUID = 3L;
        public String text;
        public double altitude;
    }
}
